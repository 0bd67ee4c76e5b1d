#include "eif-builder/image/tar-layer.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "eif-builder/image/tar-reader.h"
#include "eif-builder/rootfs/layer.h"

namespace ncli::image {
namespace {

using rootfs::FileType;
using rootfs::LayerEntry;

FileType file_type(MemberType type) {
  switch (type) {
    case MemberType::kDirectory:
      return FileType::kDirectory;
    case MemberType::kSymlink:
      return FileType::kSymlink;
    case MemberType::kCharDevice:
      return FileType::kCharDevice;
    case MemberType::kBlockDevice:
      return FileType::kBlockDevice;
    case MemberType::kFifo:
      return FileType::kFifo;
    case MemberType::kRegular:
    case MemberType::kHardLink:
    case MemberType::kOther:
      break;
  }
  return FileType::kRegular;
}

std::uint32_t checked_id(std::int64_t id, std::string_view path) {
  if (id >= 0 && id <= 0xFFFFFFFF) return static_cast<std::uint32_t>(id);
  throw Error(ErrorCode::kEifBuilding,
              cat("cannot take ", quote(path), ": its owner or group ", id,
                  " is no number of 32 bits"));
}

LayerEntry entry_of(TarMember& member, const ByteSource* source) {
  LayerEntry entry{
      .path = member.path,
      .is_hard_link = member.type == MemberType::kHardLink,
      .type = file_type(member.type),
      .attributes = {.mode = static_cast<std::uint32_t>(member.mode & 07777),
                     .uid = checked_id(member.uid, member.path),
                     .gid = checked_id(member.gid, member.path),
                     .mtime = member.mtime},
      .target = member.target,
      .device_major = 0,
      .device_minor = 0,
      .content = {}};
  // As Docker sets times; a symbolic link's is kept as it is.
  if (member.type != MemberType::kSymlink) {
    entry.attributes.mtime = std::max<std::int64_t>(member.mtime, 0);
  }
  if (member.type == MemberType::kCharDevice ||
      member.type == MemberType::kBlockDevice) {
    entry.device_major = member.device_major;
    entry.device_minor = member.device_minor;
  }
  if (member.type == MemberType::kRegular) {
    entry.content.source = source;
    entry.content.offset = member.offset;
    entry.content.size = member.size;
    if (member.is_sparse) {
      entry.content.sparse =
          std::make_unique<const std::vector<rootfs::Segment>>(
              std::move(member.sparse));
    }
  }
  return entry;
}

void check_count(std::uint64_t entries) {
  if (entries <= kMostEntries) return;
  throw Error(ErrorCode::kEifBuilding,
              cat("cannot take the image: its layers have more than ",
                  kMostEntries, " entries"));
}

}  // namespace

void add_tar_layer(std::shared_ptr<const ByteSource> archive,
                   rootfs::FileTree& tree, LayerFacts& facts) {
  rootfs::Layer layer(tree);
  TarReader reader(*archive);
  TarMember member;
  while (reader.next(member)) {
    if (member.type == MemberType::kOther) {
      throw Error(ErrorCode::kEifBuilding,
                  cat("cannot take ", quote(member.path),
                      ": it is of a type that no image may hold"));
    }
    if (member.has_xattrs) ++facts.with_xattrs;
    if (member.has_capabilities) ++facts.with_capabilities;
    facts.file_bytes += member.size;
    layer.add(entry_of(member, archive.get()));
    check_count(facts.entries + layer.entries());
  }
  facts.entries += layer.entries();
  layer.merge();
  tree.keep(std::move(archive));
}

}  // namespace ncli::image
