// One layer of an image: collected entry by entry, then laid over the tree of
// the layers below it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "eif-builder/rootfs/file-tree.h"

namespace ncli::rootfs {

// An entry of a layer, as its archive states it.
struct LayerEntry {
  std::string_view path;
  bool is_hard_link = false;  // then `target` is the other name's path
  FileType type = FileType::kRegular;
  Attributes attributes;
  std::string_view target;  // of a symbolic or hard link
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
  Content content;
};

// Source of the rules: FORMATS.md section 4.7; where Docker refuses a layer
// (one path twice, a hard link into a lower layer) the meaning is podman's.
class Layer {
 public:
  // `lower` is the tree of the layers below; it must outlive this layer.
  explicit Layer(FileTree& lower)
      : lower_(lower), root_(std::make_shared<Inode>(FileType::kDirectory)) {
    root_->implied = true;
  }

  // Takes one entry. E48 when it cannot be part of a file system: a name that
  // is too long, a parent that is a file, a hard link to nothing.
  void add(LayerEntry entry);

  // Lays the layer over `lower`. Call once, last.
  void merge();

  // How many names the layer has so far.
  std::uint64_t entries() const { return entries_; }

 private:
  struct Place {
    std::shared_ptr<Inode> directory;  // null: below a whiteout
    std::string name;                  // empty: the root itself
  };
  Place place_of(std::string_view path, bool for_whiteout);
  std::shared_ptr<Inode> enter(Inode& directory, const std::string& name);
  void add_whiteout(Inode& directory, std::string_view name,
                    std::string_view path);
  void add_hard_link(Place place, const LayerEntry& entry);
  void add_directory(Inode& parent, const std::string& name,
                     const LayerEntry& entry);

  FileTree& lower_;
  std::shared_ptr<Inode> root_;
  std::uint64_t entries_ = 0;
};

}  // namespace ncli::rootfs
