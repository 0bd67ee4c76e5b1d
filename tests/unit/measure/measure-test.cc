#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "measure/crc32.h"
#include "measure/digest.h"
#include "measure/pcr-bank.h"

namespace ncli::measure {
namespace {

TEST(Digest, GivesThePublishedValues) {
  // FIPS 180-4's example "abc".
  EXPECT_EQ(sha256_hex(as_bytes("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Digest digest(HashAlgorithm::kSha384);
  digest.update(as_bytes("a"));
  digest.update(as_bytes("bc"));
  EXPECT_EQ(to_hex(digest.finish()),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
}

TEST(Crc32, IsZlibsAndCombines) {
  EXPECT_EQ(crc32(0, as_bytes("123456789")), 0xcbf43926U);
  const std::uint32_t a = crc32(0, as_bytes("12345"));
  const std::uint32_t b = crc32(0, as_bytes("6789"));
  EXPECT_EQ(crc32_of_both(a, b, 4), 0xcbf43926U);
  EXPECT_EQ(crc32(a, as_bytes("6789")), 0xcbf43926U);
}

TEST(PcrBank, CountsEachSectionForItsRegisters) {
  PcrBank bank(2);
  const auto feed = [&](std::string_view text, MeasuredSection section) {
    const auto block = bank.acquire();
    std::copy_n(as_bytes(text).begin(), text.size(), block.get());
    bank.update(block, std::span(block.get(), text.size()), section);
  };
  feed("kernel", MeasuredSection::kKernel);
  feed("cmd", MeasuredSection::kCmdline);
  feed("metadata", MeasuredSection::kNotMeasured);
  feed("boot", MeasuredSection::kFirstRamdisk);
  feed("app1", MeasuredSection::kOtherRamdisk);
  feed("app2", MeasuredSection::kOtherRamdisk);
  const Measurements got = bank.finish();
  EXPECT_EQ(got.pcr0, pcr_of_data(as_bytes("kernelcmdbootapp1app2")));
  EXPECT_EQ(got.pcr1, pcr_of_data(as_bytes("kernelcmdboot")));
  EXPECT_EQ(got.pcr2, pcr_of_data(as_bytes("app1app2")));
  EXPECT_FALSE(got.pcr8);
}

}  // namespace
}  // namespace ncli::measure
