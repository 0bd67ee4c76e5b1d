#include "eif-builder/eif/writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "measure/crc32.h"

namespace ncli::eif {
namespace {

// Enough that hashing goes on while the disk takes its time over a block.
constexpr std::size_t kBlocks = 24;

Error wrong_size(std::string_view reason) {
  return Error(ErrorCode::kEifBuilding,
               cat("cannot write the EIF: ", reason,
                   "; the image changed while ncli read it, or this is a "
                   "defect of ncli"));
}

}  // namespace

EifWriter::EifWriter(OutputFile& out, std::uint16_t flags,
                     std::function<void(std::uint64_t)> progress)
    : out_(out),
      progress_(std::move(progress)),
      bank_(kBlocks),
      block_(bank_.acquire()) {
  header_.flags = flags;
  std::memset(block_.get(), 0, kHeaderSize);  // its place, until finish()
}

EifWriter::~EifWriter() = default;

std::span<std::byte> EifWriter::space() {
  const std::size_t room = measure::PcrBank::kBlockSize - used_;
  if (left_ == 0) throw wrong_size("a section has more bytes than planned");
  return {block_.get() + used_, std::min<std::uint64_t>(room, left_)};
}

void EifWriter::commit(std::size_t count) {
  left_ -= count;
  advance(count);
}

// Copies bytes that belong to no section's data.
void EifWriter::put(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::size_t part =
        std::min(bytes.size(), measure::PcrBank::kBlockSize - used_);
    std::memcpy(block_.get() + used_, bytes.data(), part);
    advance(part);
    bytes = bytes.subspan(part);
  }
}

void EifWriter::advance(std::size_t count) {
  used_ += count;
  if (used_ == measure::PcrBank::kBlockSize) flush();
}

// Hands the bank what came since the last time, as part of one section.
void EifWriter::pass_on() {
  bank_.update(
      block_,
      std::span<const std::byte>(block_.get() + passed_, used_ - passed_),
      role_);
  passed_ = used_;
}

void EifWriter::flush() {
  // First the hashing threads get their work, which takes longest.
  pass_on();
  const std::span<const std::byte> bytes(block_.get(), used_);
  body_crc_ = measure::crc32(body_crc_,
                             bytes.subspan(position_ == 0 ? kHeaderSize : 0));
  disk_.post([this, position = position_, bytes, block = std::move(block_)] {
    out_.write_at(position, bytes);
  });
  disk_.check();
  position_ += used_;
  used_ = 0;
  passed_ = 0;
  block_ = bank_.acquire();
  if (progress_) progress_(position_);
}

void EifWriter::end_section() {
  if (left_ != 0) throw wrong_size("a section has fewer bytes than planned");
  pass_on();
  role_ = measure::MeasuredSection::kNotMeasured;
}

ByteSink& EifWriter::begin_section(SectionType type, std::uint64_t size) {
  end_section();
  if (header_.section_count == kMostSections) {
    throw wrong_size("it has too many sections");
  }
  header_.offsets[header_.section_count] = position_ + used_;
  header_.sizes[header_.section_count] = size;
  ++header_.section_count;
  put(encode(SectionHeader{.type = type, .flags = 0, .size = size}));
  pass_on();
  left_ = size;
  if (type == SectionType::kKernel) {
    role_ = measure::MeasuredSection::kKernel;
  } else if (type == SectionType::kCmdline) {
    role_ = measure::MeasuredSection::kCmdline;
  } else if (type == SectionType::kRamdisk) {
    role_ = ramdisks_++ == 0 ? measure::MeasuredSection::kFirstRamdisk
                             : measure::MeasuredSection::kOtherRamdisk;
  }
  return *this;
}

measure::Measurements EifWriter::measure() {
  end_section();
  return bank_.finish();
}

void EifWriter::finish() {
  end_section();
  if (used_ != 0) flush();
  disk_.finish();
  const HeaderBytes bytes = encode(header_);
  const std::uint32_t header_crc =
      measure::crc32(0, std::span(bytes).first(kCrcOffset));
  header_.crc =
      measure::crc32_of_both(header_crc, body_crc_, position_ - kHeaderSize);
  out_.write_at(0, encode(header_));
}

}  // namespace ncli::eif
