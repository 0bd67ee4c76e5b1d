// A mutator for tar archives: libFuzzer's own, and then right checksums, so
// that changes reach what lies behind the header check.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                        std::size_t max_size);

namespace {

constexpr std::size_t kBlockSize = 512;
constexpr std::size_t kChecksum = 148;
constexpr std::size_t kChecksumSize = 8;
constexpr std::size_t kMagic = 257;

void mend_checksum(std::uint8_t* block) {
  std::memset(block + kChecksum, ' ', kChecksumSize);
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlockSize; ++i) sum += block[i];
  char text[kChecksumSize];
  std::snprintf(text, sizeof text, "%06o", sum);
  std::memcpy(block + kChecksum, text, 7);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data,
                                               std::size_t size,
                                               std::size_t max_size,
                                               unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 8 == 0) return size;  // wrong checksums matter too
  for (std::size_t at = 0; at + kBlockSize <= size; at += kBlockSize) {
    if (std::memcmp(data + at + kMagic, "ustar", 5) == 0) {
      mend_checksum(data + at);
    }
  }
  return size;
}
