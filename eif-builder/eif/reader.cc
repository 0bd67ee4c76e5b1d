#include "eif-builder/eif/reader.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "measure/crc32.h"

namespace ncli::eif {
namespace {

constexpr std::size_t kBlocks = 4;

Error malformed(std::string_view reason) {
  return Error(ErrorCode::kEifParsing,
               cat(reason, "; the file is damaged or was not written whole"));
}

// The section whose header is at `offset`; nullopt when it does not lie inside
// the file.
std::optional<Section> section_at(const ByteSource& file,
                                  std::uint64_t offset) {
  if (!fits(offset, kSectionHeaderSize, file.size())) return {};
  SectionHeaderBytes bytes{};
  file.read_at(offset, bytes);
  Section section{.header = decode_section_header(bytes),
                  .data_offset = offset + kSectionHeaderSize};
  if (!fits(section.data_offset, section.header.size, file.size())) return {};
  return section;
}

std::uint64_t end_of(const Section& section) {
  return section.data_offset + section.header.size;
}

// The sections one after another; nullopt unless they end with the file.
std::optional<std::vector<Section>> walk_sections(const ByteSource& file) {
  std::vector<Section> sections;
  std::uint64_t offset = kHeaderSize;
  while (offset != file.size()) {
    const std::optional<Section> section = section_at(file, offset);
    if (!section || sections.size() == kMostSections) return {};
    sections.push_back(*section);
    offset = end_of(*section);
  }
  return sections;
}

std::vector<Section> table_sections(const ByteSource& file,
                                    const Header& header) {
  std::vector<Section> sections;
  std::uint64_t end = kHeaderSize;
  for (std::size_t i = 0; i < header.section_count; ++i) {
    const auto name = cat("section ", i, " of ", header.section_count);
    const std::optional<Section> section = section_at(file, header.offsets[i]);
    if (!section) {
      throw malformed(cat(name, " does not lie inside the file (offset ",
                          header.offsets[i], ", file size ", file.size(), ")"));
    }
    if (section->header.size != header.sizes[i]) {
      throw malformed(cat(name, " has ", section->header.size,
                          " bytes by its own header but ", header.sizes[i],
                          " by the file's"));
    }
    if (header.offsets[i] < end) {
      throw malformed(cat(name, " overlaps what comes before it"));
    }
    end = end_of(*section);
    sections.push_back(*section);
  }
  return sections;
}

bool is_known(SectionType type) {
  return type >= SectionType::kKernel && type <= SectionType::kMetadata;
}

// Whether a section begins between or behind those of the table: a reader that
// goes from header to header, as nitro-cli's, would measure it.
bool has_hidden_section(const ByteSource& file,
                        const std::vector<Section>& sections) {
  const auto begins_section = [&](std::uint64_t from, std::uint64_t to) {
    if (to - from < kSectionHeaderSize) return false;
    SectionHeaderBytes bytes{};
    file.read_at(from, bytes);
    return is_known(decode_section_header(bytes).type);
  };
  std::uint64_t end = kHeaderSize;
  for (const Section& section : sections) {
    if (begins_section(end, section.data_offset - kSectionHeaderSize)) {
      return true;
    }
    end = end_of(section);
  }
  return begins_section(end, file.size());
}

bool agrees(const Header& header, const std::vector<Section>& sections) {
  if (header.section_count != sections.size()) return false;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (header.offsets[i] + kSectionHeaderSize != sections[i].data_offset ||
        header.sizes[i] != sections[i].header.size) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> find_flaws(const Layout& layout) {
  std::vector<std::string> flaws;
  const auto count = [&](SectionType type) {
    return std::ranges::count(layout.sections, type,
                              [](const Section& s) { return s.header.type; });
  };
  if (layout.header.version < 1 || layout.header.version > kNewestVersion) {
    flaws.push_back(cat("its version is ", layout.header.version,
                        ", ncli knows 1 to ", kNewestVersion));
  }
  for (const auto type : {SectionType::kKernel, SectionType::kCmdline}) {
    if (count(type) == 1) continue;
    flaws.push_back(cat("it has ", count(type), " ", section_name(type),
                        " sections instead of one"));
  }
  if (count(SectionType::kRamdisk) == 0) {
    flaws.emplace_back("it has no ramdisk section");
  }
  for (const auto type : {SectionType::kSignature, SectionType::kMetadata}) {
    if (count(type) < 2) continue;
    flaws.push_back(cat("it has ", count(type), " ", section_name(type),
                        " sections instead of at most one"));
  }
  for (const Section& section : layout.sections) {
    if (is_known(section.header.type)) continue;
    flaws.push_back(cat("it has a section of ",
                        section_name(section.header.type), " type"));
  }
  return flaws;
}

std::vector<measure::MeasuredSection> measured_roles(const Layout& layout) {
  std::vector<measure::MeasuredSection> roles;
  bool first_ramdisk = true;
  for (const Section& section : layout.sections) {
    switch (section.header.type) {
      case SectionType::kKernel:
        roles.push_back(measure::MeasuredSection::kKernel);
        break;
      case SectionType::kCmdline:
        roles.push_back(measure::MeasuredSection::kCmdline);
        break;
      case SectionType::kRamdisk:
        roles.push_back(first_ramdisk
                            ? measure::MeasuredSection::kFirstRamdisk
                            : measure::MeasuredSection::kOtherRamdisk);
        first_ramdisk = false;
        break;
      default:
        roles.push_back(measure::MeasuredSection::kNotMeasured);
    }
  }
  return roles;
}

}  // namespace

Layout read_layout(const ByteSource& file) {
  if (file.size() < kHeaderSize) {
    throw malformed(cat("it has ", file.size(), " bytes, fewer than the ",
                        kHeaderSize, " of an EIF's header"));
  }
  HeaderBytes bytes{};
  file.read_at(0, bytes);
  Layout layout{.header = decode_header(bytes), .sections = {}, .flaws = {}};
  if (layout.header.section_count > kMostSections) {
    throw malformed(cat("its header counts ", layout.header.section_count,
                        " sections, at most ", kMostSections, " are possible"));
  }
  auto walked = walk_sections(file);
  const bool agreed = walked && agrees(layout.header, *walked);
  layout.sections =
      walked ? std::move(*walked) : table_sections(file, layout.header);
  layout.flaws = find_flaws(layout);
  if (walked && !agreed) {
    layout.flaws.emplace_back(
        "the header's table of sections does not agree with the sections; "
        "they were read one after another, as nitro-cli does");
  }
  if (!walked && has_hidden_section(file, layout.sections)) {
    layout.flaws.emplace_back(
        "it has a section that the header's table does not list; it is not "
        "measured here, but nitro-cli does not read the table");
  }
  return layout;
}

std::optional<std::string> read_section(const ByteSource& file,
                                        const Layout& layout, SectionType type,
                                        std::uint64_t limit) {
  for (const Section& section : layout.sections) {
    if (section.header.type != type) continue;
    if (section.header.size > limit) {
      throw malformed(cat("its ", section_name(type), " section has ",
                          section.header.size, " bytes, more than the ", limit,
                          " that are allowed"));
    }
    std::string data(section.header.size, '\0');
    file.read_at(section.data_offset, std::as_writable_bytes(std::span(data)));
    return data;
  }
  return {};
}

Measured measure_file(const ByteSource& file, const Layout& layout,
                      const std::function<void(std::uint64_t)>& progress) {
  measure::PcrBank bank(kBlocks);
  const auto roles = measured_roles(layout);
  HeaderBytes header{};
  file.read_at(0, header);
  Measured measured;
  measured.crc = measure::crc32(0, std::span(header).first(kCrcOffset));
  std::size_t next = 0;  // the first section that ends behind `offset`
  for (std::uint64_t offset = kHeaderSize; offset < file.size();) {
    const auto block = bank.acquire();
    const std::span<std::byte> bytes(
        block.get(), std::min<std::uint64_t>(measure::PcrBank::kBlockSize,
                                             file.size() - offset));
    file.read_at(offset, bytes);
    const std::uint64_t end = offset + bytes.size();
    for (std::size_t i = next; i < layout.sections.size(); ++i) {
      const Section& section = layout.sections[i];
      if (section.data_offset >= end) break;
      const std::uint64_t from = std::max(offset, section.data_offset);
      const std::uint64_t to = std::min(end, end_of(section));
      if (from < to) {
        bank.update(block, bytes.subspan(from - offset, to - from), roles[i]);
      }
      if (end_of(section) <= end) next = i + 1;
    }
    measured.crc = measure::crc32(measured.crc, bytes);
    offset = end;
    if (progress) progress(offset);
  }
  measured.measurements = bank.finish();
  return measured;
}

}  // namespace ncli::eif
