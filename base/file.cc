#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"

namespace ncli {
namespace {

constexpr std::size_t kLargestRead = std::size_t{1} << 30;

}  // namespace

void FileSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t count =
        ::pread(fd_.get(), out.data(), std::min(out.size(), kLargestRead),
                static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw errno_error(ErrorCode::kFileOperation,
                        cat("cannot read ", quote(name_)), errno);
    }
    if (count == 0) {
      throw Error(
          ErrorCode::kFileOperation,
          cat("cannot read ", quote(name_), ": it ends at byte ", offset,
              " of ", size_, "; it was cut while ncli read it, start again"));
    }
    out = out.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

std::shared_ptr<const FileSource> open_file(const std::filesystem::path& path,
                                            ErrorCode code) {
  const std::string action = cat("cannot open ", quote(path.native()));
  // O_NONBLOCK: a FIFO without a writer must not hold us up.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) throw errno_error(code, action, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw errno_error(code, action, errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error(code,
                cat(action, ": it is ",
                    S_ISDIR(status.st_mode) ? "a directory" : "no regular file",
                    "; give the path of a file"));
  }
  char byte = 0;
  if (status.st_size == 0 && ::pread(fd.get(), &byte, 1, 0) == 1) {
    throw Error(code, cat(action,
                          ": it does not say how large it is (as the "
                          "files of /proc); give a copy of it"));
  }
  return std::make_shared<const FileSource>(
      std::move(fd), static_cast<std::uint64_t>(status.st_size), path.native());
}

std::string read_small_file(const std::filesystem::path& path,
                            std::uint64_t limit, ErrorCode code) {
  const auto file = open_file(path, code);
  if (file->size() > limit) {
    throw Error(code, cat("cannot take ", quote(path.native()), ": it has ",
                          file->size(), " bytes, more than the ", limit,
                          " that are allowed"));
  }
  try {
    return read_all(*file);
  } catch (const Error& error) {
    throw Error(code, error.what());
  }
}

}  // namespace ncli
