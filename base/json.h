// JSON from files that nobody vouches for: parsed with a limit on its depth.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ncli {

using Json = nlohmann::json;                 // keys sorted
using OrderedJson = nlohmann::ordered_json;  // keys as they were added

// Parses `text`; malformed text, nesting beyond 100 levels, more than 200,000
// values, or a key twice in one object (which programs read differently) is an
// Error with `code` that calls the text `name`.
Json parse_json(std::string_view text, ErrorCode code, std::string_view name);

// What ncli prints and writes never fails on bytes that are no UTF-8: they
// become U+FFFD. `indent` -1 is compact.
std::string dump_json(const Json& json, int indent = -1);
std::string dump_json(const OrderedJson& json, int indent = -1);

}  // namespace ncli
