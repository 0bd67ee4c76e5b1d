#include "eif-builder/image/content.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "eif-builder/image/tar-reader.h"

namespace ncli::image {
namespace {

constexpr std::size_t kMostMembers = 200'000;
constexpr std::uint64_t kMostNameBytes = std::uint64_t{32} << 20;
constexpr int kMostLinks = 40;

// "./a//b/../c" as "a/c"; ".." does not climb above the archive's root.
std::string clean(std::string_view path) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : rootfs::split_path(path)) {
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string cleaned;
  for (const std::string_view part : parts) {
    if (!cleaned.empty()) cleaned += '/';
    cleaned += part;
  }
  return cleaned;
}

// A sparse member: stretches of the archive with zeros between them.
class SparseSource final : public ByteSource {
 public:
  SparseSource(std::shared_ptr<const ByteSource> archive,
               std::shared_ptr<const std::vector<rootfs::Segment>> segments,
               std::uint64_t size)
      : archive_(std::move(archive)),
        segments_(std::move(segments)),
        size_(size) {}

  std::uint64_t size() const override { return size_; }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (!fits(offset, out.size(), size_)) {
      throw Error(ErrorCode::kFileOperation,
                  "cannot read a sparse file of the archive: out of its range");
    }
    std::ranges::fill(out, std::byte{0});
    const std::uint64_t end = offset + out.size();
    auto next = std::ranges::upper_bound(*segments_, offset, {},
                                         &rootfs::Segment::file_offset);
    if (next != segments_->begin()) --next;  // `offset` may lie in it
    for (; next != segments_->end() && next->file_offset < end; ++next) {
      const rootfs::Segment& segment = *next;
      const std::uint64_t from = std::max(offset, segment.file_offset);
      const std::uint64_t to =
          std::min(end, segment.file_offset + segment.length);
      if (from >= to) continue;
      archive_->read_at(segment.source_offset + (from - segment.file_offset),
                        out.subspan(from - offset, to - from));
    }
  }

 private:
  std::shared_ptr<const ByteSource> archive_;
  std::shared_ptr<const std::vector<rootfs::Segment>> segments_;
  std::uint64_t size_;
};

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : path.substr(0, slash);
}

}  // namespace

std::string ContentStore::read_document(std::string_view name) const {
  const std::shared_ptr<const ByteSource> source = open(name);
  if (!source) {
    throw Error(ErrorCode::kImagePull,
                cat("cannot find ", quote(name),
                    " in the image; it is incomplete, make it again"));
  }
  if (source->size() > kLargestDocument) {
    throw Error(
        ErrorCode::kImagePull,
        cat("cannot read ", quote(name), ": it has ", source->size(),
            " bytes, more than the ", kLargestDocument, " that are allowed"));
  }
  documents_ += source->size();
  if (documents_ > kMostDocuments) {
    throw Error(ErrorCode::kImagePull,
                cat("cannot read ", quote(name),
                    ": the indexes, manifests and "
                    "configurations of the image have more than ",
                    human_size(kMostDocuments), " in all"));
  }
  return read_all(*source);
}

ArchiveStore::ArchiveStore(std::shared_ptr<const ByteSource> archive)
    : archive_(std::move(archive)) {
  TarReader reader(*archive_);
  TarMember tar;
  std::uint64_t name_bytes = 0;
  while (reader.next(tar)) {
    Member member{
        .offset = tar.offset, .size = tar.size, .link = {}, .segments = {}};
    if (tar.is_sparse) {
      member.segments =
          std::make_shared<const std::vector<rootfs::Segment>>(tar.sparse);
    }
    const std::string name = clean(tar.path);
    if (tar.type == MemberType::kHardLink) {
      member.link = clean(tar.target);
    } else if (tar.type == MemberType::kSymlink) {
      member.link = clean(cat(directory_of(name), "/", tar.target));
    } else if (tar.type != MemberType::kRegular) {
      continue;
    }
    name_bytes += name.size() + member.link.size();
    if (members_.size() == kMostMembers || name_bytes > kMostNameBytes) {
      throw Error(ErrorCode::kImagePull,
                  cat("cannot read the archive: it has more than ",
                      kMostMembers, " members or ", human_size(kMostNameBytes),
                      " of names, which no image archive has"));
    }
    members_.insert_or_assign(name, std::move(member));
  }
}

std::shared_ptr<const ByteSource> ArchiveStore::open(
    std::string_view name) const {
  std::string wanted = clean(name);
  for (int links = 0; links < kMostLinks; ++links) {
    const auto found = members_.find(wanted);
    if (found == members_.end()) return nullptr;
    const Member& member = found->second;
    if (member.segments) {
      return std::make_shared<const SparseSource>(archive_, member.segments,
                                                  member.size);
    }
    if (member.link.empty()) {
      return std::make_shared<const SliceSource>(archive_, member.offset,
                                                 member.size);
    }
    wanted = member.link;
  }
  return nullptr;
}

std::shared_ptr<const ByteSource> DirectoryStore::open(
    std::string_view name) const {
  const std::filesystem::path path = directory_ / name;
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return nullptr;
  return open_file(path, ErrorCode::kImagePull);
}

}  // namespace ncli::image
