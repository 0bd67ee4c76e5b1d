// Reads everything that can be said about an enclave image file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/byte-io.h"
#include "base/json.h"
#include "base/observer.h"
#include "eif-builder/eif/reader.h"
#include "measure/pcr-bank.h"

namespace ncli {

struct EifDescription {
  eif::Layout layout;
  measure::Measurements measurements;
  bool has_crc = true;  // version 1 has none
  bool crc_matches = false;
  bool is_signed = false;
  std::optional<Json> metadata;  // the metadata section's object
  // What is wrong with the file though it can be described.
  std::vector<std::string> flaws;
};

// E35 when it is no EIF that can be read.
EifDescription describe_eif(const ByteSource& file, Observer& observer);
EifDescription describe_eif(const std::filesystem::path& path,
                            Observer& observer);

}  // namespace ncli
