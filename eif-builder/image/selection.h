// Choosing one image of those that an archive or directory offers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eif-builder/image/content.h"
#include "eif-builder/image/platform.h"
#include "eif-builder/image/verify.h"

namespace ncli::image {

// One layer's blob as the image lists it.
struct LayerBlob {
  std::string name;                      // in the ContentStore
  std::optional<ContentDigest> stated;   // of the blob as it is
};

// An image as a manifest describes it.
struct Manifest {
  std::string config_name;               // in the ContentStore
  std::optional<ContentDigest> config_digest;
  std::vector<LayerBlob> layers;         // bottom to top
};

// An image that is offered.
struct Candidate {
  std::vector<std::string> names;  // "hello:latest"; may be empty
  std::string id;                  // what tells it from others
  Platform platform;
  Manifest manifest;
};

// The candidate called `name` (empty: any) that fits `platform` best. E50, with
// a list of what there is, when none or more than one fits.
const Candidate& choose(const std::vector<Candidate>& candidates,
                        std::string_view name, const Platform& platform);

// The images of a docker-archive's manifest.json.
std::vector<Candidate> docker_save_candidates(const ContentStore& store);

// The images of an OCI image layout's index.json, through nested indexes;
// attestations and other artifacts are passed over. Images whose descriptor
// names another platform than `platform` need not be there.
std::vector<Candidate> oci_candidates(const ContentStore& store,
                                      const Platform& platform);

// The images of a dir: directory: its manifest.json is a manifest or an index.
std::vector<Candidate> directory_candidates(const ContentStore& store,
                                            const Platform& platform);

}  // namespace ncli::image
