// Writes an Enclave Image File in one pass and measures it on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/byte-io.h"
#include "base/output-file.h"
#include "base/worker.h"
#include "eif-builder/eif/format.h"
#include "measure/pcr-bank.h"

namespace ncli::eif {

// Sections come in the order of the calls: kernel, cmdline, metadata,
// ramdisks, and a signature last. Each has exactly the size that was announced
// for it; anything else is E48 and leaves no file.
class EifWriter final : private ByteSink {
 public:
  // `out` outlives this. `progress` is told the bytes written so far.
  EifWriter(OutputFile& out, std::uint16_t flags,
            std::function<void(std::uint64_t)> progress);
  ~EifWriter() override;

  // Begins a section of `size` bytes, which go into the returned sink before
  // the next call.
  ByteSink& begin_section(SectionType type, std::uint64_t size);
  // PCR0 to PCR2 of the sections so far. Call once, after the last ramdisk.
  measure::Measurements measure();
  // Writes the header. Call once, last; the file is published by its owner.
  void finish();

 private:
  std::span<std::byte> space() override;
  void commit(std::size_t count) override;
  void put(std::span<const std::byte> bytes);
  void advance(std::size_t count);
  void end_section();
  void pass_on();
  void flush();

  OutputFile& out_;
  std::function<void(std::uint64_t)> progress_;
  Header header_;
  measure::PcrBank bank_;
  Worker disk_;  // writes the blocks
  std::shared_ptr<std::byte[]> block_;
  std::size_t used_ = kHeaderSize;    // bytes in the block
  std::size_t passed_ = kHeaderSize;  // of these, bytes that the bank has
  std::uint64_t position_ = 0;        // of the block in the file
  std::uint64_t left_ = 0;            // bytes that the section still lacks
  std::uint32_t body_crc_ = 0;
  int ramdisks_ = 0;
  measure::MeasuredSection role_ = measure::MeasuredSection::kNotMeasured;
};

}  // namespace ncli::eif
