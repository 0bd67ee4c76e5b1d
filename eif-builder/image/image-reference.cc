#include "eif-builder/image/image-reference.h"

#include <array>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ncli::image {
namespace {

constexpr std::array<std::pair<std::string_view, Transport>, 4> kPrefixes = {{
    {"docker-archive:", Transport::kDockerArchive},
    {"oci-archive:", Transport::kOciArchive},
    {"oci:", Transport::kOciDirectory},
    {"dir:", Transport::kDirectory},
}};

bool exists(std::string_view path) {
  std::error_code error;
  return !path.empty() && std::filesystem::exists(path, error);
}

// Splits PATH[:REF]: the whole when it exists, else the shortest part before a
// colon that does, else the part before the first colon.
ImageReference split(Transport transport, std::string_view text) {
  if (exists(text)) return {transport, text, {}};
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':', colon + 1)) {
    if (exists(text.substr(0, colon))) {
      return {transport, text.substr(0, colon),
              std::string(text.substr(colon + 1))};
    }
  }
  throw Error(ErrorCode::kImagePull,
              cat("cannot open image ", quote(text),
                  ": there is no such file or directory"));
}

Transport directory_transport(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::exists(path / "index.json", error)) {
    return Transport::kOciDirectory;
  }
  if (std::filesystem::exists(path / "manifest.json", error)) {
    return Transport::kDirectory;
  }
  throw Error(ErrorCode::kImagePull,
              cat("cannot open image ", quote(path.native()),
                  ": the directory is no OCI image layout (it has no "
                  "index.json) and no dir: image (it has no manifest.json)"));
}

}  // namespace

ImageReference parse_image_reference(std::string_view uri) {
  for (const auto& [prefix, transport] : kPrefixes) {
    if (uri.starts_with(prefix)) {
      return split(transport, uri.substr(prefix.size()));
    }
  }
  if (!exists(uri)) {
    throw Error(
        ErrorCode::kImagePull,
        cat("cannot find image ", quote(uri),
            ": there is no file or directory of this name, and ncli does not "
            "yet ask a Docker daemon or a registry; save the image (docker "
            "save -o image.tar NAME, or skopeo copy docker://NAME "
            "oci-archive:image.tar) and give docker-archive:image.tar or "
            "oci-archive:image.tar"));
  }
  const std::filesystem::path path(uri);
  return {std::filesystem::is_directory(path) ? directory_transport(path)
                                              : Transport::kArchive,
          path,
          {}};
}

}  // namespace ncli::image
