// A container image, read and checked: its configuration and its merged files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/observer.h"
#include "eif-builder/image/image-config.h"
#include "eif-builder/image/image-reference.h"
#include "eif-builder/image/platform.h"
#include "eif-builder/image/tar-layer.h"
#include "eif-builder/image/verify.h"
#include "eif-builder/rootfs/file-tree.h"

namespace ncli::image {

struct Image {
  std::filesystem::path path;  // the archive or directory
  std::string name;            // the reference it was chosen by; may be empty
  std::string config_digest;   // hexadecimal SHA-256 of the configuration
  ImageConfig config;
  Json inspect;  // what `docker inspect` shows, as far as the image says it
  rootfs::FileTree tree;  // the merged layers
  LayerFacts facts;
  // Digests that are still being checked: nothing made from the image may be
  // published before finish() came back.
  std::unique_ptr<BackgroundChecks> checks;
};

struct ImageRequest {
  ImageReference reference;
  Platform platform;
  std::filesystem::path spool_directory;  // for temporary files
  std::uint64_t max_size = 0;             // bytes that decompression may make
};

// E50 when the image cannot be had, E48 when its files cannot be merged.
Image open_image(const ImageRequest& request, Observer& observer);

}  // namespace ncli::image
