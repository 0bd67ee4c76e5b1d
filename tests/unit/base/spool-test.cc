#include "base/spool.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/text.h"
#include "tests/support/temporary-directory.h"

namespace ncli {
namespace {

std::string pattern(std::size_t size, char seed) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(seed + static_cast<char>(i * 31 >> 7));
  }
  return bytes;
}

TEST(Spool, KeepsInterleavedStreamsApart) {
  const test::TemporaryDirectory directory;
  const auto spool =
      std::make_shared<Spool>(directory.path(), std::uint64_t{1} << 30);
  const std::string a = pattern(Spool::kExtentSize * 2 + 12345, 'a');
  const std::string b = pattern(Spool::kExtentSize + 1, 'b');
  SpoolWriter writer_a(spool);
  SpoolWriter writer_b(spool);
  for (std::size_t at = 0; at < a.size(); at += 1'000'003) {
    writer_a.append(as_bytes(a).subspan(
        at, std::min<std::size_t>(1'000'003, a.size() - at)));
    if (at < b.size()) {
      writer_b.append(as_bytes(b).subspan(
          at, std::min<std::size_t>(1'000'003, b.size() - at)));
    }
  }
  EXPECT_EQ(read_all(*writer_a.finish()), a);
  EXPECT_EQ(read_all(*writer_b.finish()), b);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(Spool, StopsAtItsLimit) {
  const test::TemporaryDirectory directory;
  SpoolWriter writer(std::make_shared<Spool>(directory.path(), 10));
  writer.append(as_bytes("0123456789"));
  try {
    writer.append(as_bytes("x"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kEifBuilding);
    EXPECT_NE(std::string(error.what()).find("--max-size"), std::string::npos);
  }
}

}  // namespace
}  // namespace ncli
