#include "eif-builder/eif/metadata.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace ncli::eif {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kSecondsPerDay = 86400;
// The years 0 to 9999, which are all that RFC 3339 can write.
constexpr std::int64_t kEarliest = -62167219200;
constexpr std::int64_t kLatest = 253402300799;

// Reads fixed-width fields from the front of a text.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    const std::string_view field = rest_.substr(0, digits);
    const auto [end, error] =
        std::from_chars(field.data(), field.data() + field.size(), value);
    ok_ = ok_ && field.size() == digits && field[0] != '-' &&
          error == std::errc() && end == field.data() + field.size();
    rest_.remove_prefix(field.size());
    return ok_ ? value : 0;
  }
  // True, and past it, when the next character is one of `wanted`.
  bool skip(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_[0]) == std::string_view::npos) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view wanted) { ok_ = skip(wanted) && ok_; }
  // Digits as billionths; those behind the ninth are dropped.
  std::uint32_t fraction() {
    std::uint32_t value = 0;
    std::size_t digits = 0;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; ++digits) {
      if (digits < 9)
        value = 10 * value + static_cast<unsigned>(rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    ok_ = ok_ && digits != 0;
    for (; digits < 9; ++digits) value *= 10;
    return value;
  }
  char next() const { return rest_.empty() ? '\0' : rest_[0]; }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Splits `line` at every single space, '/' and '-', as the reference does:
// neighbouring separators give empty words.
std::vector<std::string_view> split_words(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t end = line.find_first_of(" /-");
    words.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return words;
    line.remove_prefix(end + 1);
  }
}

}  // namespace

std::string encode_metadata(const Metadata& metadata) {
  const OrderedJson json = {{"ImageName", metadata.image_name},
                            {"ImageVersion", metadata.image_version},
                            {"BuildMetadata",
                             {{"BuildTime", metadata.build_time},
                              {"BuildTool", metadata.build_tool},
                              {"BuildToolVersion", metadata.build_tool_version},
                              {"OperatingSystem", metadata.operating_system},
                              {"KernelVersion", metadata.kernel_version}}},
                            {"DockerInfo", metadata.docker_info},
                            {"CustomMetadata", metadata.custom_metadata}};
  return dump_json(json);
}

Json decode_metadata(std::string_view section) {
  Json json =
      parse_json(section, ErrorCode::kEifParsing, "the metadata section");
  if (!json.is_object()) {
    throw Error(ErrorCode::kEifParsing,
                "cannot read the metadata section: it is no JSON object");
  }
  return json;
}

KernelInfo parse_kernel_config(std::string_view config) {
  for (int line = 0; line < 2; ++line) {
    const std::size_t end = config.find('\n');
    if (end == std::string_view::npos) return {};
    config.remove_prefix(end + 1);
  }
  const std::vector<std::string_view> words =
      split_words(config.substr(0, config.find('\n')));
  KernelInfo info;
  if (words.size() > 1) info.operating_system = words[1];
  if (words.size() > 3) info.kernel_version = words[3];
  return info;
}

std::string format_timestamp(const Timestamp& time) {
  std::int64_t day = time.seconds / kSecondsPerDay;
  std::int64_t second = time.seconds % kSecondsPerDay;
  if (second < 0) {
    second += kSecondsPerDay;
    --day;
  }
  const year_month_day date{sys_days{days{day}}};
  std::array<char, 64> text{};
  std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(second / 3600),
      static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  std::string result = text.data();
  if (time.nanoseconds != 0) {
    std::snprintf(text.data(), text.size(), ".%09u", time.nanoseconds);
    std::string_view fraction = text.data();
    while (fraction.ends_with("000")) fraction.remove_suffix(3);
    result += fraction;
  }
  return result + "+00:00";
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  FieldReader reader(text);
  const int year = reader.number(4);
  reader.expect("-");
  const int month = reader.number(2);
  reader.expect("-");
  const int day = reader.number(2);
  reader.expect("Tt ");
  const int hour = reader.number(2);
  reader.expect(":");
  const int minute = reader.number(2);
  reader.expect(":");
  const int second = reader.number(2);
  Timestamp time;
  if (reader.skip(".")) time.nanoseconds = reader.fraction();
  std::int64_t offset = 0;  // seconds east of UTC
  if (!reader.skip("Zz")) {
    const std::int64_t sign = reader.next() == '-' ? -1 : 1;
    reader.expect("+-");
    const int offset_hours = reader.number(2);
    reader.expect(":");
    const int offset_minutes = reader.number(2);
    if (offset_hours > 23 || offset_minutes > 59) return {};
    offset = sign * (offset_hours * 3600 + offset_minutes * 60);
  }
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!reader.done() || !date.ok() || hour > 23 || minute > 59 || second > 60) {
    return {};
  }
  time.seconds = sys_days{date}.time_since_epoch().count() * kSecondsPerDay +
                 hour * 3600 + minute * 60 + second - offset;
  if (time.seconds < kEarliest || time.seconds > kLatest) return {};
  return time;
}

}  // namespace ncli::eif
