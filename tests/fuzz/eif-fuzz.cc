// The EIF reader: any bytes are described or refused.
#include "base/observer.h"
#include "eif-builder/describe.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  ncli::Observer observer;
  ncli::fuzz::expect_answer([&] {
    ncli::describe_eif(*ncli::fuzz::source_of(data, size), observer);
  });
  return 0;
}
