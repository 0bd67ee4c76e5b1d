#include "eif-builder/image/tar-reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <optional>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "eif-builder/image/libarchive.h"

namespace ncli::image {
namespace {

MemberType type_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return MemberType::kHardLink;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return MemberType::kRegular;
    case AE_IFDIR:
      return MemberType::kDirectory;
    case AE_IFLNK:
      return MemberType::kSymlink;
    case AE_IFCHR:
      return MemberType::kCharDevice;
    case AE_IFBLK:
      return MemberType::kBlockDevice;
    case AE_IFIFO:
      return MemberType::kFifo;
    default:
      return MemberType::kOther;
  }
}

std::string_view view(const char* text) {
  return text == nullptr ? std::string_view() : text;
}

}  // namespace

struct TarReader::State {
  explicit State(const ByteSource& source) : input(source) {
    archive_read_support_format_tar(input.handle());
    archive_read_support_format_empty(input.handle());
    input.open();
  }

  LibarchiveInput input;
  std::optional<std::uint64_t> next_header;  // where it must begin
};

TarReader::TarReader(const ByteSource& archive)
    : state_(std::make_unique<State>(archive)) {}
TarReader::~TarReader() = default;

namespace {

constexpr std::size_t kBlockSize = 512;
constexpr int kMostExtensions = 16;  // headers that go before one entry's own
using Block = std::array<std::byte, kBlockSize>;

constexpr std::uint64_t whole_blocks(std::uint64_t size) {
  return (size + kBlockSize - 1) / kBlockSize * kBlockSize;
}

// An octal field; nullopt for another form.
std::optional<std::uint64_t> octal(const Block& block, std::size_t offset,
                                   std::size_t size) {
  std::string_view field = as_text(std::span(block).subspan(offset, size));
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  field = field.substr(0, field.find_first_of(std::string_view(" \0", 2)));
  std::uint64_t value = 0;
  const char* const end = field.data() + field.size();
  const auto [rest, error] = std::from_chars(field.data(), end, value, 8);
  if (field.empty() || error != std::errc() || rest != end) return {};
  return value;
}

// The entry's own header, behind those that only extend it; nullopt when it is
// not where it should be.
std::optional<Block> own_header(LibarchiveInput& input) {
  std::uint64_t offset = input.header_position();
  for (int i = 0; i < kMostExtensions; ++i) {
    Block block{};
    if (!fits(offset, kBlockSize, input.source().size())) return {};
    input.peek(offset, block);
    offset += kBlockSize;
    const auto type = std::to_integer<char>(block[156]);
    if (type == '\0' ||
        std::string_view("xgXLKVA").find(type) == std::string_view::npos) {
      return block;
    }
    const auto size = octal(block, 124, 12);
    if (!size || *size > input.source().size()) return {};
    offset += whole_blocks(*size);
  }
  return {};
}

// What libarchive lets extensions change that Go, and so Docker, does not: the
// mode (by an ACL), device numbers, and types that it takes for files.
void read_own_header(LibarchiveInput& input, TarMember& member) {
  const std::optional<Block> header = own_header(input);
  if (!header) return;
  constexpr std::string_view kTypes(
      "\0"
      "01234567S",
      10);
  if (kTypes.find(std::to_integer<char>((*header)[156])) ==
      std::string_view::npos) {
    member.type = MemberType::kOther;
  }
  if (const auto mode = octal(*header, 100, 8)) {
    member.mode = static_cast<std::int64_t>(*mode & 07777);
  }
  const auto major = octal(*header, 329, 8);
  const auto minor = octal(*header, 337, 8);
  if (major && minor) {
    member.device_major = static_cast<std::uint32_t>(*major);
    member.device_minor = static_cast<std::uint32_t>(*minor);
  }
}

void read_xattrs(archive_entry* entry, TarMember& member) {
  member.has_xattrs = archive_entry_xattr_reset(entry) != 0 ||
                      archive_entry_acl_types(entry) != 0;
  member.has_capabilities = false;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    if (view(name) == "security.capability") member.has_capabilities = true;
  }
}

// libarchive lists the stretches of data of a sparse file; a file without any
// looks like a dense one until its first block is asked for.
void read_sparse(LibarchiveInput& input, archive_entry* entry,
                 TarMember& member) {
  member.sparse.clear();
  member.is_sparse = archive_entry_sparse_reset(entry) > 0;
  std::int64_t offset = 0;
  std::int64_t length = 0;
  std::uint64_t source = member.offset;
  while (archive_entry_sparse_next(entry, &offset, &length) == ARCHIVE_OK) {
    if (length <= 0) continue;
    member.sparse.push_back({.file_offset = static_cast<std::uint64_t>(offset),
                             .source_offset = source,
                             .length = static_cast<std::uint64_t>(length)});
    source += static_cast<std::uint64_t>(length);
  }
  if (member.is_sparse || member.size == 0) return;
  member.is_sparse = !input.has_data();
}

void check_extent(const ByteSource& archive, const TarMember& member) {
  const auto check = [&](std::uint64_t offset, std::uint64_t length) {
    if (fits(offset, length, archive.size())) return;
    throw Error(ErrorCode::kImagePull,
                cat("cannot read the archive: ", quote(member.path),
                    " is cut short; the archive was not written whole, make "
                    "it again"));
  };
  if (!member.is_sparse) return check(member.offset, member.size);
  std::uint64_t end = 0;
  for (const rootfs::Segment& segment : member.sparse) {
    check(segment.source_offset, segment.length);
    if (segment.file_offset < end ||
        !fits(segment.file_offset, segment.length, member.size)) {
      throw Error(ErrorCode::kImagePull,
                  cat("cannot read the archive: the sparse file ",
                      quote(member.path), " has a map that makes no sense"));
    }
    end = segment.file_offset + segment.length;
  }
}

}  // namespace

bool TarReader::next(TarMember& member) {
  LibarchiveInput& input = state_->input;
  archive_entry* const entry = input.next_entry();
  if (entry == nullptr) return false;
  if (state_->next_header.value_or(input.header_position()) !=
      input.header_position()) {
    throw input.damaged("a file has another size than its bytes");
  }
  state_->next_header.reset();
  member.type = type_of(entry);
  member.path = view(archive_entry_pathname(entry));
  member.target =
      view(member.type == MemberType::kHardLink ? archive_entry_hardlink(entry)
                                                : archive_entry_symlink(entry));
  member.mode = archive_entry_perm(entry);
  member.uid = archive_entry_uid(entry);
  member.gid = archive_entry_gid(entry);
  member.mtime = archive_entry_mtime(entry);
  member.device_major =
      static_cast<std::uint32_t>(archive_entry_rdevmajor(entry));
  member.device_minor =
      static_cast<std::uint32_t>(archive_entry_rdevminor(entry));
  member.size = 0;
  member.offset = input.position();
  member.sparse.clear();
  member.is_sparse = false;
  read_xattrs(entry, member);
  read_own_header(input, member);
  if (member.type == MemberType::kRegular) {
    const std::int64_t size = archive_entry_size(entry);
    if (size < 0) throw input.damaged("a file has a negative size");
    member.size = static_cast<std::uint64_t>(size);
    read_sparse(input, entry, member);
    check_extent(input.source(), member);
    if (!member.is_sparse) {
      state_->next_header = whole_blocks(member.offset + member.size);
    }
  }
  return true;
}

}  // namespace ncli::image
