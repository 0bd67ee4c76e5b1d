// libarchive over a ByteSource: the one place that feeds it and judges its
// answers. Only for sources of this room.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/byte-io.h"
#include "base/c-handle.h"
#include "base/error.h"

namespace ncli::image {

// ncli never calls setlocale(): in the "C" locale libarchive fails to convert
// names that are no ASCII and hands out their own bytes, which is what a
// measured image needs. (In a UTF-8 locale it would normalise names of PAX
// headers to NFC, and change the image.)
class LibarchiveInput {
 public:
  using OnRead = std::function<void(std::span<const std::byte>)>;

  // `source` outlives this. `on_read` sees every byte that is read, in order;
  // without it, bytes that are not needed are skipped.
  explicit LibarchiveInput(const ByteSource& source, OnRead on_read = {});

  archive* handle() { return handle_.get(); }
  const ByteSource& source() const { return source_; }
  // After formats and filters are chosen through handle().
  void open();
  // The next entry; null at the end.
  archive_entry* next_entry();
  // An E50 when next_entry() was null for another reason than the end: a
  // filter that fails in its first block looks like one that has nothing.
  void check_end();
  // The next block of the entry's data; empty at the end.
  std::span<const std::byte> next_block();
  // Whether the entry has any data in the archive.
  bool has_data();
  // Bytes of the (decompressed) archive that are consumed.
  std::uint64_t position();
  // Where the entry's first header begins in it.
  std::uint64_t header_position();
  // Fills `out` from `offset` on; mostly from what was read last. Only for
  // archives that are not compressed.
  void peek(std::uint64_t offset, std::span<std::byte> out) const;
  // An E50 with `reason`.
  Error damaged(std::string_view reason) const;

 private:
  static la_ssize_t read(archive*, void* self, const void** buffer);
  static la_int64_t skip(archive*, void* self, la_int64_t request);
  [[noreturn]] void fail();

  const ByteSource& source_;
  OnRead on_read_;
  std::unique_ptr<archive, Free<&archive_read_free>> handle_;
  std::unique_ptr<std::byte[]> buffer_;
  std::uint64_t offset_ = 0;
  std::size_t buffered_ =
      0;  // bytes of the source in the buffer, up to offset_
  std::string first_failure_;   // of a filter, in its first block
  std::exception_ptr failure_;  // of the source: it cannot cross libarchive
};

}  // namespace ncli::image
