// The first program inside an enclave (/init of the bootstrap ramdisk): tells
// the parent that the enclave is up, then runs the image's command as AWS's
// init does, so that the same image behaves the same under both.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "eif-builder/init/console.h"
#include "eif-builder/init/parent.h"
#include "eif-builder/init/rootfs.h"

namespace ncli::init {
namespace {

constexpr const char* kSearchPath = "/sbin:/usr/sbin:/bin:/usr/bin";

sigset_t all_signals() {
  sigset_t signals;
  sigfillset(&signals);
  return signals;
}

// The whole of a file as a string of its own. `path` must be open as `fd`.
char* read_all(int fd, const char* path) {
  struct stat status {};
  if (fstat(fd, &status) < 0) {
    die(std::strerror(errno), "read '%s'", path);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  auto* const text = static_cast<char*>(std::calloc(1, size + 1));
  if (text == nullptr) die(std::strerror(errno), "read '%s'", path);
  for (std::size_t done = 0; done < size;) {
    const ssize_t count = read(fd, text + done, size - done);
    if (count < 0) die(std::strerror(errno), "read '%s'", path);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return text;
}

// Cuts a text into its lines, in place: a vector that ends with a null, as
// exec wants. Empty lines count (they are empty arguments).
char** split_lines(char* text) {
  std::size_t count = 0;
  for (const char* at = text; *at != '\0'; ++at) count += *at == '\n';
  auto** const lines =
      static_cast<char**>(std::calloc(count + 2, sizeof(char*)));
  if (lines == nullptr) die(std::strerror(errno), "keep the command");
  for (std::size_t index = 0; *text != '\0'; ++index) {
    lines[index] = text;
    text += std::strcspn(text, "\n");
    if (*text == '\n') *text++ = '\0';
  }
  return lines;
}

// Reads and removes a file of one element a line; `fallback` is the vector
// for a file that is missing or empty.
char** take_lines(const char* path, char** fallback) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno != ENOENT) {
    die(std::strerror(errno), "read '%s'", path);
  }
  if (fd < 0) return fallback;
  char** const lines = split_lines(read_all(fd, path));
  close(fd);
  unlink(path);
  return lines[0] == nullptr ? fallback : lines;
}

pid_t launch(char** command, char** environment) {
  const pid_t child = fork();
  if (child < 0) die(std::strerror(errno), "start a process");
  if (child > 0) return child;
  const sigset_t signals = all_signals();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  setsid();
  // execvpe searches the caller's own PATH, never that of `environment`.
  setenv("PATH", kSearchPath, 1);
  execvpe(command[0], command, environment);
  note("cannot execute '%s': %s", command[0], std::strerror(errno));
  _exit(127);
}

// Orphans become children of init; only the command's end ends the enclave.
void reap_until(pid_t command) {
  int status = 0;
  pid_t ended = 0;
  while (ended != command) {
    ended = wait(&status);
    if (ended < 0) die(std::strerror(errno), "wait for the command");
  }
  if (WIFSIGNALED(status)) {
    note("child exited by signal %d", WTERMSIG(status));
  } else if (WEXITSTATUS(status) != 0) {
    note("child exited with error %d", WEXITSTATUS(status));
  }
}

[[noreturn]] void boot() {
  // A stray signal must not end or stop the machine's first process.
  const sigset_t signals = all_signals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  mount_dev();
  open_console();
  load_nsm_driver();
  send_heartbeat();

  static char shell[] = "sh";
  static char path[] = "PATH=/sbin:/usr/sbin:/bin:/usr/bin";
  static char* default_command[] = {shell, nullptr};
  static char* default_environment[] = {path, nullptr};
  char** const environment = take_lines("/env", default_environment);
  char** const command = take_lines("/cmd", default_command);

  enter_rootfs();
  mount_rootfs_parts();
  reap_until(launch(command, environment));
  restart();
}

}  // namespace
}  // namespace ncli::init

int main() { ncli::init::boot(); }
