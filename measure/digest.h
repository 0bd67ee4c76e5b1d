// Hashes of bytes, by OpenSSL: SHA-2 for archives' digests and for PCRs.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ncli::measure {

enum class HashAlgorithm { kSha256, kSha384, kSha512 };

// One running hash. Errors of OpenSSL are E57.
class Digest {
 public:
  explicit Digest(HashAlgorithm algorithm);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void update(std::span<const std::byte> bytes);
  // The hash's bytes (32, 48 or 64). Call once, last.
  std::vector<std::byte> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Lower-case hexadecimal SHA-256 of `bytes`.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace ncli::measure
