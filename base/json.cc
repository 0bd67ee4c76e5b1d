#include "base/json.h"

#include <set>
#include <vector>

#include "base/text.h"

namespace ncli {
namespace {

constexpr std::size_t kDeepest = 100;
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

// Measures a text before it takes memory.
class Checker final : public nlohmann::json_sax<Json> {
 public:
  std::string wrong;  // the limit that it exceeds
  std::string twice;  // a key that one object has twice

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override {
    return count();
  }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return open(); }
  bool key(string_t& name) override {
    if (!open_[open_.size() - 1].insert(name).second) twice = name;
    return count();
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception&) override {
    return false;  // Json::parse will say it
  }

 private:
  bool count() {
    if (++values_ <= kMostValues) return true;
    wrong = cat("has more than ", kMostValues, " values");
    return false;
  }
  bool open() {
    open_.emplace_back();
    if (open_.size() <= kDeepest) return count();
    wrong = cat("is nested more than ", kDeepest, " levels deep");
    return false;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  int values_ = 0;
  std::vector<std::set<std::string>> open_;  // keys of what is open
};

template <class AnyJson>
std::string dump(const AnyJson& json, int indent) {
  return json.dump(indent, ' ', false, AnyJson::error_handler_t::replace);
}

}  // namespace

Json parse_json(std::string_view text, ErrorCode code, std::string_view name,
                TwiceKeys twice) {
  Checker checker;
  // Not by a callback of Json::parse: it takes time by the square of the size.
  Json::sax_parse(text, &checker);
  std::string wrong = checker.wrong;
  if (wrong.empty() && twice == TwiceKeys::kRefuse && !checker.twice.empty()) {
    wrong = cat("has the key ", quote(checker.twice), " twice in one object");
  }
  if (!wrong.empty()) {
    throw Error(code, cat("cannot read ", name, ": its JSON ", wrong));
  }
  try {
    return Json::parse(text);
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
