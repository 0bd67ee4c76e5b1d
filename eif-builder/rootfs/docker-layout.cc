#include "eif-builder/rootfs/docker-layout.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace ncli::rootfs {
namespace {

struct InitObject {
  std::string_view path;
  FileType type;
};

constexpr std::array kInitObjects = {
    InitObject{"dev/pts", FileType::kDirectory},
    InitObject{"dev/shm", FileType::kDirectory},
    InitObject{"proc", FileType::kDirectory},
    InitObject{"sys", FileType::kDirectory},
    InitObject{".dockerenv", FileType::kRegular},
    InitObject{"etc/resolv.conf", FileType::kRegular},
    InitObject{"etc/hosts", FileType::kRegular},
    InitObject{"etc/hostname", FileType::kRegular},
    InitObject{"dev/console", FileType::kRegular},
    InitObject{"etc/mtab", FileType::kSymlink},
};

std::shared_ptr<Inode> new_object(FileType type) {
  auto inode = std::make_shared<Inode>(type);
  if (type == FileType::kSymlink) {
    inode->attributes.mode = 0777;
    inode->target = "/proc/mounts";
  }
  return inode;
}

}  // namespace

void apply_init_layer(FileTree& tree) {
  for (const InitObject& object : kInitObjects) {
    Inode* directory = tree.root().get();
    const auto parts = split_path(object.path);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool last = i + 1 == parts.size();
      std::shared_ptr<Inode>& child =
          (*directory->children)[std::string(parts[i])];
      if (!child || !child->is_directory()) {
        child = new_object(last ? object.type : FileType::kDirectory);
      }
      directory = child.get();
    }
  }
}

void make_working_directory(FileTree& tree, std::string_view path) {
  const auto is_too_long = [](std::string_view name) {
    return name.size() > kLongestName;
  };
  if (path.size() > kLongestPath || path.find('\0') != std::string_view::npos ||
      std::ranges::any_of(split_path(path), is_too_long)) {
    throw Error(ErrorCode::kEifBuilding,
                cat("cannot make the image's working directory ", quote(path),
                    ": no file can have this name; change WORKDIR"));
  }
  const std::shared_ptr<Inode> made = walk(
      tree.root(), path, true, [](Inode& directory, const std::string& name) {
        std::shared_ptr<Inode>& child = (*directory.children)[name];
        if (!child) child = std::make_shared<Inode>(FileType::kDirectory);
        return child;
      });
  if (made && made->is_directory()) return;
  throw Error(ErrorCode::kEifBuilding,
              cat("cannot make the image's working directory ", quote(path),
                  ": something that is not a directory is in the way; change "
                  "WORKDIR or the image"));
}

}  // namespace ncli::rootfs
