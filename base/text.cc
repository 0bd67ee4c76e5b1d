#include "base/text.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <system_error>

namespace ncli {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kLongestQuote = 200;

// U+200E, U+200F, U+202A to U+202E and U+2066 to U+2069, which turn what
// follows them around.
bool is_direction_mark(std::string_view text) {
  if (text.size() < 3 || !text.starts_with("\xe2")) return false;
  const auto second = static_cast<unsigned char>(text[1]);
  const auto third = static_cast<unsigned char>(text[2]);
  return (second == 0x80 && (third == 0x8e || third == 0x8f)) ||
         (second == 0x80 && third >= 0xaa && third <= 0xae) ||
         (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

// Length of the well-formed UTF-8 sequence of 2 to 4 bytes at the start of
// `text`, or 0. Overlong forms and C1 control characters are not well-formed
// here: terminals may obey the latter.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) >> 6) == 2; };
  const unsigned first = byte(0);
  if (first == 0xC2 && byte(1) < 0xA0) return 0;
  if (is_direction_mark(text)) return 0;
  if (first >= 0xC2 && first < 0xE0) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5) {
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string quote(std::string_view name) {
  return "'" + printable(name, "'") + "'";
}

std::string printable(std::string_view name, std::string_view also_escaped) {
  std::string out;
  for (std::size_t i = 0; i < name.size();) {
    if (i >= kLongestQuote) return out + "...";
    const auto byte = static_cast<unsigned char>(name[i]);
    const std::size_t sequence = utf8_sequence(name.substr(i));
    if (sequence != 0) {
      out += name.substr(i, sequence);
      i += sequence;
      continue;
    }
    if (byte >= 0x20 && byte < 0x7F &&
        also_escaped.find(name[i]) == std::string_view::npos) {
      out += name[i];
    } else {
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    }
    ++i;
  }
  return out;
}

std::string to_hex(std::span<const std::byte> bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    out += kHexDigits[std::to_integer<unsigned>(byte) >> 4];
    out += kHexDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return out;
}

bool is_lower_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return {};
  std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  if (suffix.ends_with("iB")) suffix.remove_suffix(2);
  if (suffix.empty()) {
    return number >> 63 || rest != end ? std::nullopt : std::optional(number);
  }
  constexpr std::string_view kUnits = "KMGT";
  const char upper = static_cast<char>(suffix[0] & ~0x20);
  const std::size_t unit = kUnits.find(upper);
  if (suffix.size() != 1 || unit == std::string_view::npos) return {};
  const auto shift = static_cast<unsigned>(10 * (unit + 1));
  if (number > (~std::uint64_t{0} >> 1) >> shift) return {};
  return number << shift;
}

std::string human_size(std::uint64_t bytes) {
  if (bytes < 1024) return cat(bytes, " bytes");
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, kUnits[unit]);
  return text.data();
}

}  // namespace ncli
