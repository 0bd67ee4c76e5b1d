#include "cli/eif-json.h"

#include <cerrno>
#include <iostream>

#include "base/error.h"
#include "base/text.h"

namespace ncli::cli {

OrderedJson measurements_json(const measure::Measurements& measurements) {
  OrderedJson json = {{"HashAlgorithm", "Sha384 { ... }"},
                      {"PCR0", to_hex(measurements.pcr0)},
                      {"PCR1", to_hex(measurements.pcr1)},
                      {"PCR2", to_hex(measurements.pcr2)}};
  if (measurements.pcr8) json["PCR8"] = to_hex(*measurements.pcr8);
  return json;
}

void print_json(const OrderedJson& json) {
  errno = 0;
  std::cout << dump_json(json, 2) << std::endl;
  if (!std::cout) {
    throw errno_error(ErrorCode::kFileOperation, "cannot write to stdout",
                      errno == 0 ? EIO : errno);
  }
}

}  // namespace ncli::cli
