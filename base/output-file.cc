#include "base/output-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace ncli {
namespace {

// Writing back early lets the disk work while the next bytes are hashed, so
// that the fsync at the end has little left to wait for.
constexpr std::uint64_t kWriteBackStep = std::uint64_t{16} << 20;

// The hidden file's path for the signal handler: text first, then the flag.
std::array<char, 4096> unfinished_path;
std::atomic<bool> has_unfinished = false;

void remember_unfinished(const std::string& path) {
  if (path.size() >= unfinished_path.size()) return;
  std::memcpy(unfinished_path.data(), path.c_str(), path.size() + 1);
  has_unfinished = true;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace

void remove_unfinished_output() noexcept {
  if (has_unfinished.exchange(false)) ::unlink(unfinished_path.data());
}

void OutputFile::fail(const char* verb, int error_number) const {
  const char* const remedy =
      error_number == ENOSPC || error_number == EDQUOT
          ? "make room on its file system or choose another --output-file"
          : "";
  throw errno_error(
      ErrorCode::kFileOperation,
      cat("cannot ", verb, " output file ", quote(path_.native())),
      error_number, remedy);
}

OutputFile::OutputFile(const std::filesystem::path& path) : path_(path) {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0 && S_ISLNK(status.st_mode)) {
    std::error_code error;
    path_ = std::filesystem::canonical(path, error);
    if (error) {
      path_ = path;
      fail("follow the link of", error.value());
    }
  }
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    throw Error(
        ErrorCode::kFileOperation,
        cat("cannot write output file ", quote(path_.native()), ": it is ",
            S_ISDIR(status.st_mode) ? "a directory" : "no regular file",
            "; give the path of a file"));
  }
  if (path_.filename().empty()) fail("create", ENOENT);
  open_unnamed();
  if (exists) ::fchmod(fd_.get(), status.st_mode & 0777);
}

void OutputFile::open_unnamed() {
  const std::filesystem::path directory = directory_of(path_);
  fd_.reset(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666));
  if (fd_) return;
  if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) {
    open_hidden();
  } else {
    fail("create", errno);
  }
}

void OutputFile::open_hidden() {
  hidden_ = directory_of(path_) /
            cat(".", path_.filename().native(), ".ncli-", ::getpid());
  fd_.reset(
      ::open(hidden_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666));
  if (!fd_) {
    const int error = errno;
    hidden_.clear();
    fail("create", error);
  }
  remember_unfinished(hidden_.native());
}

OutputFile::~OutputFile() {
  if (hidden_.empty()) return;
  has_unfinished = false;
  ::unlink(hidden_.c_str());
}

void OutputFile::write_at(std::uint64_t offset,
                          std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd_.get(), bytes.data(), bytes.size(),
                                   static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  written_ = std::max(written_, offset);
  if (written_ - flushing_ < kWriteBackStep) return;
  // Only a hint: a file system that cannot do it loses nothing.
  ::sync_file_range(fd_.get(), static_cast<off_t>(flushing_),
                    static_cast<off_t>(written_ - flushing_),
                    SYNC_FILE_RANGE_WRITE);
  flushing_ = written_;
}

// Gives the unnamed file the name `path_`, or, when that is taken, a hidden
// one, since linkat cannot replace.
void OutputFile::link_unnamed() {
  const std::string self = cat("/proc/self/fd/", fd_.get());
  const auto link = [&](const std::filesystem::path& name) {
    return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(),
                    AT_SYMLINK_FOLLOW) == 0 ||
           // Without /proc (in a bare chroot): needs privileges.
           (errno == ENOENT && ::linkat(fd_.get(), "", AT_FDCWD, name.c_str(),
                                        AT_EMPTY_PATH) == 0);
  };
  if (link(path_)) return;
  if (errno != EEXIST) fail("name", errno);
  const std::filesystem::path hidden =
      directory_of(path_) / cat(".", path_.filename().native(), ".ncli-new");
  // A left-over can only be from a process that was killed between link and
  // rename: it is complete and nobody's.
  ::unlink(hidden.c_str());
  if (!link(hidden)) fail("name", errno);
  hidden_ = hidden;
  remember_unfinished(hidden_.native());
}

void OutputFile::publish() {
  if (::fsync(fd_.get()) != 0) fail("flush", errno);
  if (hidden_.empty()) link_unnamed();
  if (!hidden_.empty()) {
    if (::rename(hidden_.c_str(), path_.c_str()) != 0) fail("name", errno);
    hidden_.clear();
    has_unfinished = false;
  }
  // The name is there; whether it survives a power cut is the directory's
  // fsync, which some file systems refuse.
  const UniqueFd directory(
      ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());
}

}  // namespace ncli
