// One unlinked temporary file that holds what had to be decompressed, so that
// memory stays bounded and nothing is left behind.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/byte-io.h"
#include "base/unique-fd.h"

namespace ncli {

// Several SpoolWriters may write at once: each takes whole extents of the
// file. The file exists from the first byte on, in `directory`.
class Spool : public std::enable_shared_from_this<Spool> {
 public:
  static constexpr std::uint64_t kExtentSize = std::uint64_t{4} << 20;

  // `limit`: bytes that all writers together may write before E48.
  Spool(std::filesystem::path directory, std::uint64_t limit)
      : directory_(std::move(directory)), limit_(limit) {}

  // Counts `bytes` as written; E48 beyond the limit.
  void count(std::uint64_t bytes);

 private:
  friend class SpoolWriter;
  friend class SpooledSource;
  std::uint64_t take_extent();
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  void read_at(std::uint64_t offset, std::span<std::byte> out) const;
  UniqueFd open() const;

  std::filesystem::path directory_;
  std::uint64_t limit_;
  std::atomic<std::uint64_t> used_ = 0;
  std::mutex mutex_;  // of the first extent's opening and of the count
  std::uint64_t extents_ = 0;
  UniqueFd fd_;
};

// Appends one stream to the spool.
class SpoolWriter {
 public:
  explicit SpoolWriter(std::shared_ptr<Spool> spool)
      : spool_(std::move(spool)) {}

  void append(std::span<const std::byte> bytes);
  // What was appended, readable as long as the result lives.
  std::shared_ptr<const ByteSource> finish();

 private:
  std::shared_ptr<Spool> spool_;
  std::vector<std::uint64_t> extents_;  // offsets in the spool, in order
  std::uint64_t size_ = 0;
};

}  // namespace ncli
