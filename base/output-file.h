// A file that appears whole, under its name, or not at all.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "base/temporary-name.h"
#include "base/unique-fd.h"
#include "base/worker.h"

namespace ncli {

// Until publish() the bytes are in a file without a name (O_TMPFILE), which
// the kernel drops whatever happens to the process; where the file system
// knows no such files, under a TemporaryName beside the output. Errors are
// E19, but for those of TemporaryName.
class OutputFile {
 public:
  // Refuses a path that is anything but a regular file or free. A symbolic
  // link is followed: what it points to is replaced, not the link.
  explicit OutputFile(const std::filesystem::path& path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Says how many bytes will come. A large file goes to the disk directly,
  // past the page cache, where the file system can do that and as long as
  // offset, size and address of what is written are multiples of kAlignment.
  void expect(std::uint64_t size);
  static constexpr std::size_t kAlignment = 4096;

  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  // Flushes to the disk and moves the file to its name, replacing another one
  // there in one step. Call once, last.
  void publish();

 private:
  void open_unnamed();
  void open_hidden();
  void set_direct(bool direct);
  void begin_flush();
  void link_unnamed();
  [[noreturn]] void fail(const char* verb, int error_number) const;

  std::filesystem::path path_;
  std::optional<TemporaryName> hidden_;  // of the file, while it has one
  UniqueFd fd_;
  bool is_direct_ = false;
  std::uint64_t written_ = 0;
  std::uint64_t flushing_ = 0;  // bytes whose flush was begun
  std::atomic<bool> is_flushing_ = false;
  Worker flusher_;
};

}  // namespace ncli
