// A sink that keeps what is written, for comparing.
#pragma once

#include <array>
#include <string>

#include "base/byte-io.h"

namespace ncli::test {

class TextSink final : public ByteSink {
 public:
  std::span<std::byte> space() override { return buffer_; }
  void commit(std::size_t count) override {
    text_.append(reinterpret_cast<const char*>(buffer_.data()), count);
  }
  const std::string& text() const { return text_; }

 private:
  std::array<std::byte, 97> buffer_{};  // small, so that pieces are cut
  std::string text_;
};

}  // namespace ncli::test
