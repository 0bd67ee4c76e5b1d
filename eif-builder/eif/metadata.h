// The metadata section of an EIF: who built what from what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace ncli::eif {

struct Metadata {
  std::string image_name;
  std::string image_version;
  std::string build_time;  // RFC 3339
  std::string build_tool;
  std::string build_tool_version;
  std::string operating_system;
  std::string kernel_version;
  Json docker_info;      // null when absent
  Json custom_metadata;  // null or an object
};

// The section's bytes: compact JSON in the reference's order of keys.
std::string encode_metadata(const Metadata& metadata);

// The section's JSON, whatever builder wrote it: an object. E35 otherwise.
Json decode_metadata(std::string_view section);

// Operating system and kernel version from the text of a kernel's .config;
// "Unknown" for what its third line does not say.
// Source: FORMATS.md section 6.
struct KernelInfo {
  std::string operating_system = "Unknown";
  std::string kernel_version = "Unknown";
};
KernelInfo parse_kernel_config(std::string_view config);

// A point in time, to nanoseconds.
struct Timestamp {
  std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z
  std::uint32_t nanoseconds = 0;
};

// "2026-11-24T00:08:23.123456789+00:00": UTC, with 0, 3, 6 or 9 digits of
// fraction, whichever are needed.
std::string format_timestamp(const Timestamp& time);

// Reads RFC 3339 with any offset from UTC; nullopt when it is malformed.
std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace ncli::eif
