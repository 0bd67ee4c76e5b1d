// The JSON of an image: the input is an index, a manifest and a configuration
// at once, whatever digest it is asked for by.
#include "eif-builder/eif/metadata.h"
#include "eif-builder/image/content.h"
#include "eif-builder/image/image-config.h"
#include "eif-builder/image/selection.h"
#include "tests/fuzz/fuzz.h"

namespace {

class OneFileStore final : public ncli::image::ContentStore {
 public:
  explicit OneFileStore(std::shared_ptr<const ncli::ByteSource> file)
      : file_(std::move(file)) {}
  std::shared_ptr<const ncli::ByteSource> open(
      std::string_view) const override {
    return file_;
  }

 private:
  std::shared_ptr<const ncli::ByteSource> file_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace image = ncli::image;
  using ncli::fuzz::expect_answer;
  const image::Platform platform{.architecture = "arm64", .variant = "v8"};
  const OneFileStore store(ncli::fuzz::source_of(data, size));
  const std::string text(reinterpret_cast<const char*>(data), size);
  expect_answer([&] {
    image::choose(image::oci_candidates(store, platform), "x:y", platform);
  });
  expect_answer([&] {
    image::choose(image::directory_candidates(store, platform), "", platform);
  });
  expect_answer([&] {
    image::choose(image::docker_save_candidates(store), "@0", platform);
  });
  expect_answer([&] {
    const auto config = image::parse_image_config(text);
    ncli::eif::parse_timestamp(config.created);
    ncli::dump_json(config.document, 2);
  });
  expect_answer([&] { ncli::eif::decode_metadata(text); });
  ncli::eif::parse_kernel_config(text);
  return 0;
}
