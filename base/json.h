// JSON from files that nobody vouches for: parsed with a limit on its depth.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ncli {

using Json = nlohmann::json;                 // keys sorted
using OrderedJson = nlohmann::ordered_json;  // keys as they were added

// A key that one object has twice: most programs take the last value.
enum class TwiceKeys { kTakeLast, kRefuse };

// Parses `text`; malformed text, nesting beyond 100 levels or more than 200,000
// values is an Error with `code` that calls the text `name`.
Json parse_json(std::string_view text, ErrorCode code, std::string_view name,
                TwiceKeys twice = TwiceKeys::kTakeLast);

// What ncli prints and writes never fails on bytes that are no UTF-8: they
// become U+FFFD. `indent` -1 is compact.
std::string dump_json(const Json& json, int indent = -1);
std::string dump_json(const OrderedJson& json, int indent = -1);

}  // namespace ncli
