#include "eif-builder/eif/format.h"

#include <algorithm>

#include "base/big-endian.h"
#include "base/error.h"
#include "base/text.h"

namespace ncli::eif {
namespace {

constexpr std::array kMagic = {std::byte{0x2e}, std::byte{0x65},
                               std::byte{0x69}, std::byte{0x66}};

// Offsets of the fields.
constexpr std::size_t kVersion = 4;
constexpr std::size_t kFlags = 6;
constexpr std::size_t kDefaultMemory = 8;
constexpr std::size_t kDefaultCpus = 16;
constexpr std::size_t kReserved = 24;
constexpr std::size_t kSectionCount = 26;
constexpr std::size_t kOffsets = 28;
constexpr std::size_t kSizes = kOffsets + 8 * kMostSections;
constexpr std::size_t kUnused = kSizes + 8 * kMostSections;
static_assert(kUnused + 4 == kCrcOffset);

}  // namespace

std::string section_name(SectionType type) {
  switch (type) {
    case SectionType::kKernel:
      return "kernel";
    case SectionType::kCmdline:
      return "cmdline";
    case SectionType::kRamdisk:
      return "ramdisk";
    case SectionType::kSignature:
      return "signature";
    case SectionType::kMetadata:
      return "metadata";
    case SectionType::kInvalid:
      break;
  }
  return cat("unknown (", static_cast<unsigned>(type), ")");
}

HeaderBytes encode(const Header& header) {
  HeaderBytes bytes{};
  std::ranges::copy(kMagic, bytes.begin());
  store_big_endian(bytes, kVersion, header.version);
  store_big_endian(bytes, kFlags, header.flags);
  store_big_endian(bytes, kDefaultMemory, header.default_memory);
  store_big_endian(bytes, kDefaultCpus, header.default_cpus);
  store_big_endian(bytes, kReserved, header.reserved);
  store_big_endian(bytes, kSectionCount, header.section_count);
  for (std::size_t i = 0; i < kMostSections; ++i) {
    store_big_endian(bytes, kOffsets + 8 * i, header.offsets[i]);
    store_big_endian(bytes, kSizes + 8 * i, header.sizes[i]);
  }
  store_big_endian(bytes, kUnused, header.unused);
  store_big_endian(bytes, kCrcOffset, header.crc);
  return bytes;
}

SectionHeaderBytes encode(const SectionHeader& header) {
  SectionHeaderBytes bytes{};
  store_big_endian(bytes, 0, static_cast<std::uint16_t>(header.type));
  store_big_endian(bytes, 2, header.flags);
  store_big_endian(bytes, 4, header.size);
  return bytes;
}

Header decode_header(std::span<const std::byte, kHeaderSize> bytes) {
  if (!std::ranges::equal(bytes.first(kMagic.size()), kMagic)) {
    throw Error(ErrorCode::kEifParsing,
                "it does not begin with the magic number of an EIF; give a "
                "file that build-enclave made");
  }
  Header header;
  header.version = load_big_endian<std::uint16_t>(bytes, kVersion);
  header.flags = load_big_endian<std::uint16_t>(bytes, kFlags);
  header.default_memory = load_big_endian<std::uint64_t>(bytes, kDefaultMemory);
  header.default_cpus = load_big_endian<std::uint64_t>(bytes, kDefaultCpus);
  header.reserved = load_big_endian<std::uint16_t>(bytes, kReserved);
  header.section_count = load_big_endian<std::uint16_t>(bytes, kSectionCount);
  for (std::size_t i = 0; i < kMostSections; ++i) {
    header.offsets[i] = load_big_endian<std::uint64_t>(bytes, kOffsets + 8 * i);
    header.sizes[i] = load_big_endian<std::uint64_t>(bytes, kSizes + 8 * i);
  }
  header.unused = load_big_endian<std::uint32_t>(bytes, kUnused);
  header.crc = load_big_endian<std::uint32_t>(bytes, kCrcOffset);
  return header;
}

SectionHeader decode_section_header(
    std::span<const std::byte, kSectionHeaderSize> bytes) {
  return {.type = static_cast<SectionType>(
              load_big_endian<std::uint16_t>(bytes, 0)),
          .flags = load_big_endian<std::uint16_t>(bytes, 2),
          .size = load_big_endian<std::uint64_t>(bytes, 4)};
}

}  // namespace ncli::eif
