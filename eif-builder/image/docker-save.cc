#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "eif-builder/image/image-config.h"
#include "eif-builder/image/selection.h"

namespace ncli::image {
namespace {

constexpr std::size_t kMostImages = 256;

Error malformed(std::string_view reason) {
  return Error(ErrorCode::kImagePull,
               cat("cannot read manifest.json: ", reason));
}

// The digest that a file's name states: "blobs/sha256/<hex>", or, of a config,
// "<hex>.json" (podman) and "sha256:<hex>" (crane), of a layer "<hex>.tar" and
// "<hex>.tar.gz".
std::optional<ContentDigest> digest_in_name(std::string_view name,
                                            std::string_view suffix) {
  for (const std::string_view prefix : {"blobs/sha256/", "sha256:"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  for (const std::string_view end : {std::string_view(".gz"), suffix}) {
    if (name.ends_with(end)) name.remove_suffix(end.size());
  }
  if (!is_lower_hex(name, 64)) return {};
  return ContentDigest{measure::HashAlgorithm::kSha256, std::string(name)};
}

std::string text_of(const Json& json, std::string_view what) {
  if (!json.is_string()) throw malformed(cat(what, " is no text"));
  return json.get<std::string>();
}

Candidate candidate_of(const ContentStore& store, const Json& entry,
                       std::size_t index) {
  if (!entry.is_object()) throw malformed("it holds no object");
  Candidate candidate;
  Blob& config = candidate.manifest.config;
  config.name = text_of(entry.value("Config", Json()), "Config");
  config.stated = digest_in_name(config.name, ".json");
  const Json layers = entry.value("Layers", Json());
  if (!layers.is_array() && !layers.is_null()) {
    throw malformed("Layers is no list");
  }
  for (const Json& layer : layers) {
    const std::string name = text_of(layer, "a layer");
    candidate.manifest.layers.push_back(
        {.name = name, .stated = digest_in_name(name, ".tar"), .size = {}});
  }
  const Json tags = entry.value("RepoTags", Json());
  if (tags.is_array()) {
    for (const Json& tag : tags) {
      candidate.names.push_back(text_of(tag, "a tag"));
    }
  }
  candidate.id = config.stated ? config.stated->text() : std::to_string(index);
  candidate.platform =
      parse_image_config(store.read_document(config.name)).platform;
  return candidate;
}

}  // namespace

std::vector<Candidate> docker_save_candidates(const ContentStore& store) {
  const Json manifest = parse_json(store.read_document("manifest.json"),
                                   ErrorCode::kImagePull, "manifest.json");
  if (!manifest.is_array()) throw malformed("it is no list of images");
  if (manifest.size() > kMostImages) {
    throw malformed(cat("it lists more than ", kMostImages, " images"));
  }
  std::vector<Candidate> candidates;
  for (const Json& entry : manifest) {
    candidates.push_back(candidate_of(store, entry, candidates.size()));
  }
  return candidates;
}

}  // namespace ncli::image
