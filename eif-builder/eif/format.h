// The Enclave Image File: its header and section headers as values and as
// bytes. Source: FORMATS.md section 6. All numbers are big-endian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace ncli::eif {

inline constexpr std::size_t kHeaderSize = 548;
inline constexpr std::size_t kSectionHeaderSize = 12;
inline constexpr std::size_t kMostSections = 32;
// The CRC's place; it covers all bytes of the file but its own four.
inline constexpr std::size_t kCrcOffset = 544;
inline constexpr std::uint16_t kNewestVersion = 4;
inline constexpr std::uint16_t kArm64Flag = 1;

enum class SectionType : std::uint16_t {
  kInvalid = 0,
  kKernel = 1,
  kCmdline = 2,
  kRamdisk = 3,
  kSignature = 4,
  kMetadata = 5,
};

// "kernel", "cmdline", ... or "unknown (7)".
std::string section_name(SectionType type);

struct Header {
  std::uint16_t version = kNewestVersion;
  std::uint16_t flags = 0;
  std::uint64_t default_memory = std::uint64_t{1} << 30;  // bytes
  std::uint64_t default_cpus = 2;
  std::uint16_t reserved = 0;
  std::uint16_t section_count = 0;
  std::array<std::uint64_t, kMostSections> offsets{};  // of section headers
  std::array<std::uint64_t, kMostSections> sizes{};    // of sections' data
  std::uint32_t unused = 0;
  std::uint32_t crc = 0;
};

struct SectionHeader {
  SectionType type = SectionType::kInvalid;
  std::uint16_t flags = 0;
  std::uint64_t size = 0;  // of the data
};

using HeaderBytes = std::array<std::byte, kHeaderSize>;
using SectionHeaderBytes = std::array<std::byte, kSectionHeaderSize>;

HeaderBytes encode(const Header& header);
SectionHeaderBytes encode(const SectionHeader& header);

// E35 when the magic number is not an EIF's. Nothing else is judged.
Header decode_header(std::span<const std::byte, kHeaderSize> bytes);
SectionHeader decode_section_header(
    std::span<const std::byte, kSectionHeaderSize> bytes);

}  // namespace ncli::eif
