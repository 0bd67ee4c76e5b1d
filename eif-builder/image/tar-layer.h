// Turns a layer's tar archive into a rootfs layer.
#pragma once

#include <cstdint>
#include <memory>

#include "base/byte-io.h"
#include "eif-builder/rootfs/file-tree.h"

namespace ncli::image {

// What the caller should know about the layers of an image.
struct LayerFacts {
  std::uint64_t entries = 0;
  std::uint64_t file_bytes = 0;   // of regular files
  std::uint64_t with_xattrs = 0;  // entries with extended attributes
  std::uint64_t with_capabilities = 0;
};

// The most entries that all layers of one image may have.
inline constexpr std::uint64_t kMostEntries = 8'000'000;

// Lays the layer in `archive` (an uncompressed tar archive, kept alive by the
// tree) over `tree` and adds to `facts`. E50 for a damaged archive, E48 for
// entries that no file system can hold.
void add_tar_layer(std::shared_ptr<const ByteSource> archive,
                   rootfs::FileTree& tree, LayerFacts& facts);

}  // namespace ncli::image
