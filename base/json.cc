#include "base/json.h"

#include "base/text.h"

namespace ncli {
namespace {

constexpr int kDeepest = 100;

// nlohmann's own message, without its "[json.exception...] " prefix and cut
// where it quotes the input at length.
std::string reason(const nlohmann::json::exception& exception) {
  std::string_view text = exception.what();
  const std::size_t end = text.find("] ");
  if (end != std::string_view::npos) text.remove_prefix(end + 2);
  return std::string(text.substr(0, 200));
}

template <class AnyJson>
std::string dump(const AnyJson& json, int indent) {
  return json.dump(indent, ' ', false, AnyJson::error_handler_t::replace);
}

}  // namespace

Json parse_json(std::string_view text, ErrorCode code, std::string_view name) {
  const auto check_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth <= kDeepest) return true;
    throw Error(code,
                cat("cannot read ", name, ": its JSON is nested more than ",
                    kDeepest, " levels deep"));
  };
  try {
    return Json::parse(text, check_depth);
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
