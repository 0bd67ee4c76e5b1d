#include "base/output-file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

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
