#include "eif-builder/build.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/output-file.h"
#include "base/text.h"
#include "eif-builder/eif/writer.h"
#include "eif-builder/initramfs/initramfs.h"
#include "eif-builder/rootfs/docker-layout.h"

namespace ncli {
namespace {

constexpr std::uint64_t kLargestCustomMetadata = 4096;
constexpr std::string_view kTool = "ncli";
constexpr std::string_view kStep = "Writing";

Json read_custom_metadata(const std::filesystem::path& path) {
  constexpr std::array kTaken = {"BuildTime",        "BuildTool",
                                 "BuildToolVersion", "DockerInfo",
                                 "KernelVersion",    "OperatingSystem"};
  const auto fail = [&](std::string_view reason) {
    throw Error(ErrorCode::kEifBuilding,
                cat("cannot take the metadata file ", quote(path.native()),
                    ": ", reason));
  };
  const std::string text = with_context("cannot take the metadata file", [&] {
    return read_small_file(path, kLargestCustomMetadata,
                           ErrorCode::kEifBuilding);
  });
  Json json = parse_json(text, ErrorCode::kEifBuilding,
                         cat("the metadata file ", quote(path.native())));
  if (json.is_null()) return json;
  if (!json.is_object()) fail("it is no JSON object");
  for (const char* const key : kTaken) {
    if (json.contains(key)) {
      fail(cat("the key ", key, " is ncli's own; choose another name"));
    }
  }
  return json;
}

// The reference of the image up to its first colon, else the archive's name
// without its extension. Source: FORMATS.md section 6.
std::string image_name(const image::Image& image) {
  if (!image.name.empty()) return image.name.substr(0, image.name.find(':'));
  std::error_code ignored;
  std::filesystem::path path =
      std::filesystem::absolute(image.path, ignored).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "dir/"
  return std::filesystem::is_directory(path, ignored) ? path.filename().native()
                                                      : path.stem().native();
}

eif::Timestamp build_time(const BuildRequest& request,
                          const image::Image& image, Observer& observer) {
  if (request.build_time) return *request.build_time;
  const auto created = eif::parse_timestamp(image.config.created);
  if (created) return *created;
  observer.warn(
      "the image does not say when it was made, so BuildTime is now and no "
      "two builds are the same file; set --build-time or SOURCE_DATE_EPOCH "
      "(the PCRs do not depend on it)");
  return request.now;
}

eif::Metadata make_metadata(const BuildRequest& request,
                            const image::Image& image, const Blobs& blobs,
                            Json custom_metadata, Observer& observer) {
  const eif::KernelInfo kernel = eif::parse_kernel_config(blobs.kernel_config);
  return {
      .image_name = request.name.value_or(image_name(image)),
      .image_version = request.version.value_or(image.config_digest),
      .build_time = eif::format_timestamp(build_time(request, image, observer)),
      .build_tool = std::string(kTool),
      .build_tool_version = request.tool_version,
      .operating_system = kernel.operating_system,
      .kernel_version = kernel.kernel_version,
      .docker_info = image.inspect,
      .custom_metadata = std::move(custom_metadata)};
}

void warn_of_lost_attributes(const image::LayerFacts& facts,
                             Observer& observer) {
  if (facts.with_xattrs == 0) return;
  observer.warn(cat(
      facts.with_xattrs, facts.with_xattrs == 1 ? " file has" : " files have",
      " extended attributes",
      facts.with_capabilities == 0
          ? ""
          : cat(" (", facts.with_capabilities, " of them file capabilities)"),
      ", which an initramfs cannot hold: they are left out, as by nitro-cli"));
}

void check_size(std::uint64_t size, std::uint64_t limit) {
  if (size <= limit) return;
  throw Error(ErrorCode::kEifBuilding,
              cat("cannot build the EIF: the image's files need ",
                  human_size(size), ", more than the ", human_size(limit),
                  " that are allowed; if the image is really that large, "
                  "raise --max-size"));
}

struct Sections {
  const Blobs& blobs;
  const std::string& metadata;
  const initramfs::BootstrapInitramfs& bootstrap;
  const initramfs::CustomerInitramfs& customer;
};

measure::Measurements write_sections(eif::EifWriter& writer,
                                     const Sections& sections) {
  using eif::SectionType;
  const ByteSource& kernel = *sections.blobs.kernel;
  writer.begin_section(SectionType::kKernel, kernel.size())
      .write_from(kernel, 0, kernel.size());
  const std::string& cmdline = sections.blobs.cmdline;
  writer.begin_section(SectionType::kCmdline, cmdline.size()).write(cmdline);
  writer.begin_section(SectionType::kMetadata, sections.metadata.size())
      .write(sections.metadata);
  sections.bootstrap.write(
      writer.begin_section(SectionType::kRamdisk, sections.bootstrap.size()));
  sections.customer.write(
      writer.begin_section(SectionType::kRamdisk, sections.customer.size()));
  return writer.measure();
}

}  // namespace

measure::Measurements build_eif(const BuildRequest& request,
                                Observer& observer) {
  OutputFile output(request.output);
  const Blobs blobs = open_blobs(request.blobs, request.image.platform);
  Json custom_metadata;
  if (request.custom_metadata) {
    custom_metadata = read_custom_metadata(*request.custom_metadata);
  }
  image::Image image = image::open_image(request.image, observer);
  observer.note(kUsingLocalImage);

  ProcessConfig process = make_process_config(image.config, request.command);
  for (const std::string& warning : process.warnings) observer.warn(warning);
  warn_of_lost_attributes(image.facts, observer);
  rootfs::apply_init_layer(image.tree);
  rootfs::make_working_directory(image.tree, image.config.working_directory);

  const std::string metadata = eif::encode_metadata(make_metadata(
      request, image, blobs, std::move(custom_metadata), observer));
  const initramfs::BootstrapInitramfs bootstrap{blobs.init, blobs.nsm};
  const initramfs::CustomerInitramfs customer(image.tree,
                                              std::move(process.files));
  for (const std::string& warning : customer.warnings()) observer.warn(warning);
  check_size(customer.size(), request.image.max_size);

  const std::uint64_t total = eif::kHeaderSize + blobs.kernel->size() +
                              metadata.size() + bootstrap.size() +
                              customer.size();
  output.expect(total);
  const bool is_arm64 = request.image.platform.architecture == "arm64";
  eif::EifWriter writer(
      output, is_arm64 ? eif::kArm64Flag : std::uint16_t{0},
      [&](std::uint64_t done) { observer.progress(kStep, done, total); });
  const measure::Measurements measurements =
      write_sections(writer, {blobs, metadata, bootstrap, customer});
  writer.finish();
  image.checks->finish();
  output.publish();
  return measurements;
}

}  // namespace ncli
