#include "eif-builder/sign/signature-section.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/text.h"

namespace ncli::sign {
namespace {

using namespace std::string_literals;

const std::string kCertificate = "\x73signing_certificate";
const std::string kSignature = "\x69signature";

std::vector<SignatureEntry> decode(const std::string& bytes) {
  return decode_signature_section(as_bytes(bytes));
}

TEST(SignatureSection, TakesIntegersAndByteStringsOfAnyLengthForm) {
  for (const std::string& bytes :
       {"\x81\xa2"s + kCertificate + "\x82\x01\x18\xff" + kSignature +
            "\x81\x02",
        "\x9f\xbf"s + kCertificate + "\x9f\x01\x18\xff\xff" + kSignature +
            "\x41\x02\xff\xff",
        "\x81\xa2"s + kSignature + "\x9f\x02\xff" + kCertificate +
            "\x42\x01\xff"}) {
    const auto entries = decode(bytes);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].certificate_pem, "\x01\xff");
    EXPECT_EQ(entries[0].cose_sign1, "\x02");
  }
}

TEST(SignatureSection, RefusesEveryOtherShape) {
  for (const std::string& bytes :
       {""s, "\x80x"s, "\x81"s, "\x81\xa1"s + kSignature, "\xa0"s,
        "\x81\xa1"s + kSignature + "\x81\x19\x01\x00",
        "\x81\xa1"s + kSignature + "\x81\x20",
        "\x81\xa1"s + kSignature + "\x81\x81\x01", "\x81\x81\x01"s,
        "\x81\xa1\x01\x02"s, "\xff"s, "\x81\xff"s,
        "\x9b\xff\xff\xff\xff\xff\xff\xff\xff"s,
        "\x81\xa1"s + kSignature + "\x5b\x7f\xff\xff\xff\xff\xff\xff\xff"}) {
    EXPECT_THROW(decode(bytes), Error) << to_hex(as_bytes(bytes));
  }
  EXPECT_TRUE(decode("\x80").empty());
}

}  // namespace
}  // namespace ncli::sign
