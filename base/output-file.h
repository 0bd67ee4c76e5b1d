// A file that appears whole, under its name, or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/unique-fd.h"

namespace ncli {

// Until publish() the bytes are in a file without a name (O_TMPFILE), which
// the kernel drops whatever happens to the process; where the file system
// knows no such files, in a hidden one beside the output that is removed on
// failure and by remove_unfinished_output(). All errors are E19.
class OutputFile {
 public:
  // Refuses a path that is anything but a regular file or free. A symbolic
  // link is followed: what it points to is replaced, not the link.
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  // Flushes to the disk and moves the file to its name, replacing another one
  // there in one step. Call once, last.
  void publish();

 private:
  void open_unnamed();
  void open_hidden();
  void link_unnamed();
  [[noreturn]] void fail(const char* verb, int error_number) const;

  std::filesystem::path path_;
  std::filesystem::path hidden_;  // empty while the file has no name
  UniqueFd fd_;
  std::uint64_t written_ = 0;
  std::uint64_t flushing_ = 0;
};

// Removes the hidden file of an OutputFile that is not published, if there is
// one. Async-signal-safe: for a handler of fatal signals.
void remove_unfinished_output() noexcept;

}  // namespace ncli
