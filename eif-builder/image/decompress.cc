#include "eif-builder/image/decompress.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "eif-builder/image/libarchive.h"

namespace ncli::image {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kReadSize = std::size_t{256} << 10;

// zstd's skippable frames begin with 0x184D2A50 to 0x184D2A5F.
bool is_zstd(std::string_view head) {
  return head.starts_with("\x28\xb5\x2f\xfd"sv) ||
         (head.size() >= 4 && (head[0] & 0xF0) == 0x50 &&
          head.substr(1).starts_with("\x2a\x4d\x18"sv));
}

// "BZh", a level, and the magic number of a block or of the end.
bool is_bzip2(std::string_view head) {
  return head.size() >= 10 && head.starts_with("BZh"sv) && head[3] >= '1' &&
         head[3] <= '9' &&
         (head.substr(4, 6) == "\x31\x41\x59\x26\x53\x59"sv ||
          head.substr(4, 6) == "\x17\x72\x45\x38\x50\x90"sv);
}

int filter_code(Compression compression) {
  switch (compression) {
    case Compression::kZstd:
      return ARCHIVE_FILTER_ZSTD;
    case Compression::kBzip2:
      return ARCHIVE_FILTER_BZIP2;
    case Compression::kXz:
    case Compression::kGzip:
    case Compression::kNone:
      break;
  }
  return ARCHIVE_FILTER_NONE;
}

}  // namespace

Compression detect_compression(const ByteSource& source) {
  std::array<char, 10> bytes{};
  const std::size_t size = std::min<std::uint64_t>(bytes.size(), source.size());
  source.read_at(0, std::as_writable_bytes(std::span(bytes).first(size)));
  const std::string_view head(bytes.data(), size);
  if (head.starts_with("\x1f\x8b"sv)) return Compression::kGzip;
  if (is_zstd(head)) return Compression::kZstd;
  if (head.starts_with("\xfd\x37zXZ\0"sv)) return Compression::kXz;
  if (is_bzip2(head)) return Compression::kBzip2;
  return Compression::kNone;
}

void decompress(Compression compression, const ByteSource& source,
                const OnInput& on_input, ByteSink& out) {
  if (compression == Compression::kGzip) {
    return decompress_gzip(source, on_input, out);
  }
  if (compression == Compression::kXz) {
    return decompress_xz(source, on_input, out);
  }
  std::uint64_t seen = 0;
  LibarchiveInput input(source, [&](std::span<const std::byte> bytes) {
    on_input(bytes);
    seen += bytes.size();
  });
  archive_read_append_filter(input.handle(), filter_code(compression));
  archive_read_support_format_raw(input.handle());
  // A compressed nothing has no entry in this format's view.
  archive_read_support_format_empty(input.handle());
  input.open();
  if (input.next_entry() != nullptr) {
    while (true) {
      const std::span<const std::byte> block = input.next_block();
      if (block.empty()) break;
      out.write(block);
    }
  } else {
    input.check_end();
  }
  // What the filter left unread still counts for the digest.
  BufferedSink rest(kReadSize, on_input);
  rest.write_from(source, seen, source.size() - seen);
  rest.flush();
}

}  // namespace ncli::image
