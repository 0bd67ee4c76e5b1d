#include "eif-builder/image/image.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/spool.h"
#include "base/text.h"
#include "eif-builder/image/content.h"
#include "eif-builder/image/layers.h"
#include "eif-builder/image/selection.h"

namespace ncli::image {
namespace {

constexpr const char* kDockerManifest = "manifest.json";
constexpr const char* kOciIndex = "index.json";

std::unique_ptr<ContentStore> open_store(const ImageReference& reference,
                                         const std::shared_ptr<Spool>& spool,
                                         Observer& observer) {
  if (reference.transport == Transport::kOciDirectory ||
      reference.transport == Transport::kDirectory) {
    return std::make_unique<DirectoryStore>(reference.path);
  }
  return std::make_unique<ArchiveStore>(open_whole_archive(
      open_file(reference.path, ErrorCode::kImagePull), spool, observer));
}

bool fits_platform(const std::vector<Candidate>& candidates,
                   const Platform& platform) {
  for (const Candidate& candidate : candidates) {
    if (match(platform, candidate.platform)) return true;
  }
  return false;
}

// A docker-archive of a newer Docker holds an OCI layout too, which may have
// platforms that manifest.json does not list.
std::vector<Candidate> archive_candidates(const ContentStore& store,
                                          const Platform& platform) {
  const bool has_manifest = store.open(kDockerManifest) != nullptr;
  const bool has_index = store.open(kOciIndex) != nullptr;
  if (!has_manifest && !has_index) {
    throw Error(ErrorCode::kImagePull,
                "the archive has neither manifest.json nor index.json; give "
                "one that docker save, podman save or skopeo copy made");
  }
  if (!has_manifest) return oci_candidates(store, platform);
  std::vector<Candidate> candidates = docker_save_candidates(store);
  if (!has_index) return candidates;
  // Also checks the digests of the manifests, which manifest.json leaves out.
  std::vector<Candidate> indexed = oci_candidates(store, platform);
  return fits_platform(candidates, platform) ? candidates : indexed;
}

std::vector<Candidate> find_candidates(const ContentStore& store,
                                       Transport transport,
                                       const Platform& platform) {
  switch (transport) {
    case Transport::kOciArchive:
    case Transport::kOciDirectory:
      return oci_candidates(store, platform);
    case Transport::kDirectory:
      return directory_candidates(store, platform);
    case Transport::kArchive:
    case Transport::kDockerArchive:
      break;
  }
  return archive_candidates(store, platform);
}

// Without the bare tags that stand beside the whole name.
std::vector<std::string> repository_tags(const Candidate& chosen) {
  std::vector<std::string> tags;
  for (const std::string& name : chosen.names) {
    const std::string tag = ":" + name;
    if (std::ranges::none_of(chosen.names, [&](const std::string& other) {
          return other.ends_with(tag);
        })) {
      tags.push_back(name);
    }
  }
  return tags;
}

Json inspect(const Image& image, const Candidate& chosen) {
  const Json& config = image.config.document;
  const auto text = [&](const char* key) {
    const auto found = config.find(key);
    return found != config.end() && found->is_string() ? *found : Json("");
  };
  Json layers = Json::array();
  for (const ContentDigest& diff_id : image.config.diff_ids) {
    layers.push_back(diff_id.text());
  }
  Json result = {{"Architecture", text("architecture")},
                 {"Author", text("author")},
                 {"Comment", text("comment")},
                 {"Config", config.value("config", Json())},
                 {"Created", text("created")},
                 {"DockerVersion", text("docker_version")},
                 {"Id", cat("sha256:", image.config_digest)},
                 {"Os", text("os")},
                 {"Parent", ""},
                 {"RepoDigests", Json::array()},
                 {"RepoTags", repository_tags(chosen)},
                 {"RootFS", {{"Layers", layers}, {"Type", "layers"}}},
                 {"Size", image.facts.file_bytes}};
  if (!text("variant").get<std::string>().empty()) {
    result["Variant"] = text("variant");
  }
  return result;
}

void read_layers(const ContentStore& store, const Candidate& chosen,
                 const std::shared_ptr<Spool>& spool, Image& image,
                 Observer& observer) {
  const auto layers =
      open_layers(store, chosen.manifest.layers, image.config.diff_ids, spool,
                  *image.checks, observer);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    with_context(cat("layer ", i + 1, " of ", layers.size()),
                 [&] { add_tar_layer(layers[i], image.tree, image.facts); });
  }
}

Image read_image(const ContentStore& store, const Candidate& chosen,
                 const std::shared_ptr<Spool>& spool, Observer& observer) {
  Image image;
  if (!chosen.names.empty()) image.name = chosen.names.front();
  const Blob& blob = chosen.manifest.config;
  const std::string config = store.read_document(blob.name);
  check_size(MemorySource(config), blob.size, "the image's configuration");
  if (blob.stated) {
    check_digest(config, *blob.stated, "the image's configuration");
  }
  image.config_digest = measure::sha256_hex(as_bytes(config));
  image.config = parse_image_config(config);
  image.checks = std::make_unique<BackgroundChecks>();
  try {
    read_layers(store, chosen, spool, image, observer);
  } catch (const Error&) {
    // A layer that is not what its digest says is the reason for whatever it
    // broke: that is the error to show.
    image.checks->finish();
    throw;
  }
  image.inspect = inspect(image, chosen);
  return image;
}

}  // namespace

Image open_image(const ImageRequest& request, Observer& observer) {
  const ImageReference& reference = request.reference;
  const auto spool =
      std::make_shared<Spool>(request.spool_directory, request.max_size);
  return with_context(
      cat("cannot read image ", quote(reference.path.native())), [&] {
        const auto store = open_store(reference, spool, observer);
        const auto candidates =
            find_candidates(*store, reference.transport, request.platform);
        Image image = read_image(
            *store, choose(candidates, reference.name, request.platform), spool,
            observer);
        image.path = reference.path;
        return image;
      });
}

}  // namespace ncli::image
