// Small text helpers: joining, hexadecimal, and safe quoting of names that may
// come from hostile input.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ncli {

inline void append_text(std::string& out, std::string_view part) {
  out += part;
}
inline void append_text(std::string& out, char part) { out += part; }
template <std::integral Integer>
requires(!std::same_as<Integer, char>) void append_text(std::string& out,
                                                        Integer part) {
  out += std::to_string(part);
}

// Joins strings, characters and whole numbers.
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (append_text(out, parts), ...);
  return out;
}

// The name in single quotes, for a message: control bytes, bytes outside ASCII
// that are no UTF-8 and quotes become \xNN, and more than 200 bytes are cut.
std::string quote(std::string_view name);

// The same without the quotes: for a text that a message goes on with.
std::string printable(std::string_view name,
                      std::string_view also_escaped = {});

// Lower-case hexadecimal.
std::string to_hex(std::span<const std::byte> bytes);

// True for exactly `digits` lower-case hexadecimal digits.
bool is_lower_hex(std::string_view text, std::size_t digits);

// A size such as "512", "64M" or "16GiB" (1024-based K, M, G, T) in bytes;
// nullopt for anything else and for what does not fit in 63 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);

// "1.2 GiB", "17.0 MiB", "512 bytes": for people.
std::string human_size(std::uint64_t bytes);

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace ncli
