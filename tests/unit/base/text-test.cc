#include "base/text.h"

#include <gtest/gtest.h>

namespace ncli {
namespace {

TEST(Quote, KeepsReadableNamesAndEscapesWhatTerminalsObey) {
  EXPECT_EQ(quote("etc/passwd"), "'etc/passwd'");
  EXPECT_EQ(quote("caf\xc3\xa9"), "'caf\xc3\xa9'");
  EXPECT_EQ(quote("a\x1b[31m\n'"), "'a\\x1b[31m\\x0a\\x27'");
  EXPECT_EQ(quote("\xff\xc0\x80"), "'\\xff\\xc0\\x80'");
  EXPECT_EQ(quote("\xc2\x9b"), "'\\xc2\\x9b'");  // a C1 control character
}

TEST(Quote, CutsEndlessNames) {
  EXPECT_LT(quote(std::string(100'000, 'x')).size(), 300U);
}

TEST(ParseSize, TakesUnitsAndRefusesTheRest) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("512"), 512U);
  EXPECT_EQ(parse_size("64M"), 64U << 20);
  EXPECT_EQ(parse_size("16GiB"), std::uint64_t{16} << 30);
  EXPECT_EQ(parse_size("2t"), std::uint64_t{2} << 40);
  for (const char* const wrong :
       {"", "M", "-1", "1X", "1 M", "1MM", "1MB", "9000000T",
        "18446744073709551615", "99999999999999999999", "1.5G"}) {
    EXPECT_FALSE(parse_size(wrong)) << wrong;
  }
}

TEST(Printable, EscapesWhatATerminalObeys) {
  EXPECT_EQ(printable("a\x1b[31m'\x7f"), "a\\x1b[31m'\\x7f");
  EXPECT_EQ(printable("\xc2\x9b\xe2\x80\xae"), "\\xc2\\x9b\\xe2\\x80\\xae");
  EXPECT_EQ(printable("\xe2\x82\xac"), "\xe2\x82\xac");
}

TEST(HumanSize, NamesTheUnit) {
  EXPECT_EQ(human_size(1023), "1023 bytes");
  EXPECT_EQ(human_size(1536), "1.5 KiB");
  EXPECT_EQ(human_size(std::uint64_t{16} << 30), "16.0 GiB");
}

}  // namespace
}  // namespace ncli
