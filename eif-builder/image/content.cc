#include "eif-builder/image/content.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "eif-builder/image/tar-reader.h"

namespace ncli::image {
namespace {

constexpr std::size_t kMostMembers = 200'000;
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

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : path.substr(0, slash);
}

}  // namespace

std::string ContentStore::read(std::string_view name,
                               std::uint64_t limit) const {
  const std::shared_ptr<const ByteSource> source = open(name);
  if (!source) {
    throw Error(ErrorCode::kImagePull,
                cat("cannot find ", quote(name),
                    " in the image; it is incomplete, make it again"));
  }
  if (source->size() > limit) {
    throw Error(ErrorCode::kImagePull,
                cat("cannot read ", quote(name), ": it has ", source->size(),
                    " bytes, more than the ", limit, " that are allowed"));
  }
  return read_all(*source);
}

ArchiveStore::ArchiveStore(std::shared_ptr<const ByteSource> archive)
    : archive_(std::move(archive)) {
  TarReader reader(*archive_);
  TarMember tar;
  while (reader.next(tar)) {
    Member member{.offset = tar.offset, .size = tar.size, .link = {}};
    const std::string name = clean(tar.path);
    if (tar.type == MemberType::kHardLink) {
      member.link = clean(tar.target);
    } else if (tar.type == MemberType::kSymlink) {
      member.link = clean(cat(directory_of(name), "/", tar.target));
    } else if (tar.type != MemberType::kRegular || tar.is_sparse) {
      continue;
    }
    if (members_.size() == kMostMembers) {
      throw Error(ErrorCode::kImagePull,
                  cat("cannot read the archive: it has more than ",
                      kMostMembers, " members, which no image archive has"));
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
  if (!std::filesystem::exists(path)) return nullptr;
  return open_file(path, ErrorCode::kImagePull);
}

}  // namespace ncli::image
