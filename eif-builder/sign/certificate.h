// The signing certificate of an EIF, as far as its bytes matter for PCR8.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ncli::sign {

// The DER form of the first certificate in `pem`; an Error with `code` when
// there is none that can be read.
std::vector<std::byte> certificate_der(std::string_view pem, ErrorCode code);

}  // namespace ncli::sign
