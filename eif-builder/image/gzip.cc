#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "eif-builder/image/decompress.h"

namespace ncli::image {
namespace {

constexpr std::size_t kReadSize = std::size_t{256} << 10;
constexpr std::uint8_t kMagic0 = 0x1f;

Error damaged(std::string_view reason) {
  return Error(ErrorCode::kImagePull,
               cat("cannot decompress gzip data: ", reason,
                   "; the image is damaged or was not written whole"));
}

// Feeds a source to ISA-L piece by piece.
class GzipReader {
 public:
  GzipReader(const ByteSource& source, const OnInput& on_input)
      : source_(source),
        on_input_(on_input),
        input_(std::make_unique_for_overwrite<std::byte[]>(kReadSize)),
        state_(std::make_unique<inflate_state>()) {
    isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
  }

  void run(ByteSink& out) {
    inflate_member(out);
    while (skip_to_member()) {
      isal_inflate_reset(state_.get());
      state_->crc_flag = ISAL_GZIP;
      inflate_member(out);
    }
  }

 private:
  bool refill() {
    if (state_->avail_in != 0) return true;
    const std::span<std::byte> bytes(
        input_.get(),
        std::min<std::uint64_t>(kReadSize, source_.size() - offset_));
    if (bytes.empty()) return false;
    source_.read_at(offset_, bytes);
    on_input_(bytes);
    offset_ += bytes.size();
    state_->next_in = reinterpret_cast<std::uint8_t*>(bytes.data());
    state_->avail_in = static_cast<std::uint32_t>(bytes.size());
    return true;
  }

  void inflate_member(ByteSink& out) {
    while (state_->block_state != ISAL_BLOCK_FINISH) {
      const bool more = refill();
      const std::span<std::byte> room = out.space();
      state_->next_out = reinterpret_cast<std::uint8_t*>(room.data());
      state_->avail_out = static_cast<std::uint32_t>(room.size());
      const int result = isal_inflate(state_.get());
      const std::size_t made = room.size() - state_->avail_out;
      if (made != 0) out.commit(made);
      if (result == ISAL_INCORRECT_CHECKSUM) {
        throw damaged("its checksum is wrong");
      }
      if (result < 0) throw damaged("it is malformed");
      if (!more && made == 0 && state_->block_state != ISAL_BLOCK_FINISH) {
        throw damaged("it ends too early");
      }
    }
  }

  // Behind a member come others, or zeros that tape blocks were filled with.
  bool skip_to_member() {
    while (refill()) {
      if (*state_->next_in == kMagic0) return true;
      if (*state_->next_in != 0) throw damaged("something else follows it");
      ++state_->next_in;
      --state_->avail_in;
    }
    return false;
  }

  const ByteSource& source_;
  const OnInput& on_input_;
  std::unique_ptr<std::byte[]> input_;
  std::unique_ptr<inflate_state> state_;
  std::uint64_t offset_ = 0;
};

}  // namespace

void decompress_gzip(const ByteSource& source, const OnInput& on_input,
                     ByteSink& out) {
  GzipReader(source, on_input).run(out);
}

}  // namespace ncli::image
