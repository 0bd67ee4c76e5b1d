#include "base/temporary-name.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace ncli {
namespace {

constexpr std::string_view kAction =
    "cannot start the process that removes temporary files";

std::filesystem::path random_name() {
  std::random_device source;
  const std::array numbers = {source(), source()};
  return cat(".ncli-", to_hex(std::as_bytes(std::span(numbers))));
}

// In the child of what may be a process with threads: async-signal-safe calls
// alone. A session of its own keeps the terminal's signals away.
[[noreturn]] void remove_when_alone(int owner, const char* path) {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  ::setsid();
  char byte = 0;
  while (::read(owner, &byte, 1) < 0 && errno == EINTR) {
  }
  ::unlink(path);
  ::_exit(0);
}

}  // namespace

TemporaryName::TemporaryName(const std::filesystem::path& directory)
    : path_(directory / random_name()) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw errno_error(ErrorCode::kSocketPair, kAction, errno);
  }
  alive_.reset(ends[0]);
  const UniqueFd other(ends[1]);
  const std::string& path = path_.native();
  child_ = ::fork();
  if (child_ < 0) throw errno_error(ErrorCode::kProcessSpawn, kAction, errno);
  if (child_ > 0) return;
  ::close(ends[0]);
  remove_when_alone(ends[1], path.c_str());
}

TemporaryName::~TemporaryName() {
  ::unlink(path_.c_str());
  // A byte, since another such child may hold a copy of this end.
  ::send(alive_.get(), "", 1, MSG_NOSIGNAL);
  alive_.reset();
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace ncli
