// Whole numbers in big-endian bytes, as an EIF holds them.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

namespace ncli {

// Reads sizeof(Integer) bytes at `bytes[offset]`; the caller has checked that
// they are there.
template <std::unsigned_integral Integer>
Integer load_big_endian(std::span<const std::byte> bytes, std::size_t offset) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Integer>((value << 8) |
                                 std::to_integer<Integer>(bytes[offset + i]));
  }
  return value;
}

template <std::unsigned_integral Integer>
void store_big_endian(std::span<std::byte> bytes, std::size_t offset,
                      Integer value) {
  for (std::size_t i = sizeof(Integer); i-- > 0;) {
    bytes[offset + i] = static_cast<std::byte>(value & 0xFF);
    value = static_cast<Integer>(value >> 8);
  }
}

}  // namespace ncli
