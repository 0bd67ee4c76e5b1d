// Reads the headers of a tar archive (ustar, PAX, GNU, old) by libarchive and
// says where the members' bytes lie, without touching those.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/byte-io.h"
#include "eif-builder/rootfs/file-tree.h"

namespace ncli::image {

enum class MemberType {
  kRegular,
  kDirectory,
  kSymlink,
  kHardLink,
  kCharDevice,
  kBlockDevice,
  kFifo,
  kOther,
};

struct TarMember {
  std::string_view path;  // raw bytes; valid until the next call
  MemberType type = MemberType::kRegular;
  std::int64_t mode = 0;  // permission bits
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t mtime = 0;   // whole seconds, rounded down
  std::string_view target;  // of a link; valid until the next call
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
  std::uint64_t size = 0;               // of the file
  std::uint64_t offset = 0;             // of its bytes in the archive
  std::vector<rootfs::Segment> sparse;  // of a sparse file
  bool is_sparse = false;
  bool has_xattrs = false;
  bool has_capabilities = false;
};

class TarReader {
 public:
  // `archive` outlives this.
  explicit TarReader(const ByteSource& archive);
  ~TarReader();

  // The next member; false at the end. E50 when the archive is damaged.
  bool next(TarMember& member);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ncli::image
