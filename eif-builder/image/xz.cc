#include <lzma.h>

#include <algorithm>
#include <memory>

#include "base/c-handle.h"
#include "base/error.h"
#include "base/text.h"
#include "eif-builder/image/decompress.h"

namespace ncli::image {
namespace {

constexpr std::size_t kReadSize = std::size_t{64} << 10;
// What `xz -9` needs and a little more: libarchive would take as much as the
// archive asks for.
constexpr std::uint64_t kMostMemory = std::uint64_t{72} << 20;

std::string_view reason_of(lzma_ret result) {
  switch (result) {
    case LZMA_MEMLIMIT_ERROR:
      return "it needs more memory than that of `xz -9`; compress it again";
    case LZMA_OPTIONS_ERROR:
      return "it is of a kind that liblzma does not know";
    case LZMA_BUF_ERROR:
      return "it ends too early; the image was not written whole";
    case LZMA_MEM_ERROR:
      return "there is not enough memory";
    default:
      return "it is malformed; the image is damaged";
  }
}

void check(lzma_ret result) {
  if (result == LZMA_OK || result == LZMA_STREAM_END) return;
  throw Error(ErrorCode::kImagePull,
              cat("cannot decompress xz data: ", reason_of(result)));
}

}  // namespace

void decompress_xz(const ByteSource& source, const OnInput& on_input,
                   ByteSink& out) {
  lzma_stream stream = LZMA_STREAM_INIT;
  const std::unique_ptr<lzma_stream, Free<&lzma_end>> owner(&stream);
  check(lzma_stream_decoder(&stream, kMostMemory, LZMA_CONCATENATED));
  const auto input = std::make_unique_for_overwrite<std::byte[]>(kReadSize);
  std::uint64_t offset = 0;
  lzma_ret result = LZMA_OK;
  while (result != LZMA_STREAM_END) {
    if (stream.avail_in == 0 && offset < source.size()) {
      const std::span<std::byte> bytes(
          input.get(),
          std::min<std::uint64_t>(kReadSize, source.size() - offset));
      source.read_at(offset, bytes);
      on_input(bytes);
      offset += bytes.size();
      stream.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
      stream.avail_in = bytes.size();
    }
    const std::span<std::byte> room = out.space();
    stream.next_out = reinterpret_cast<std::uint8_t*>(room.data());
    stream.avail_out = room.size();
    result =
        lzma_code(&stream, offset == source.size() ? LZMA_FINISH : LZMA_RUN);
    const std::size_t made = room.size() - stream.avail_out;
    if (made != 0) out.commit(made);
    check(result);
  }
}

}  // namespace ncli::image
