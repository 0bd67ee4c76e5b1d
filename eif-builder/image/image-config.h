// The configuration of a container image: what runs in it, and its layers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "eif-builder/image/platform.h"
#include "eif-builder/image/verify.h"

namespace ncli::image {

// Source: the OCI image specification's config.md; Docker's has the same keys.
struct ImageConfig {
  std::optional<std::vector<std::string>> command;     // Cmd; absent or null
  std::optional<std::vector<std::string>> entrypoint;  // Entrypoint
  std::vector<std::string> environment;                // Env, "NAME=value"
  std::string working_directory;
  std::string user;
  std::string created;  // RFC 3339, or empty
  Platform platform;
  std::vector<ContentDigest> diff_ids;  // of the uncompressed layers
  Json document;                        // all of it
};

// E50 when `text` is no image config.
ImageConfig parse_image_config(std::string_view text);

}  // namespace ncli::image
