#include "eif-builder/blobs.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace ncli {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kLargestCmdline = std::uint64_t{64} << 10;
constexpr std::uint64_t kLargestConfig = std::uint64_t{16} << 20;
// All white space of Unicode in UTF-8: the reference trims by it, and what is
// left is measured.
constexpr std::array kWhiteSpace = {" "sv,
                                    "\t"sv,
                                    "\n"sv,
                                    "\v"sv,
                                    "\f"sv,
                                    "\r"sv,
                                    "\xc2\x85"sv,
                                    "\xc2\xa0"sv,
                                    "\xe1\x9a\x80"sv,
                                    "\xe2\x80\x80"sv,
                                    "\xe2\x80\x81"sv,
                                    "\xe2\x80\x82"sv,
                                    "\xe2\x80\x83"sv,
                                    "\xe2\x80\x84"sv,
                                    "\xe2\x80\x85"sv,
                                    "\xe2\x80\x86"sv,
                                    "\xe2\x80\x87"sv,
                                    "\xe2\x80\x88"sv,
                                    "\xe2\x80\x89"sv,
                                    "\xe2\x80\x8a"sv,
                                    "\xe2\x80\xa8"sv,
                                    "\xe2\x80\xa9"sv,
                                    "\xe2\x80\xaf"sv,
                                    "\xe2\x81\x9f"sv,
                                    "\xe3\x80\x80"sv};
constexpr std::string_view kRemedy =
    "; give the directory with the blobs by --blobs-path or NITRO_CLI_BLOBS, "
    "or this file by its own option";

bool is_arm64(const image::Platform& platform) {
  return platform.architecture == "arm64";
}

std::string_view trim(std::string_view text) {
  const auto drop_one = [&text] {
    for (const std::string_view space : kWhiteSpace) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        return true;
      }
      if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        return true;
      }
    }
    return false;
  };
  while (drop_one()) {
  }
  return text;
}

// Refuses what would boot to nothing: an enclave gives no hint why.
void check_kernel(const ByteSource& kernel, const std::filesystem::path& path,
                  const image::Platform& platform) {
  const auto wrong_kernel = [&](std::string_view reason) {
    return Error(
        ErrorCode::kEifBuilding,
        cat("cannot take the kernel ", quote(path.native()), ": ", reason));
  };
  std::array<char, 0x206> bytes{};
  const std::size_t size = std::min<std::uint64_t>(bytes.size(), kernel.size());
  kernel.read_at(0, std::as_writable_bytes(std::span(bytes).first(size)));
  const std::string_view head(bytes.data(), size);
  if (head.starts_with("\x7f"
                       "ELF"sv)) {
    throw wrong_kernel(
        "it is an ELF file (vmlinux), which the hypervisor cannot start; give "
        "the compressed image of the same build, arch/x86/boot/bzImage (arm64: "
        "arch/arm64/boot/Image)");
  }
  if (is_arm64(platform)) {
    if (size >= 0x3c && head.substr(0x38, 4) == "ARM\x64"sv) return;
    throw wrong_kernel("it is no arm64 Image (its magic number is missing)");
  }
  if (size == bytes.size() && head.substr(0x1fe, 2) == "\x55\xaa"sv &&
      head.substr(0x202, 4) == "HdrS"sv) {
    return;
  }
  throw wrong_kernel("it is no x86 bzImage (its boot header is missing)");
}

template <class Open>
auto open_blob(std::string_view what, const Open& open) {
  try {
    return open();
  } catch (const Error& error) {
    throw Error(error.code(),
                cat("cannot take the ", what, ": ", error.what(), kRemedy));
  }
}

}  // namespace

Blobs open_blobs(const BlobPaths& paths, const image::Platform& platform) {
  const bool arm64 = is_arm64(platform);
  std::filesystem::path directory = paths.directory;
  std::error_code ignored;
  const std::filesystem::path own = directory / (arm64 ? "aarch64" : "x86_64");
  if (std::filesystem::is_directory(own, ignored)) directory = own;

  const std::filesystem::path image = arm64 ? "Image" : "bzImage";
  const auto file = [&](std::string_view what,
                        const std::optional<std::filesystem::path>& path,
                        const std::filesystem::path& name) {
    return open_blob(what, [&] {
      return open_file(path.value_or(directory / name),
                       ErrorCode::kEifBuilding);
    });
  };
  Blobs blobs;
  blobs.kernel = file("kernel", paths.kernel, image);
  check_kernel(*blobs.kernel, paths.kernel.value_or(directory / image),
               platform);
  blobs.kernel_config = open_blob("kernel configuration", [&] {
    return read_small_file(
        paths.kernel_config.value_or(directory / (image.native() + ".config")),
        kLargestConfig, ErrorCode::kEifBuilding);
  });
  blobs.cmdline = open_blob("kernel command line", [&] {
    return std::string(
        trim(read_small_file(paths.cmdline.value_or(directory / "cmdline"),
                             kLargestCmdline, ErrorCode::kFileOperation)));
  });
  blobs.init = file("init", paths.init, "init");
  if (!paths.without_nsm) {
    blobs.nsm =
        file("NSM driver (or leave it out by --nsm none)", paths.nsm, "nsm.ko");
  }
  return blobs;
}

}  // namespace ncli
