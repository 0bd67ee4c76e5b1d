#include "eif-builder/initramfs/cpio.h"

#include <array>

namespace ncli::initramfs {
namespace {

constexpr std::uint64_t kHeaderSize = 110;
constexpr std::uint64_t kRecordAlignment = 4;
constexpr std::uint64_t kArchiveAlignment = 512;
constexpr std::uint32_t kMajor = 3;
constexpr std::uint32_t kMinor = 1;
constexpr std::uint32_t kPermissionAndType = 0177777;

constexpr Record kTrailer = {.name = "TRAILER!!!"};

constexpr std::uint64_t align(std::uint64_t value, std::uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

char* put_hex(char* out, std::uint32_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 28; shift >= 0; shift -= 4) {
    *out++ = kDigits[(value >> shift) & 15];
  }
  return out;
}

}  // namespace

void CpioSizer::start(const Record& record) {
  size_ = align(size_, kRecordAlignment) + kHeaderSize + record.name.size() + 1;
  size_ = align(size_, kRecordAlignment) + record.size;
}

void CpioSizer::finish() {
  start(kTrailer);
  size_ = align(size_, kArchiveAlignment);
}

void CpioWriter::pad_to(std::uint64_t multiple) {
  const std::uint64_t end = align(position_, multiple);
  out_.write_zeros(end - position_);
  position_ = end;
}

void CpioWriter::write_header(const Record& record, std::uint32_t links) {
  pad_to(kRecordAlignment);
  const std::array fields = {inode_++,
                             record.mode & kPermissionAndType,
                             record.uid,
                             record.gid,
                             links,
                             record.mtime,
                             record.size,
                             kMajor,
                             kMinor,
                             record.device_major,
                             record.device_minor,
                             static_cast<std::uint32_t>(record.name.size() + 1),
                             std::uint32_t{0}};
  std::array<char, kHeaderSize> header = {'0', '7', '0', '7', '0', '1'};
  char* out = header.data() + 6;
  for (const std::uint32_t field : fields) out = put_hex(out, field);
  out_.write(std::string_view(header.data(), header.size()));
  out_.write(record.name);
  out_.write_zeros(1);
  position_ += kHeaderSize + record.name.size() + 1;
  pad_to(kRecordAlignment);
}

void CpioWriter::start(const Record& record) {
  const bool is_directory = (record.mode & ~07777U) == kDirectory;
  write_header(record, is_directory ? 2 : 1);
  position_ += record.size;
}

void CpioWriter::finish() {
  write_header(kTrailer, 1);
  pad_to(kArchiveAlignment);
}

void add_text(RecordSink& sink, Record record, std::string_view text) {
  record.size = static_cast<std::uint32_t>(text.size());
  sink.start(record);
  if (ByteSink* const data = sink.data()) data->write(text);
}

}  // namespace ncli::initramfs
