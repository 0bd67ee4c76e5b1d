#include "base/output-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/text.h"

namespace ncli {
namespace {

// Flushing early lets the disk work while the next bytes are hashed, so that
// the fsync at the end has little left to wait for.
constexpr std::uint64_t kFlushStep = std::uint64_t{32} << 20;
// From here on the page cache costs more than it gives: memory must be found
// (in a virtual machine perhaps from its host), filled and written back.
constexpr std::uint64_t kLarge = std::uint64_t{64} << 20;
constexpr int kMostLinks = 40;  // as Linux follows

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace

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
  std::error_code error;
  for (int links = 0; std::filesystem::is_symlink(path_, error); ++links) {
    if (links == kMostLinks) fail("follow the links of", ELOOP);
    const auto target = std::filesystem::read_symlink(path_, error);
    if (error) fail("follow the link of", error.value());
    path_ = directory_of(path_) / target;
  }
  struct stat status {};
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
  hidden_.emplace(directory_of(path_));
  fd_.reset(::open(hidden_->path().c_str(),
                   O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666));
  if (!fd_) fail("create", errno);
}

void OutputFile::expect(std::uint64_t size) { set_direct(size >= kLarge); }

void OutputFile::set_direct(bool direct) {
  if (direct == is_direct_) return;
  const int flags = ::fcntl(fd_.get(), F_GETFL);
  const int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
  if (flags >= 0 && ::fcntl(fd_.get(), F_SETFL, wanted) == 0) {
    is_direct_ = direct;
  }
}

void OutputFile::write_at(std::uint64_t offset,
                          std::span<const std::byte> bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
  if ((offset | bytes.size() | address) % kAlignment != 0) set_direct(false);
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd_.get(), bytes.data(), bytes.size(),
                                   static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EINVAL && is_direct_) {
      set_direct(false);  // a disk that wants another alignment
      if (!is_direct_) continue;
    }
    if (count <= 0) fail("write", count < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
    if (!bytes.empty()) set_direct(false);
  }
  written_ = std::max(written_, offset);
  if (written_ - flushing_ >= kFlushStep && !is_flushing_) begin_flush();
}

void OutputFile::begin_flush() {
  flushing_ = written_;
  is_flushing_ = true;
  // Only a head start: what goes wrong, the fsync at the end will say.
  flusher_.post([this] {
    ::fdatasync(fd_.get());
    is_flushing_ = false;
  });
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
  hidden_.emplace(directory_of(path_));
  if (!link(hidden_->path())) fail("name", errno);
}

void OutputFile::publish() {
  flusher_.finish();
  if (::fsync(fd_.get()) != 0) fail("flush", errno);
  if (!hidden_) link_unnamed();
  if (hidden_) {
    if (::rename(hidden_->path().c_str(), path_.c_str()) != 0) {
      fail("name", errno);
    }
    hidden_.reset();
  }
  // The name is there; whether it survives a power cut is the directory's
  // fsync, which some file systems refuse.
  const UniqueFd directory(
      ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());
}

}  // namespace ncli
