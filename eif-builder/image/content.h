// The named files that an image is made of, wherever they lie: members of an
// archive or files of a directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/byte-io.h"
#include "eif-builder/rootfs/file-tree.h"

namespace ncli::image {

class ContentStore {
 public:
  virtual ~ContentStore() = default;
  // The file `name` (relative, '/' between components); null when there is
  // none.
  virtual std::shared_ptr<const ByteSource> open(
      std::string_view name) const = 0;

  // An index, manifest or configuration, whole. E50 when it is missing, has
  // more than kLargestDocument bytes, or all that were read have more than
  // kMostDocuments: an archive may list the same one a thousand times.
  std::string read_document(std::string_view name) const;

 private:
  mutable std::uint64_t documents_ = 0;  // bytes that were read
};

inline constexpr std::uint64_t kLargestDocument = std::uint64_t{8} << 20;
inline constexpr std::uint64_t kMostDocuments = std::uint64_t{64} << 20;

// A tar archive's members, read in place. Names are cleaned ("./x" is "x");
// symbolic and hard links among the members are followed.
class ArchiveStore final : public ContentStore {
 public:
  // Reads the archive's headers. E50 when it is no tar archive.
  explicit ArchiveStore(std::shared_ptr<const ByteSource> archive);
  std::shared_ptr<const ByteSource> open(std::string_view name) const override;

 private:
  struct Member {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::string link;  // the cleaned name it stands for, if it is a link
    // Of a sparse member; else null.
    std::shared_ptr<const std::vector<rootfs::Segment>> segments;
  };
  std::shared_ptr<const ByteSource> archive_;
  std::unordered_map<std::string, Member> members_;
};

// A directory's files. Only names that ncli makes itself (fixed ones and
// digests) ever reach the file system.
class DirectoryStore final : public ContentStore {
 public:
  explicit DirectoryStore(std::filesystem::path directory)
      : directory_(std::move(directory)) {}
  std::shared_ptr<const ByteSource> open(std::string_view name) const override;

 private:
  std::filesystem::path directory_;
};

}  // namespace ncli::image
