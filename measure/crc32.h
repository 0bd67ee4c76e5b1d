// The CRC-32 of an EIF (that of zlib and gzip).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ncli::measure {

// Continues `crc` (0 at first) over `bytes`.
std::uint32_t crc32(std::uint32_t crc, std::span<const std::byte> bytes);

// The CRC of A followed by B, from the CRC of each and B's length.
std::uint32_t crc32_of_both(std::uint32_t crc_a, std::uint32_t crc_b,
                            std::uint64_t length_b);

}  // namespace ncli::measure
