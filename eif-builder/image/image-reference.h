// Where an image is to be taken from, as --docker-uri says it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace ncli::image {

enum class Transport {
  kArchive,        // a file that is either of the next two
  kDockerArchive,  // as `docker save` writes it
  kOciArchive,     // a tar file of an OCI image layout
  kOciDirectory,   // an OCI image layout
  kDirectory,      // a directory as skopeo's and podman's dir: writes it
};

struct ImageReference {
  Transport transport;
  std::filesystem::path path;
  std::string name;  // which image of several; empty: the only one
};

// Takes "docker-archive:PATH[:REF]", "oci-archive:PATH[:REF]",
// "oci:DIR[:REF]", "dir:DIR" and a bare path, which is told apart by content
// (an archive when it is opened). A PATH that holds colons is found by what
// exists. E50 when there is no such file or directory.
ImageReference parse_image_reference(std::string_view uri);

}  // namespace ncli::image
