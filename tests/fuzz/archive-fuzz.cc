// An image archive: any tar bytes are an image, several, or refused.
#include "eif-builder/image/content.h"
#include "eif-builder/image/image-config.h"
#include "eif-builder/image/selection.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace image = ncli::image;
  const image::Platform platform{.architecture = "amd64", .variant = {}};
  ncli::fuzz::expect_answer([&] {
    const image::ArchiveStore store(ncli::fuzz::source_of(data, size));
    for (const char* const name : {"a", "./b/../c", "manifest.json"}) {
      store.open(name);
    }
    ncli::fuzz::expect_answer([&] {
      image::choose(image::docker_save_candidates(store), "", platform);
    });
    ncli::fuzz::expect_answer([&] {
      image::choose(image::oci_candidates(store, platform), "", platform);
    });
  });
  return 0;
}
