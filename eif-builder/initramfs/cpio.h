// The cpio archive ("newc") as the reference writes it, byte for byte.
// Source: FORMATS.md section 1.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte-io.h"

namespace ncli::initramfs {

// File type bits of a record's mode.
inline constexpr std::uint32_t kFifo = 0010000;
inline constexpr std::uint32_t kCharDevice = 0020000;
inline constexpr std::uint32_t kDirectory = 0040000;
inline constexpr std::uint32_t kBlockDevice = 0060000;
inline constexpr std::uint32_t kRegular = 0100000;
inline constexpr std::uint32_t kSymlink = 0120000;

// The largest file that a record can hold.
inline constexpr std::uint64_t kLargestFile = 0xFFFFFFFF;

struct Record {
  std::string_view name;   // without a leading '/'
  std::uint32_t mode = 0;  // type and permission bits
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t mtime = 0;
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
  std::uint32_t size = 0;  // of the data that follows
};

// What takes an archive's records, in order: the one pass that plans sizes and
// the one that writes see the same calls.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // Starts a record. Its data follow by data(): exactly record.size bytes.
  virtual void start(const Record& record) = 0;
  // Where the data of the record go; null when only sizes count.
  virtual ByteSink* data() = 0;
  // Ends the archive: trailer and padding.
  virtual void finish() = 0;
};

// Adds up the bytes that an archive will have.
class CpioSizer final : public RecordSink {
 public:
  void start(const Record& record) override;
  ByteSink* data() override { return nullptr; }
  void finish() override;
  std::uint64_t size() const { return size_; }

 private:
  std::uint64_t size_ = 0;
};

// Writes an archive into `out`, from its beginning on.
class CpioWriter final : public RecordSink {
 public:
  explicit CpioWriter(ByteSink& out) : out_(out) {}
  void start(const Record& record) override;
  ByteSink* data() override { return &out_; }
  void finish() override;

 private:
  void write_header(const Record& record, std::uint32_t links);
  void pad_to(std::uint64_t multiple);

  ByteSink& out_;
  std::uint64_t position_ = 0;
  std::uint32_t inode_ = 721;
};

// Starts a record whose data are `text` (a symbolic link's target, a small
// file) and writes them.
void add_text(RecordSink& sink, Record record, std::string_view text);

}  // namespace ncli::initramfs
