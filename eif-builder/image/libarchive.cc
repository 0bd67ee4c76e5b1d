#include "eif-builder/image/libarchive.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace ncli::image {
namespace {

// Small enough that a scan of headers does not read all of the data between
// them, large enough for decompression.
constexpr std::size_t kReadSize = std::size_t{64} << 10;

}  // namespace

LibarchiveInput::LibarchiveInput(const ByteSource& source, OnRead on_read)
    : source_(source),
      on_read_(std::move(on_read)),
      handle_(archive_read_new()),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(kReadSize)) {
  if (!handle_) throw damaged("there is not enough memory");
}

la_ssize_t LibarchiveInput::read(archive*, void* self, const void** buffer) {
  auto& input = *static_cast<LibarchiveInput*>(self);
  try {
    const std::span<std::byte> bytes(
        input.buffer_.get(),
        std::min<std::uint64_t>(kReadSize,
                                input.source_.size() - input.offset_));
    input.source_.read_at(input.offset_, bytes);
    if (input.on_read_) input.on_read_(bytes);
    input.offset_ += bytes.size();
    input.buffered_ = bytes.size();
    *buffer = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  } catch (...) {
    input.failure_ = std::current_exception();
    archive_set_error(input.handle_.get(), EIO, "read failed");
    return ARCHIVE_FATAL;
  }
}

la_int64_t LibarchiveInput::skip(archive*, void* self, la_int64_t request) {
  auto& input = *static_cast<LibarchiveInput*>(self);
  if (request <= 0) return 0;
  const std::uint64_t count = std::min(static_cast<std::uint64_t>(request),
                                       input.source_.size() - input.offset_);
  input.offset_ += count;
  input.buffered_ = 0;
  return static_cast<la_int64_t>(count);
}

void LibarchiveInput::open() {
  archive_read_set_callback_data(handle_.get(), this);
  archive_read_set_read_callback(handle_.get(), &LibarchiveInput::read);
  if (!on_read_) {
    archive_read_set_skip_callback(handle_.get(), &LibarchiveInput::skip);
  }
  if (archive_read_open1(handle_.get()) != ARCHIVE_OK) fail();
  if (archive_errno(handle_.get()) == 0) return;
  const char* const text = archive_error_string(handle_.get());
  first_failure_ = text == nullptr ? "unknown error" : text;
}

Error LibarchiveInput::damaged(std::string_view reason) const {
  return Error(ErrorCode::kImagePull,
               cat("cannot read the archive: ", reason,
                   "; it is damaged, was not written whole, or is of a kind "
                   "that ncli does not know"));
}

void LibarchiveInput::fail() {
  if (failure_) std::rethrow_exception(failure_);
  const char* const text = archive_error_string(handle_.get());
  throw damaged(text == nullptr ? "unknown error" : quote(text));
}

archive_entry* LibarchiveInput::next_entry() {
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(handle_.get(), &entry);
  if (result == ARCHIVE_EOF) {
    if (failure_) std::rethrow_exception(failure_);
    return nullptr;
  }
  if (result == ARCHIVE_OK) return entry;
  const char* const text = archive_error_string(handle_.get());
  const bool only_charset = result == ARCHIVE_WARN && text != nullptr &&
                            std::string_view(text).find("can't be converted") !=
                                std::string_view::npos;
  if (!only_charset) fail();
  return entry;
}

std::span<const std::byte> LibarchiveInput::next_block() {
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int result =
      archive_read_data_block(handle_.get(), &block, &size, &offset);
  if (result == ARCHIVE_EOF) return {};
  if (result != ARCHIVE_OK) fail();
  return {static_cast<const std::byte*>(block), size};
}

void LibarchiveInput::check_end() {
  if (!first_failure_.empty()) throw damaged(quote(first_failure_));
}

bool LibarchiveInput::has_data() { return !next_block().empty(); }

std::uint64_t LibarchiveInput::position() {
  return static_cast<std::uint64_t>(archive_filter_bytes(handle_.get(), 0));
}

std::uint64_t LibarchiveInput::header_position() {
  return static_cast<std::uint64_t>(
      archive_read_header_position(handle_.get()));
}

void LibarchiveInput::peek(std::uint64_t offset,
                           std::span<std::byte> out) const {
  const std::uint64_t begin = offset_ - buffered_;
  if (offset >= begin && fits(offset - begin, out.size(), buffered_)) {
    std::memcpy(out.data(), buffer_.get() + (offset - begin), out.size());
  } else {
    source_.read_at(offset, out);
  }
}

}  // namespace ncli::image
