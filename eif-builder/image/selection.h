// Choosing one image of those that an archive or directory offers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eif-builder/image/content.h"
#include "eif-builder/image/platform.h"
#include "eif-builder/image/verify.h"

namespace ncli::image {

// A layer or the configuration, as a manifest lists it.
struct Blob {
  std::string name;                     // in the ContentStore
  std::optional<ContentDigest> stated;  // of the blob as it is
  std::optional<std::uint64_t> size;    // as stated
};

// An image as a manifest describes it.
struct Manifest {
  Blob config;
  std::vector<Blob> layers;  // bottom to top
};

// E50 when `source` has not the size that is stated for it. `what` names it.
void check_size(const ByteSource& source,
                const std::optional<std::uint64_t>& stated,
                std::string_view what);

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
