#include "cli/output.h"

#include <unistd.h>

#include <cerrno>

#include "base/error.h"

namespace ncli::cli {

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      throw errno_error(ErrorCode::kFileOperation, "cannot write to stdout",
                        count < 0 ? errno : ENOSPC);
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void print_json(const OrderedJson& json) { print(dump_json(json, 2) + "\n"); }

}  // namespace ncli::cli
