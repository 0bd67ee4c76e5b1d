#include "base/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/temporary-name.h"
#include "base/text.h"

namespace ncli {
namespace {

Error spool_error(const char* verb, const std::filesystem::path& directory,
                  int error_number) {
  return errno_error(
      ErrorCode::kFileOperation,
      cat("cannot ", verb, " a temporary file in ", quote(directory.native())),
      error_number, "set TMPDIR to a directory with room for the whole image");
}

}  // namespace

// The spool's extents of one stream, in order.
class SpooledSource final : public ByteSource {
 public:
  SpooledSource(std::shared_ptr<const Spool> spool,
                std::vector<std::uint64_t> extents, std::uint64_t size)
      : spool_(std::move(spool)), extents_(std::move(extents)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (!fits(offset, out.size(), size_)) {
      throw Error(ErrorCode::kFileOperation,
                  "cannot read the temporary file: out of its range");
    }
    while (!out.empty()) {
      const std::uint64_t inside = offset % Spool::kExtentSize;
      const std::size_t part =
          std::min<std::uint64_t>(out.size(), Spool::kExtentSize - inside);
      spool_->read_at(extents_[offset / Spool::kExtentSize] + inside,
                      out.first(part));
      out = out.subspan(part);
      offset += part;
    }
  }

 private:
  std::shared_ptr<const Spool> spool_;
  std::vector<std::uint64_t> extents_;
  std::uint64_t size_;
};

UniqueFd Spool::open() const {
  UniqueFd fd(::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    const TemporaryName name(directory_);
    fd.reset(::open(name.path().c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC,
                    0600));
    if (!fd) throw spool_error("create", directory_, errno);
  }
  if (!fd) throw spool_error("create", directory_, errno);
  return fd;
}

std::uint64_t Spool::take_extent() {
  const std::lock_guard lock(mutex_);
  if (!fd_) fd_ = open();
  return extents_++ * kExtentSize;
}

void Spool::count(std::uint64_t bytes) {
  if (used_.fetch_add(bytes) + bytes <= limit_) return;
  throw Error(ErrorCode::kEifBuilding,
              cat("cannot take the image: its layers have more than ",
                  human_size(limit_),
                  " when they are unpacked; if the image is really that large, "
                  "raise --max-size"));
}

void Spool::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd_.get(), bytes.data(), bytes.size(),
                                   static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      throw spool_error("write", directory_, count < 0 ? errno : ENOSPC);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void Spool::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t count =
        ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      throw spool_error("read", directory_, count < 0 ? errno : EIO);
    }
    out = out.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void SpoolWriter::append(std::span<const std::byte> bytes) {
  spool_->count(bytes.size());
  while (!bytes.empty()) {
    const std::uint64_t inside = size_ % Spool::kExtentSize;
    if (inside == 0) extents_.push_back(spool_->take_extent());
    const std::size_t part =
        std::min<std::uint64_t>(bytes.size(), Spool::kExtentSize - inside);
    spool_->write_at(extents_.back() + inside, bytes.first(part));
    bytes = bytes.subspan(part);
    size_ += part;
  }
}

std::shared_ptr<const ByteSource> SpoolWriter::finish() {
  return std::make_shared<const SpooledSource>(std::move(spool_),
                                               std::move(extents_), size_);
}

}  // namespace ncli
