// Builds an enclave image: one request in, one EIF and its measurements out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/observer.h"
#include "eif-builder/blobs.h"
#include "eif-builder/eif/metadata.h"
#include "eif-builder/image/image.h"
#include "eif-builder/process-config.h"
#include "measure/pcr-bank.h"

namespace ncli {

// Written when the image was opened; scripts look for it.
inline constexpr std::string_view kUsingLocalImage =
    "Using the locally available Docker image...";

struct BuildRequest {
  image::ImageRequest image;
  BlobPaths blobs;
  std::filesystem::path output;
  CommandMode command = CommandMode::kNitro;
  // Metadata: what is not given comes from the image.
  std::optional<std::string> name;
  std::optional<std::string> version;
  std::optional<std::filesystem::path> custom_metadata;  // a JSON object's file
  std::optional<eif::Timestamp> build_time;
  eif::Timestamp now;
  std::string tool_version;
};

// The EIF appears at `request.output` whole or not at all. E19 for the output
// file and the kernel command line, E50 for the image, else E48.
measure::Measurements build_eif(const BuildRequest& request,
                                Observer& observer);

}  // namespace ncli
