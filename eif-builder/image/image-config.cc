#include "eif-builder/image/image-config.h"

#include "base/error.h"
#include "base/text.h"

namespace ncli::image {
namespace {

constexpr std::string_view kName = "the image's configuration";

Error malformed(std::string_view reason) {
  return Error(ErrorCode::kImagePull, cat("cannot read ", kName, ": ", reason));
}

// The member `key`; null when it is absent.
const Json& member(const Json& object, const char* key) {
  static const Json null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string text_member(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (value.is_null()) return {};
  if (!value.is_string()) throw malformed(cat(key, " is no text"));
  return value.get<std::string>();
}

std::optional<std::vector<std::string>> list_member(const Json& object,
                                                    const char* key) {
  const Json& value = member(object, key);
  if (value.is_null()) return {};
  std::vector<std::string> list;
  if (!value.is_array()) throw malformed(cat(key, " is no list"));
  for (const Json& element : value) {
    if (!element.is_string()) {
      throw malformed(cat(key, " holds something that is no text"));
    }
    list.push_back(element.get<std::string>());
  }
  return list;
}

}  // namespace

ImageConfig parse_image_config(std::string_view text) {
  ImageConfig config;
  config.document = parse_json(text, ErrorCode::kImagePull, kName);
  if (!config.document.is_object()) throw malformed("it is no JSON object");
  const Json& process = member(config.document, "config");
  if (!process.is_null() && !process.is_object()) {
    throw malformed("config is no object");
  }
  if (process.is_object()) {
    config.command = list_member(process, "Cmd");
    config.entrypoint = list_member(process, "Entrypoint");
    config.environment =
        list_member(process, "Env").value_or(std::vector<std::string>());
    config.working_directory = text_member(process, "WorkingDir");
    config.user = text_member(process, "User");
  }
  config.created = text_member(config.document, "created");
  config.platform = platform_of(config.document);
  const Json& rootfs = member(config.document, "rootfs");
  if (!rootfs.is_object()) throw malformed("it has no rootfs");
  for (const std::string& diff_id :
       list_member(rootfs, "diff_ids").value_or(std::vector<std::string>())) {
    config.diff_ids.push_back(parse_digest(diff_id, kName));
  }
  return config;
}

}  // namespace ncli::image
