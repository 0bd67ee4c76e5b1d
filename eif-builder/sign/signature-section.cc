#include "eif-builder/sign/signature-section.h"

#include <cbor.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ncli::sign {
namespace {

constexpr std::string_view kCertificateKey = "signing_certificate";
constexpr std::string_view kSignatureKey = "signature";
constexpr std::size_t kMostEntries = 32;

// Follows libcbor's events through the one shape that is allowed:
//   list [ entry { text => bytes | [ integers ] } ]
// Memory grows with the bytes that were read, never with a stated length. An
// event that does not fit sets `failure`, since no exception may cross libcbor.
class Decoder {
 public:
  std::vector<SignatureEntry> entries;
  const char* failure = nullptr;

  bool done() const { return state_ == State::kDone; }

  void start_array(std::optional<std::uint64_t> size) {
    if (state_ == State::kStart) {
      open(State::kList, size);
    } else if (state_ == State::kValue) {
      open(State::kBytes, size);
    } else {
      failure = "an array is out of place";
    }
    close_if_full();
  }

  void start_map(std::optional<std::uint64_t> size) {
    if (state_ != State::kList || entries.size() == kMostEntries) {
      failure = "a map is out of place";
      return;
    }
    entries.emplace_back();
    open(State::kKey, size);
    close_if_full();
  }

  void text(std::string_view text) {
    if (state_ != State::kKey) {
      failure = "a text is out of place";
      return;
    }
    key_ = text;
    value_.clear();
    state_ = State::kValue;
  }

  void bytes(std::string_view bytes) {
    if (state_ != State::kValue) {
      failure = "a byte string is out of place";
      return;
    }
    value_ = bytes;
    take_value();
  }

  void integer(std::uint64_t value) {
    if (state_ != State::kBytes || value > 255) {
      failure = "a number is out of place";
      return;
    }
    value_ += static_cast<char>(value);
    count_item();
  }

  void stop() {
    if (levels_.empty() || levels_.back().left || state_ == State::kValue) {
      failure = "a break is out of place";
      return;
    }
    close();
    close_if_full();
  }

 private:
  enum class State { kStart, kList, kKey, kValue, kBytes, kDone };
  struct Level {
    State state;
    std::optional<std::uint64_t> left;  // items to come; none: until a break
  };

  void open(State state, std::optional<std::uint64_t> size) {
    levels_.push_back({state, size});
    state_ = state;
  }

  void count_item() {
    if (levels_.back().left) --*levels_.back().left;
    close_if_full();
  }

  void close_if_full() {
    while (!levels_.empty() && levels_.back().left == 0 &&
           state_ == levels_.back().state) {
      close();
    }
  }

  // Ends the innermost level; it was one item of the level around it.
  void close() {
    const State closed = levels_.back().state;
    levels_.pop_back();
    if (levels_.empty()) {
      state_ = State::kDone;
    } else if (closed == State::kBytes) {
      take_value();
    } else {
      state_ = levels_.back().state;
      if (levels_.back().left) --*levels_.back().left;
    }
  }

  void take_value() {
    if (key_ == kCertificateKey) {
      entries.back().certificate_pem = std::move(value_);
    } else if (key_ == kSignatureKey) {
      entries.back().cose_sign1 = std::move(value_);
    }
    value_.clear();
    state_ = State::kKey;
    count_item();
  }

  State state_ = State::kStart;
  std::vector<Level> levels_;
  std::string key_;
  std::string value_;
};

// Calls `action(decoder)`; nothing it throws may cross libcbor.
template <class Action>
void guard(void* context, Action action) {
  Decoder& decoder = *static_cast<Decoder*>(context);
  try {
    action(decoder);
  } catch (...) {
    decoder.failure = "there is not enough memory for it";
  }
}

template <class Integer>
void on_integer(void* context, Integer value) {
  guard(context, [&](Decoder& decoder) { decoder.integer(value); });
}

template <class Number>
void on_other_number(void* context, Number) {
  static_cast<Decoder*>(context)->failure = "a number is out of place";
}

void on_other(void* context) {
  static_cast<Decoder*>(context)->failure = "a value is out of place";
}

std::string_view view(cbor_data data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

cbor_callbacks make_callbacks() {
  cbor_callbacks callbacks = cbor_empty_callbacks;
  callbacks.uint8 = &on_integer<std::uint8_t>;
  callbacks.uint16 = &on_integer<std::uint16_t>;
  callbacks.uint32 = &on_integer<std::uint32_t>;
  callbacks.uint64 = &on_integer<std::uint64_t>;
  callbacks.negint8 = &on_other_number<std::uint8_t>;
  callbacks.negint16 = &on_other_number<std::uint16_t>;
  callbacks.negint32 = &on_other_number<std::uint32_t>;
  callbacks.negint64 = &on_other_number<std::uint64_t>;
  callbacks.float2 = &on_other_number<float>;
  callbacks.float4 = &on_other_number<float>;
  callbacks.float8 = &on_other_number<double>;
  callbacks.tag = &on_other_number<std::uint64_t>;
  callbacks.boolean = &on_other_number<bool>;
  callbacks.undefined = &on_other;
  callbacks.null = &on_other;
  callbacks.byte_string_start = &on_other;
  callbacks.string_start = &on_other;
  callbacks.byte_string = [](void* context, cbor_data data, std::size_t size) {
    guard(context, [&](Decoder& decoder) { decoder.bytes(view(data, size)); });
  };
  callbacks.string = [](void* context, cbor_data data, std::size_t size) {
    guard(context, [&](Decoder& decoder) { decoder.text(view(data, size)); });
  };
  callbacks.array_start = [](void* context, std::size_t size) {
    guard(context, [&](Decoder& decoder) { decoder.start_array(size); });
  };
  callbacks.indef_array_start = [](void* context) {
    guard(context, [](Decoder& decoder) { decoder.start_array({}); });
  };
  callbacks.map_start = [](void* context, std::size_t size) {
    guard(context, [&](Decoder& decoder) { decoder.start_map(size); });
  };
  callbacks.indef_map_start = [](void* context) {
    guard(context, [](Decoder& decoder) { decoder.start_map({}); });
  };
  callbacks.indef_break = [](void* context) {
    guard(context, [](Decoder& decoder) { decoder.stop(); });
  };
  return callbacks;
}

Error malformed(std::string_view reason) {
  return Error(ErrorCode::kEifParsing,
               cat("cannot read the signature section: ", reason));
}

}  // namespace

std::vector<SignatureEntry> decode_signature_section(
    std::span<const std::byte> section) {
  const cbor_callbacks callbacks = make_callbacks();
  Decoder state;
  while (!section.empty() && !state.done()) {
    const cbor_decoder_result result =
        cbor_stream_decode(reinterpret_cast<cbor_data>(section.data()),
                           section.size(), &callbacks, &state);
    if (state.failure != nullptr) throw malformed(state.failure);
    if (result.status != CBOR_DECODER_FINISHED) {
      throw malformed("its CBOR is damaged or cut short");
    }
    section = section.subspan(result.read);
  }
  if (!state.done()) throw malformed("its CBOR is cut short");
  if (!section.empty()) throw malformed("bytes follow its end");
  return std::move(state.entries);
}

}  // namespace ncli::sign
