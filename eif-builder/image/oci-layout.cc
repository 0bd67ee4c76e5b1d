#include <set>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "eif-builder/image/image-config.h"
#include "eif-builder/image/selection.h"

namespace ncli::image {
namespace {

constexpr std::size_t kMostDescriptors = 4096;
constexpr int kDeepestIndex = 8;
constexpr const char* kRefName = "org.opencontainers.image.ref.name";
constexpr const char* kContainerdName = "io.containerd.image.name";
constexpr const char* kReferenceType = "vnd.docker.reference.type";

Error malformed(std::string_view what, std::string_view reason) {
  return Error(ErrorCode::kImagePull, cat("cannot read ", what, ": ", reason));
}

const Json& member(const Json& object, const char* key) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string text_member(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<std::uint64_t> stated_size(const Json& descriptor) {
  const Json& size = member(descriptor, "size");
  if (!size.is_number_unsigned()) return {};
  return size.get<std::uint64_t>();
}

// Of a manifest or an index, in OCI's words or Docker's; tools may say nothing.
bool is_manifest_type(std::string_view media_type) {
  return media_type.empty() ||
         media_type == "application/vnd.oci.image.manifest.v1+json" ||
         media_type == "application/vnd.oci.image.index.v1+json" ||
         media_type == "application/vnd.docker.distribution.manifest.v2+json" ||
         media_type ==
             "application/vnd.docker.distribution.manifest.list.v2+json";
}

// How a layout names the file of a blob: an OCI layout by its path, a dir:
// directory by the bare digest.
enum class BlobNames { kPath, kHex };

class IndexReader {
 public:
  IndexReader(const ContentStore& store, const Platform& platform,
              BlobNames names)
      : store_(store), platform_(platform), blob_names_(names) {}

  // Takes the images of the document `json`, which is an index or a manifest.
  void read_document(const Json& json, const std::string& what,
                     const Candidate& known, int depth) {
    if (member(json, "manifests").is_array()) {
      return read_index(json, what, known, depth);
    }
    read_manifest(json, what, known);
  }

  std::vector<Candidate> take() { return std::move(candidates_); }

 private:
  Blob blob_of(const Json& descriptor, const std::string& what) const {
    const ContentDigest digest =
        parse_digest(text_member(descriptor, "digest"), what);
    return {.name = blob_names_ == BlobNames::kPath ? digest.blob_path()
                                                    : digest.hex,
            .stated = digest,
            .size = stated_size(descriptor)};
  }

  void read_index(const Json& index, const std::string& what,
                  const Candidate& known, int depth) {
    if (depth > kDeepestIndex) {
      throw malformed(what, "its indexes are nested too deeply");
    }
    for (const Json& descriptor : member(index, "manifests")) {
      if (++descriptors_ > kMostDescriptors) {
        throw malformed(
            what, cat("it lists more than ", kMostDescriptors, " manifests"));
      }
      read_descriptor(descriptor, what, known, depth);
    }
  }

  void read_descriptor(const Json& descriptor, const std::string& what,
                       const Candidate& known, int depth) {
    const Json& annotations = member(descriptor, "annotations");
    Candidate candidate = known;
    // containerd's is the whole name, where the other is but the tag.
    for (const char* const key : {kContainerdName, kRefName}) {
      const std::string name = text_member(annotations, key);
      if (!name.empty()) candidate.names.push_back(name);
    }
    const Json& stated_platform = member(descriptor, "platform");
    if (stated_platform.is_object()) {
      candidate.platform = platform_of(stated_platform);
    }
    if (!member(annotations, kReferenceType).is_null() ||
        candidate.platform.os == "unknown" ||
        !is_manifest_type(text_member(descriptor, "mediaType"))) {
      return;  // an attestation about another image, or another artifact
    }
    const ContentDigest digest =
        parse_digest(text_member(descriptor, "digest"), what);
    candidate.id = digest.text();
    const std::string file = manifest_file(digest);
    const std::shared_ptr<const ByteSource> blob = store_.open(file);
    if (!blob) {
      // Tools that save one platform of several leave the others out.
      if (stated_platform.is_object() &&
          !match(platform_, candidate.platform)) {
        candidates_.push_back(std::move(candidate));
        return;
      }
      throw malformed(what, cat("the manifest ", digest.text(),
                                " that it names is not there"));
    }
    const std::string name = cat("the manifest ", digest.text());
    check_size(*blob, stated_size(descriptor), name);
    const std::string text = store_.read_document(file);
    check_digest(text, digest, name);
    read_document(parse_json(text, ErrorCode::kImagePull, name), name,
                  candidate, depth + 1);
  }

  // A dir: directory calls the manifests of an index <hex>.manifest.json.
  std::string manifest_file(const ContentDigest& digest) const {
    return blob_names_ == BlobNames::kPath ? digest.blob_path()
                                           : digest.hex + ".manifest.json";
  }

  void read_manifest(const Json& json, const std::string& what,
                     Candidate candidate) {
    const Json& config = member(json, "config");
    const Json& layers = member(json, "layers");
    if (!config.is_object() || !layers.is_array()) {
      throw malformed(what, "it is no image manifest");
    }
    if (!is_image(json)) return;
    candidate.manifest.config = blob_of(config, what);
    for (const Json& layer : layers) {
      candidate.manifest.layers.push_back(blob_of(layer, what));
    }
    if (candidate.id.empty()) {
      candidate.id = candidate.manifest.config.stated->text();
    }
    if (candidate.platform.architecture.empty()) {
      candidate.platform =
          parse_image_config(
              store_.read_document(candidate.manifest.config.name))
              .platform;
    }
    candidates_.push_back(std::move(candidate));
  }

  static bool is_image(const Json& manifest) {
    const std::string type =
        text_member(member(manifest, "config"), "mediaType");
    return text_member(manifest, "artifactType").empty() &&
           (type.empty() ||
            type == "application/vnd.oci.image.config.v1+json" ||
            type == "application/vnd.docker.container.image.v1+json" ||
            type == "application/octet-stream");
  }

  const ContentStore& store_;
  const Platform& platform_;
  BlobNames blob_names_;
  std::size_t descriptors_ = 0;
  std::vector<Candidate> candidates_;
};

std::vector<Candidate> read_candidates(const ContentStore& store,
                                       const Platform& platform,
                                       const std::string& document,
                                       BlobNames names) {
  const Json json = parse_json(store.read_document(document),
                               ErrorCode::kImagePull, document);
  IndexReader reader(store, platform, names);
  Candidate unknown;
  unknown.platform.os.clear();
  reader.read_document(json, document, unknown, 0);
  return reader.take();
}

}  // namespace

std::vector<Candidate> oci_candidates(const ContentStore& store,
                                      const Platform& platform) {
  return read_candidates(store, platform, "index.json", BlobNames::kPath);
}

std::vector<Candidate> directory_candidates(const ContentStore& store,
                                            const Platform& platform) {
  return read_candidates(store, platform, "manifest.json", BlobNames::kHex);
}

}  // namespace ncli::image
