// What ncli prints on stdout: JSON, and the texts of explain and help.
#pragma once

#include <string_view>

#include "base/json.h"

namespace ncli::cli {

// Writes all of `text`; E19 when it cannot be written: a full disk is no
// success.
void print(std::string_view text);

// Prints with an indent of two spaces.
void print_json(const OrderedJson& json);

}  // namespace ncli::cli
