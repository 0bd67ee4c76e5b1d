// The JSON that several subcommands print about an EIF. Source: NITRO.md
// section 1.
#pragma once

#include <string>

#include "base/json.h"
#include "measure/pcr-bank.h"

namespace ncli::cli {

// {"HashAlgorithm", "PCR0", "PCR1", "PCR2", "PCR8"?}
OrderedJson measurements_json(const measure::Measurements& measurements);

}  // namespace ncli::cli
