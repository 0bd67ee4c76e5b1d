// The environment variables of ncli.
#pragma once

#include <optional>
#include <string>

namespace ncli::cli {

// The variable's value; nullopt when it is unset or empty.
std::optional<std::string> environment(const char* name);

// Where temporary files go: TMPDIR, else /var/tmp (/tmp is often in memory).
std::string temporary_directory();

}  // namespace ncli::cli
