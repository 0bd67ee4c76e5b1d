#include "eif-builder/image/platform.h"

#include "base/text.h"

namespace ncli::image {
namespace {

std::string go_architecture(std::string_view name) {
  if (name == "x86_64") return "amd64";
  if (name == "aarch64") return "arm64";
  return std::string(name);
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>()
                                                   : std::string();
}

// What an architecture's images are when they name no variant.
std::string_view usual_variant(std::string_view architecture) {
  return architecture == "arm64" ? "v8" : "v1";
}

}  // namespace

std::optional<Platform> parse_platform(std::string_view text) {
  Platform platform;
  if (text.starts_with("linux/")) text.remove_prefix(6);
  const std::size_t slash = text.find('/');
  platform.architecture = go_architecture(text.substr(0, slash));
  if (slash != std::string_view::npos)
    platform.variant = text.substr(slash + 1);
  if (platform.architecture != "amd64" && platform.architecture != "arm64") {
    return {};
  }
  return platform;
}

Platform host_platform() {
#if defined(__aarch64__)
  return {.architecture = "arm64", .variant = {}};
#else
  return {.architecture = "amd64", .variant = {}};
#endif
}

std::string to_string(const Platform& platform) {
  const std::string text =
      cat(platform.os, "/",
          platform.architecture.empty() ? "unknown" : platform.architecture);
  return platform.variant.empty() ? text : cat(text, "/", platform.variant);
}

Platform platform_of(const Json& json) {
  if (!json.is_object()) return {};
  return {.os = text_of(json, "os"),
          .architecture = go_architecture(text_of(json, "architecture")),
          .variant = text_of(json, "variant")};
}

std::optional<int> match(const Platform& wanted, const Platform& offered) {
  if (!offered.os.empty() && offered.os != wanted.os) return {};
  if (offered.architecture.empty()) return 2;
  if (offered.architecture != wanted.architecture) return {};
  if (offered.variant == wanted.variant) return 0;
  const std::string_view usual = usual_variant(wanted.architecture);
  if (wanted.variant.empty()) return offered.variant == usual ? 0 : 1;
  const std::string_view variant =
      offered.variant.empty() ? usual : std::string_view(offered.variant);
  if (variant == wanted.variant) return 0;
  // A processor runs what was made for an older one: v3 runs v1 and v2.
  if (variant.size() == 2 && wanted.variant.size() == 2 && variant[0] == 'v' &&
      wanted.variant[0] == 'v' && variant < wanted.variant) {
    return 1;
  }
  return {};
}

}  // namespace ncli::image
