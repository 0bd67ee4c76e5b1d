// What the fuzz targets share: a source over the fuzzer's bytes, and the rule
// that an Error is an answer while anything else is a defect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte-io.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace ncli::fuzz {

inline std::shared_ptr<const ByteSource> source_of(const std::uint8_t* data,
                                                   std::size_t size) {
  return std::make_shared<const MemorySource>(
      std::string(reinterpret_cast<const char*>(data), size));
}

template <class Function>
void expect_answer(const Function& function) {
  try {
    function();
  } catch (const Error&) {
    // A clear refusal is what hostile input should get.
  }
}

}  // namespace ncli::fuzz
