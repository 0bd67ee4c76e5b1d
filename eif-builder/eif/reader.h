// Reads an Enclave Image File that nobody vouches for: its layout, its
// measurements and its CRC, in bounded memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte-io.h"
#include "eif-builder/eif/format.h"
#include "measure/pcr-bank.h"

namespace ncli::eif {

struct Section {
  SectionHeader header;
  std::uint64_t data_offset = 0;  // in the file; inside it, with header.size
};

// Where everything lies. The sections are in ascending order and do not
// overlap.
struct Layout {
  Header header;
  std::vector<Section> sections;
  // What is not as a builder should write it, though it can be read; one
  // sentence each. Empty for a well-formed file.
  std::vector<std::string> flaws;
};

// The sections come from one walk from header to header, as the reference
// reads them; where that does not end at the end of the file (there are gaps)
// the header's table decides. E35 when neither can be read.
Layout read_layout(const ByteSource& file);

// The data of the first section of `type`, whole; nullopt when there is none.
// E35 when it has more than `limit` bytes.
std::optional<std::string> read_section(const ByteSource& file,
                                        const Layout& layout, SectionType type,
                                        std::uint64_t limit);

struct Measured {
  measure::Measurements measurements;  // without PCR8
  std::uint32_t crc = 0;               // of the bytes, not the header's field
};

// Reads the file once. `progress` is told the bytes done so far.
Measured measure_file(const ByteSource& file, const Layout& layout,
                      const std::function<void(std::uint64_t)>& progress);

}  // namespace ncli::eif
