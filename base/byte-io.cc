#include "base/byte-io.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ncli {
namespace {

void check_range(std::uint64_t offset, std::uint64_t length,
                 std::uint64_t size) {
  if (fits(offset, length, size)) return;
  throw Error(ErrorCode::kFileOperation,
              cat("bytes ", offset, " to ", offset, "+", length,
                  " lie outside the ", size, " bytes that are there"));
}

}  // namespace

SliceSource::SliceSource(std::shared_ptr<const ByteSource> source,
                         std::uint64_t offset, std::uint64_t size)
    : source_(std::move(source)), offset_(offset), size_(size) {
  check_range(offset_, size_, source_->size());
}

void SliceSource::read_at(std::uint64_t offset,
                          std::span<std::byte> out) const {
  check_range(offset, out.size(), size_);
  source_->read_at(offset_ + offset, out);
}

void MemorySource::read_at(std::uint64_t offset,
                           std::span<std::byte> out) const {
  check_range(offset, out.size(), bytes_.size());
  if (out.empty()) return;
  std::memcpy(out.data(), bytes_.data() + offset, out.size());
}

std::string read_all(const ByteSource& source) {
  std::string text(source.size(), '\0');
  source.read_at(0, std::as_writable_bytes(std::span(text)));
  return text;
}

void ByteSink::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::span<std::byte> room = space();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    commit(count);
    bytes = bytes.subspan(count);
  }
}

void ByteSink::write(std::string_view text) { write(as_bytes(text)); }

void ByteSink::write_zeros(std::uint64_t count) {
  while (count != 0) {
    const std::span<std::byte> room = space();
    const std::size_t part = std::min<std::uint64_t>(room.size(), count);
    std::memset(room.data(), 0, part);
    commit(part);
    count -= part;
  }
}

void ByteSink::write_from(const ByteSource& source, std::uint64_t offset,
                          std::uint64_t length) {
  while (length != 0) {
    const std::span<std::byte> room = space();
    const std::size_t part = std::min<std::uint64_t>(room.size(), length);
    source.read_at(offset, room.first(part));
    commit(part);
    offset += part;
    length -= part;
  }
}

}  // namespace ncli
