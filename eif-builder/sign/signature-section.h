// The signature section of an EIF, taken apart. Source: FORMATS.md section 6.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ncli::sign {

// The largest section that is looked into; a real one has a few KiB.
inline constexpr std::size_t kLargestSignatureSection = std::size_t{1} << 20;

struct SignatureEntry {
  std::string certificate_pem;  // as it was in the signer's file
  std::string cose_sign1;       // CBOR, unchecked
};

// The entries of the section: CBOR, an array of maps whose byte vectors are
// arrays of integers (or byte strings), of definite or indefinite length.
// E35 for anything else.
std::vector<SignatureEntry> decode_signature_section(
    std::span<const std::byte> section);

}  // namespace ncli::sign
