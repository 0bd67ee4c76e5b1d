// A name for a file that must not outlive the process, however that ends.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/unique-fd.h"

namespace ncli {

// A hidden name in a directory that nothing has yet: ".ncli-" and a random
// number. A child process of its own removes what the owner made under this
// name as soon as the owner is gone, be it by SIGKILL. For where the kernel
// offers no file without a name.
class TemporaryName {
 public:
  // E04 or E05 when the child cannot be started. Makes no file.
  explicit TemporaryName(const std::filesystem::path& directory);
  // Removes the file if it is still there.
  ~TemporaryName();
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  UniqueFd alive_;  // the child reads its end until this one is closed
  pid_t child_ = -1;
};

}  // namespace ncli
