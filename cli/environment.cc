#include "cli/environment.h"

#include <cstdlib>

namespace ncli::cli {

std::optional<std::string> environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return {};
  return value;
}

std::string temporary_directory() {
  return environment("TMPDIR").value_or("/var/tmp");
}

}  // namespace ncli::cli
