#include "base/json.h"

#include <set>
#include <vector>

#include "base/text.h"

namespace ncli {
namespace {

constexpr int kDeepest = 100;
// Far more than any document of an image has; bounds the memory that a few
// bytes can take.
constexpr int kMostValues = 200'000;

// nlohmann's own message, without its "[json.exception...] " prefix; it quotes
// the input.
std::string reason(const nlohmann::json::exception& exception) {
  std::string_view text = exception.what();
  const std::size_t end = text.find("] ");
  if (end != std::string_view::npos) text.remove_prefix(end + 2);
  return printable(text);
}

template <class AnyJson>
std::string dump(const AnyJson& json, int indent) {
  return json.dump(indent, ' ', false, AnyJson::error_handler_t::replace);
}

}  // namespace

Json parse_json(std::string_view text, ErrorCode code, std::string_view name) {
  using Event = Json::parse_event_t;
  const auto fail = [&](std::string_view what) {
    throw Error(code, cat("cannot read ", name, ": its JSON ", what));
  };
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  int values = 0;
  const auto check = [&](int depth, Event event, Json& parsed) {
    if (depth > kDeepest) {
      fail(cat("is nested more than ", kDeepest, " levels deep"));
    }
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      fail(cat("has the key ", quote(parsed.get<std::string>()),
               " twice in one object"));
    }
    if (++values > kMostValues) {
      fail(cat("has more than ", kMostValues, " values"));
    }
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::exception& exception) {
    throw Error(code, cat("cannot read ", name,
                          ": it is not valid JSON: ", reason(exception)));
  }
}

std::string dump_json(const Json& json, int indent) {
  return dump(json, indent);
}
std::string dump_json(const OrderedJson& json, int indent) {
  return dump(json, indent);
}

}  // namespace ncli
