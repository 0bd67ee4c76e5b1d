#include "base/temporary-name.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/support/temporary-directory.h"

namespace ncli {
namespace {

using namespace std::chrono_literals;

TEST(TemporaryName, IsNewAndHiddenAndLeavesNothing) {
  const test::TemporaryDirectory directory;
  {
    const TemporaryName first(directory.path());
    const TemporaryName second(directory.path());
    EXPECT_NE(first.path(), second.path());
    EXPECT_EQ(first.path().filename().native().front(), '.');
    EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
    std::ofstream(first.path()) << "x";
    EXPECT_FALSE(std::filesystem::is_empty(directory.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(TemporaryName, DoesNotOutliveAKilledProcess) {
  const test::TemporaryDirectory directory;
  const pid_t owner = ::fork();
  ASSERT_GE(owner, 0);
  if (owner == 0) {
    const TemporaryName first(directory.path());
    const TemporaryName second(directory.path());
    std::ofstream(first.path()) << "x";
    std::ofstream(second.path()) << "x";
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(owner, &status, 0), owner);
  ASSERT_TRUE(WIFSIGNALED(status));
  for (int i = 0; i < 1000 && !std::filesystem::is_empty(directory.path());
       ++i) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(TemporaryName, KeepsWhatWasGivenAnotherName) {
  const test::TemporaryDirectory directory;
  {
    const TemporaryName name(directory.path());
    std::ofstream(name.path()) << "x";
    std::filesystem::rename(name.path(), directory.path() / "kept");
  }
  EXPECT_TRUE(std::filesystem::exists(directory.path() / "kept"));
}

}  // namespace
}  // namespace ncli
