// The PCRs of an enclave image, computed side by side while its bytes flow by.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace ncli::measure {

// A platform configuration register: a SHA-384 value.
using Pcr = std::array<std::byte, 48>;

struct Measurements {
  Pcr pcr0;                 // the whole image: kernel, cmdline, all ramdisks
  Pcr pcr1;                 // kernel, cmdline, first ramdisk
  Pcr pcr2;                 // the other ramdisks: the application
  std::optional<Pcr> pcr8;  // the signing certificate, of a signed image
};

// What a section counts as. Source: FORMATS.md section 6.
enum class MeasuredSection {
  kKernel,
  kCmdline,
  kFirstRamdisk,
  kOtherRamdisk,
  kNotMeasured,
};

// SHA384(48 zero bytes || SHA384(data)), from SHA384(data): a register's value
// after it was extended once.
Pcr pcr_of_digest(std::span<const std::byte> sha384_of_data);

// The same from the data itself.
Pcr pcr_of_data(std::span<const std::byte> data);

// PCR0, PCR1 and PCR2, hashed side by side.
class PcrBank {
 public:
  static constexpr std::size_t kBlockSize = std::size_t{1} << 20;

  // `blocks` bounds how far the hashing may stay behind.
  explicit PcrBank(std::size_t blocks);
  ~PcrBank();
  PcrBank(const PcrBank&) = delete;
  PcrBank& operator=(const PcrBank&) = delete;

  // A block of kBlockSize bytes to be filled for update(). While
  // none is free this thread hashes, too. The bank must outlive its blocks.
  std::shared_ptr<std::byte[]> acquire();

  // Counts `bytes`, which lie in `block`, as part of `section`. Sections come
  // in the order in which they are measured. The block is kept until it is
  // hashed.
  void update(std::shared_ptr<const std::byte[]> block,
              std::span<const std::byte> bytes, MeasuredSection section);

  // Hashes what is left. Call once, last.
  Measurements finish();

 private:
  struct Lanes;
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace ncli::measure
