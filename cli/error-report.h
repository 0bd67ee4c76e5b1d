// How a failure is told: on stderr, in the error log, by the exit status.
#pragma once

#include <string_view>

#include "base/error.h"

namespace ncli::cli {

// Writes what scripts and people look for (NITRO.md section 1) and returns the
// exit status. `action` says what was tried. Not being able to write the log
// is never an error.
int report_error(const Error& error, std::string_view action);

}  // namespace ncli::cli
