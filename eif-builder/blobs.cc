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
constexpr std::string_view kWhiteSpace = " \t\n\r\v\f"sv;
constexpr std::string_view kRemedy =
    "; give the directory with the blobs by --blobs-path or NITRO_CLI_BLOBS, "
    "or this file by its own option";

bool is_arm64(const image::Platform& platform) {
  return platform.architecture == "arm64";
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

Error wrong_kernel(std::string_view reason) {
  return Error(ErrorCode::kEifBuilding,
               cat("cannot take this kernel: ", reason));
}

// Refuses what would boot to nothing: an enclave gives no hint why.
void check_kernel(const ByteSource& kernel, const image::Platform& platform) {
  std::array<char, 0x206> bytes{};
  const std::size_t size =
      std::min<std::uint64_t>(bytes.size(), kernel.size());
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
    throw Error(error.code(), cat("cannot take the ", what, ": ", error.what(),
                                  kRemedy));
  }
}

}  // namespace

Blobs open_blobs(const BlobPaths& paths, const image::Platform& platform) {
  const bool arm64 = is_arm64(platform);
  std::filesystem::path directory = paths.directory;
  std::error_code ignored;
  const std::filesystem::path own =
      directory / (arm64 ? "aarch64" : "x86_64");
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
  check_kernel(*blobs.kernel, platform);
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
    blobs.nsm = file("NSM driver (or leave it out by --nsm none)", paths.nsm,
                     "nsm.ko");
  }
  return blobs;
}

}  // namespace ncli
