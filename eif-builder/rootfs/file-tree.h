// The file system of a container image: names, attributes, and where the
// contents lie. It holds no file's bytes, so its size does not depend on them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte-io.h"

namespace ncli::rootfs {

// The time that the reference gives to what it makes itself
// (2017-04-18T16:30:00Z). Source: FORMATS.md section 2.
inline constexpr std::int64_t kFixedTime = 1492533000;

enum class FileType : std::uint8_t {
  kDirectory,
  kRegular,
  kSymlink,
  kCharDevice,
  kBlockDevice,
  kFifo,
  kWhiteout,  // only in a layer: hides the name in the layers below
};

struct Attributes {
  std::uint32_t mode = 0755;  // permission bits, at most 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t mtime = kFixedTime;  // whole seconds
};

// A stretch of a sparse file that is not zero.
struct Segment {
  std::uint64_t file_offset;
  std::uint64_t source_offset;
  std::uint64_t length;
};

// Where the bytes of a regular file lie.
struct Content {
  const ByteSource* source = nullptr;  // kept alive by the FileTree
  std::uint64_t offset = 0;            // in the source, when not sparse
  std::uint64_t size = 0;
  std::unique_ptr<const std::vector<Segment>> sparse;  // ascending, or null
};

struct Inode;
// Names in the order of their bytes. Several names may share one inode (hard
// links), but for directories.
using Directory = std::map<std::string, std::shared_ptr<Inode>, std::less<>>;

struct Inode {
  explicit Inode(FileType file_type) : type(file_type) {
    if (type == FileType::kDirectory) {
      children = std::make_unique<Directory>();
    }
  }
  bool is_directory() const { return type == FileType::kDirectory; }

  FileType type;
  bool opaque = false;   // only in a layer: hides the directory's lower content
  bool implied = false;  // only in a layer: made for a name below it
  Attributes attributes;
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
  std::string target;                   // of a symbolic link
  Content content;                      // of a regular file
  std::unique_ptr<Directory> children;  // of a directory
};

// The longest path, in bytes, and the longest name that Linux takes.
inline constexpr std::size_t kLongestPath = 4095;
inline constexpr std::size_t kLongestName = 255;

// The components of a path: empty ones and "." are dropped, ".." is kept.
std::vector<std::string_view> split_path(std::string_view path);

// The most steps that the paths of all layers of an image may take together:
// far more than any image needs, but links can make every path long.
inline constexpr std::uint64_t kMostSteps = 200'000'000;

// How walk() gets from a directory to its child `name`: null ends the walk.
using Enter = std::function<std::shared_ptr<Inode>(Inode& directory,
                                                   const std::string& name)>;

// Walks `path` below `root` as a process with that root would: symbolic links
// on the way are followed, the last component's only with `follow_last`; ".."
// stays inside. Null when `enter` ends it, something that is not a directory
// is in the way, or the links go round in circles.
// Adds the steps that it took to `steps`, unless that is null.
std::shared_ptr<Inode> walk(const std::shared_ptr<Inode>& root,
                            std::string_view path, bool follow_last,
                            const Enter& enter, std::uint64_t* steps = nullptr);

// walk() over what is there, without following a last link.
std::shared_ptr<Inode> find(const std::shared_ptr<Inode>& root,
                            std::string_view path);

class FileTree {
 public:
  FileTree() : root_(std::make_shared<Inode>(FileType::kDirectory)) {}

  const std::shared_ptr<Inode>& root() { return root_; }
  const Inode& root() const { return *root_; }

  // How many steps the paths of the layers took.
  std::uint64_t& steps() { return steps_; }

  // Keeps what inodes refer to alive as long as the tree.
  void keep(std::shared_ptr<const ByteSource> source) {
    sources_.push_back(std::move(source));
  }

 private:
  std::shared_ptr<Inode> root_;
  std::uint64_t steps_ = 0;
  std::vector<std::shared_ptr<const ByteSource>> sources_;
};

// Writes the file's bytes, with zeros where a sparse one has holes.
void write_content(const Content& content, ByteSink& sink);

}  // namespace ncli::rootfs
