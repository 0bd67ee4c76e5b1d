// The signature section: any CBOR is taken apart or refused.
#include "eif-builder/sign/certificate.h"
#include "eif-builder/sign/signature-section.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  ncli::fuzz::expect_answer([&] {
    const auto entries = ncli::sign::decode_signature_section(
        std::as_bytes(std::span(data, size)));
    for (const auto& entry : entries) {
      ncli::sign::certificate_der(entry.certificate_pem,
                                  ncli::ErrorCode::kEifParsing);
    }
  });
  return 0;
}
