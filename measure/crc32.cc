#include "measure/crc32.h"

#include <isa-l/crc.h>
#include <zlib.h>

namespace ncli::measure {

// ISA-L's folds by carry-less multiplication: about ten times zlib's speed.
std::uint32_t crc32(std::uint32_t crc, std::span<const std::byte> bytes) {
  return crc32_gzip_refl(
      crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::uint32_t crc32_of_both(std::uint32_t crc_a, std::uint32_t crc_b,
                            std::uint64_t length_b) {
  return static_cast<std::uint32_t>(
      ::crc32_combine(crc_a, crc_b, static_cast<z_off_t>(length_b)));
}

}  // namespace ncli::measure
