// ncli build-enclave: a container image in, an enclave image file out.
#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/eif-json.h"
#include "cli/environment.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "eif-builder/build.h"

namespace ncli::cli {
namespace {

constexpr const char* kDefaultBlobs = "/usr/share/nitro_enclaves/blobs";

using Value = std::optional<std::string>;  // of an option; none: not given

struct Options {
  std::string docker_uri;
  std::string output_file;
  std::string command = "nitro";
  std::string max_size = "16G";
  Value docker_dir;
  Value platform;
  Value blobs_path;
  Value kernel;
  Value kernel_config;
  Value cmdline;
  Value init;
  Value nsm;
  Value name;
  Value version;
  Value metadata;
  Value build_time;
};

Error invalid(std::string_view option, const std::string& value,
              std::string_view wanted) {
  return Error(ErrorCode::kInvalidArgument,
               cat("cannot take ", option, " ", quote(value), ": ", wanted));
}

image::Platform platform_option(const Value& text) {
  if (!text) return image::host_platform();
  const auto platform = image::parse_platform(*text);
  if (platform) return *platform;
  throw invalid("--platform", *text, "give linux/amd64 or linux/arm64");
}

std::optional<eif::Timestamp> time_from(std::string_view option,
                                        const std::string& text) {
  std::int64_t seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seconds);
  // Years 0 to 9999, which RFC 3339 can write.
  constexpr std::int64_t kLatest = 253402300799;
  if (error == std::errc() && rest == end && seconds >= 0 &&
      seconds <= kLatest) {
    return eif::Timestamp{.seconds = seconds, .nanoseconds = 0};
  }
  if (const auto time = eif::parse_timestamp(text)) return time;
  throw invalid(option, text,
                "give a time as 2026-11-24T12:00:00Z, or the seconds since "
                "1970");
}

std::optional<eif::Timestamp> build_time_option(const Value& text) {
  if (text) return time_from("--build-time", *text);
  const auto epoch = environment("SOURCE_DATE_EPOCH");
  if (epoch) return time_from("SOURCE_DATE_EPOCH", *epoch);
  return {};
}

eif::Timestamp now() {
  using namespace std::chrono;
  const auto since = system_clock::now().time_since_epoch();
  const auto whole = floor<seconds>(since);
  return {.seconds = whole.count(),
          .nanoseconds = static_cast<std::uint32_t>(
              duration_cast<nanoseconds>(since - whole).count())};
}

BlobPaths blob_paths(const Options& options) {
  const std::string directory = options.blobs_path.value_or(
      environment("NITRO_CLI_BLOBS").value_or(kDefaultBlobs));
  if (directory.empty()) {
    throw invalid("--blobs-path", directory, "give the path of a directory");
  }
  const bool without_nsm = options.nsm == "none";
  return {.directory = directory,
          .kernel = options.kernel,
          .kernel_config = options.kernel_config,
          .cmdline = options.cmdline,
          .init = options.init,
          .nsm = without_nsm ? std::nullopt : options.nsm,
          .without_nsm = without_nsm};
}

BuildRequest make_request(const Options& options) {
  const auto max_size = parse_size(options.max_size);
  if (!max_size) {
    throw invalid("--max-size", options.max_size,
                  "give a number of bytes, or one with K, M, G or T");
  }
  return {
      .image = {.reference = image::parse_image_reference(options.docker_uri),
                .platform = platform_option(options.platform),
                .spool_directory = temporary_directory(),
                .max_size = *max_size},
      .blobs = blob_paths(options),
      .output = options.output_file,
      .command = options.command == "docker" ? CommandMode::kDocker
                                             : CommandMode::kNitro,
      .name = options.name,
      .version = options.version,
      .custom_metadata = options.metadata,
      .build_time = build_time_option(options.build_time),
      .now = now(),
      .tool_version = kVersion};
}

void run(const Options& options) {
  if (options.docker_dir) {
    throw Error(
        ErrorCode::kDockerfileBuild,
        cat("cannot build the Dockerfile in ", quote(*options.docker_dir),
            ": ncli does not do this yet; build the image with docker, "
            "podman or buildah, save it, and give the archive by "
            "--docker-uri alone"));
  }
  Terminal terminal;
  terminal.note("Start building the Enclave Image...");
  const measure::Measurements measurements =
      build_eif(make_request(options), terminal);
  terminal.note("Enclave Image successfully created.");
  print_json({{"Measurements", measurements_json(measurements)}});
}

}  // namespace

Run declare_build_enclave(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, auto Options::*member,
                       const char* value, const char* help) {
    return app.add_option(name, (*options).*member, help)->type_name(value);
  };
  add("--docker-uri", &Options::docker_uri, "URI",
      "The image: docker-archive:PATH[:REF], oci-archive:PATH[:REF], "
      "oci:DIR[:REF], dir:DIR, or the path of one of these")
      ->required();
  add("--docker-dir", &Options::docker_dir, "DIR",
      "A directory with a Dockerfile (not yet: give an archive)");
  add("--output-file", &Options::output_file, "FILE",
      "Where the enclave image file goes")
      ->required();
  add("--platform", &Options::platform, "PLATFORM",
      "linux/amd64 or linux/arm64 (default: this machine's)");
  add("--blobs-path", &Options::blobs_path, "DIR",
      "Where kernel, cmdline, init and nsm.ko lie (default: NITRO_CLI_BLOBS, "
      "else /usr/share/nitro_enclaves/blobs)");
  add("--kernel", &Options::kernel, "FILE", "The kernel: a bzImage or Image");
  add("--kernel-config", &Options::kernel_config, "FILE",
      "The kernel's configuration");
  add("--cmdline", &Options::cmdline, "FILE",
      "The file with the kernel's command line");
  add("--init", &Options::init, "FILE", "The program that starts first");
  add("--nsm", &Options::nsm, "FILE|none",
      "The driver nsm.ko, or none to leave it out");
  add("--name", &Options::name, "NAME", "Metadata: the image's name");
  add("--version", &Options::version, "VERSION",
      "Metadata: the image's version");
  add("--metadata", &Options::metadata, "FILE",
      "Metadata: a JSON object of your own, up to 4096 bytes");
  add("--build-time", &Options::build_time, "TIME",
      "Metadata: RFC 3339 or seconds since 1970 (default: SOURCE_DATE_EPOCH, "
      "else when the image was made)");
  add("--command", &Options::command, "nitro|docker",
      "What runs: CMD, else ENTRYPOINT (nitro); both, as docker run does")
      ->check(CLI::IsMember({"nitro", "docker"}).description(""));
  add("--max-size", &Options::max_size, "SIZE",
      "The most that the image may unpack to (default: 16G)");
  return [options] { run(*options); };
}

}  // namespace ncli::cli
