#include "cli/eif-json.h"

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

}  // namespace ncli::cli
