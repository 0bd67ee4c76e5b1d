// A layer: any bytes, maybe compressed, become a tree and an initramfs of
// exactly the planned size, or are refused.
#include <cstdlib>
#include <vector>

#include "eif-builder/image/decompress.h"
#include "eif-builder/image/tar-layer.h"
#include "eif-builder/initramfs/initramfs.h"
#include "eif-builder/rootfs/docker-layout.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr std::uint64_t kLargest = 4 << 20;

std::shared_ptr<const ncli::ByteSource> unpacked(
    std::shared_ptr<const ncli::ByteSource> source) {
  const auto compression = ncli::image::detect_compression(*source);
  if (compression == ncli::image::Compression::kNone) return source;
  std::string bytes;
  ncli::BufferedSink sink(4096, [&](std::span<const std::byte> part) {
    if (bytes.size() > kLargest) {
      throw ncli::Error(ncli::ErrorCode::kEifBuilding, "too large");
    }
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
  });
  ncli::image::decompress(
      compression, *source, [](auto) {}, sink);
  sink.flush();
  return std::make_shared<const ncli::MemorySource>(std::move(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  ncli::fuzz::expect_answer([&] {
    const auto archive = unpacked(ncli::fuzz::source_of(data, size));
    ncli::rootfs::FileTree tree;
    ncli::image::LayerFacts facts;
    // Twice: the second time over its own files.
    ncli::image::add_tar_layer(archive, tree, facts);
    ncli::image::add_tar_layer(archive, tree, facts);
    ncli::rootfs::apply_init_layer(tree);
    ncli::rootfs::make_working_directory(tree, "/srv/../opt/./here");
    const ncli::initramfs::CustomerInitramfs initramfs(
        tree, {{"cmd", "/bin/x\n"}, {"env", ""}});
    if (initramfs.size() > kLargest) return;
    std::uint64_t written = 0;
    ncli::BufferedSink sink(
        4096, [&](std::span<const std::byte> part) { written += part.size(); });
    initramfs.write(sink);
    sink.flush();
    if (written != initramfs.size()) std::abort();
  });
  return 0;
}
