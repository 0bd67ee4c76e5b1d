#include "base/output-file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/block-pool.h"
#include "base/error.h"
#include "base/text.h"
#include "tests/support/temporary-directory.h"

namespace ncli {
namespace {

class OutputFileTest : public testing::Test {
 protected:
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory_.path()),
                      std::filesystem::directory_iterator()));
  }
  std::string read(const char* name) const {
    std::ifstream in(directory_.path() / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const char* name, const char* text) const {
    std::ofstream(directory_.path() / name) << text;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(OutputFileTest, AppearsOnlyWhenPublished) {
  OutputFile file(directory_.path() / "out");
  file.write_at(3, as_bytes("def"));
  file.write_at(0, as_bytes("abc"));
  EXPECT_EQ(files(), 0U);
  file.publish();
  EXPECT_EQ(read("out"), "abcdef");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, WritesALargeFileInAnyPieces) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  constexpr std::size_t kCount = 65;
  BlockPool pool(1, kPiece);
  const auto block = pool.acquire();
  OutputFile file(directory_.path() / "out");
  file.expect(kPiece * kCount + 3);
  for (std::size_t i = 0; i < kCount; ++i) {
    std::fill_n(block.get(), kPiece, static_cast<std::byte>('A' + i % 26));
    file.write_at(kPiece * i, std::span(block.get(), kPiece));
  }
  file.write_at(kPiece * kCount, as_bytes("end"));
  file.write_at(0, as_bytes("begin"));
  file.publish();
  std::string wanted;
  for (std::size_t i = 0; i < kCount; ++i) {
    wanted.append(kPiece, static_cast<char>('A' + i % 26));
  }
  wanted.replace(0, 5, "begin");
  wanted += "end";
  EXPECT_TRUE(read("out") == wanted);
}

TEST_F(OutputFileTest, LeavesNothingWhenItIsNotPublished) {
  write("out", "old");
  {
    OutputFile file(directory_.path() / "out");
    file.write_at(0, as_bytes("new"));
  }
  EXPECT_EQ(read("out"), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, ReplacesAFileAndKeepsItsMode) {
  write("out", "a longer old text");
  ::chmod((directory_.path() / "out").c_str(), 0640);
  OutputFile file(directory_.path() / "out");
  file.write_at(0, as_bytes("new"));
  file.publish();
  EXPECT_EQ(read("out"), "new");
  EXPECT_EQ(files(), 1U);
  struct stat status {};
  ASSERT_EQ(::stat((directory_.path() / "out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(OutputFileTest, FollowsALinkToWhereItPoints) {
  write("real", "old");
  std::filesystem::create_symlink("real", directory_.path() / "link");
  OutputFile file(directory_.path() / "link");
  file.write_at(0, as_bytes("new"));
  file.publish();
  EXPECT_EQ(read("real"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(directory_.path() / "link"));
}

TEST_F(OutputFileTest, RefusesWhatIsNoFile) {
  ASSERT_EQ(::mkfifo((directory_.path() / "fifo").c_str(), 0600), 0);
  for (const std::filesystem::path& path :
       {directory_.path(), directory_.path() / "fifo",
        directory_.path() / "missing" / "out",
        std::filesystem::path("/dev/null")}) {
    try {
      OutputFile file(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kFileOperation);
    }
  }
}

}  // namespace
}  // namespace ncli
