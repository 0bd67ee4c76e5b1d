// The platform that an image is made for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace ncli::image {

struct Platform {
  std::string os = "linux";
  std::string architecture;  // as Go names it: "amd64", "arm64"
  std::string variant;       // "v8"; mostly empty
};

// "linux/arm64", "linux/arm64/v8", "arm64", "aarch64", "x86_64"; nullopt for
// what no enclave runs.
std::optional<Platform> parse_platform(std::string_view text);

// This machine's.
Platform host_platform();

// "linux/arm64" or "linux/arm64/v8".
std::string to_string(const Platform& platform);

// From an object with "os", "architecture" and "variant": an OCI descriptor's
// platform or an image config. Empty members where it says nothing.
Platform platform_of(const Json& json);

// Whether an image for `offered` serves `wanted`, and how well: 0 is best,
// nullopt not at all. An image that does not name its platform serves all.
std::optional<int> match(const Platform& wanted, const Platform& offered);

}  // namespace ncli::image
