// Files that are read: opened with checks, as byte sources or whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/byte-io.h"
#include "base/error.h"
#include "base/unique-fd.h"

namespace ncli {

// A regular file as a byte source. Its size is the size when it was opened.
class FileSource final : public ByteSource {
 public:
  // `name` is for messages.
  FileSource(UniqueFd fd, std::uint64_t size, std::string name)
      : fd_(std::move(fd)), size_(size), name_(std::move(name)) {}
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  UniqueFd fd_;
  std::uint64_t size_;
  std::string name_;
};

// Opens a regular file. Anything else (a directory, a FIFO, a device) and what
// cannot be opened is an Error with `code`. Never blocks.
std::shared_ptr<const FileSource> open_file(const std::filesystem::path& path,
                                            ErrorCode code);

// The whole content of a regular file of at most `limit` bytes; an Error with
// `code` otherwise.
std::string read_small_file(const std::filesystem::path& path,
                            std::uint64_t limit, ErrorCode code);

}  // namespace ncli
