#include "eif-builder/describe.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "eif-builder/eif/metadata.h"
#include "eif-builder/sign/certificate.h"
#include "eif-builder/sign/signature-section.h"

namespace ncli {
namespace {

constexpr std::uint64_t kLargestMetadata = std::uint64_t{8} << 20;
constexpr std::string_view kStep = "Measuring";

// Runs `read`; what it cannot read is a flaw, not a failure.
template <class Read>
void note_flaw(EifDescription& description, const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kEifParsing) throw;
    description.flaws.emplace_back(error.what());
  }
}

void read_metadata(const ByteSource& file, EifDescription& description) {
  const auto section = eif::read_section(
      file, description.layout, eif::SectionType::kMetadata, kLargestMetadata);
  if (section) description.metadata = eif::decode_metadata(*section);
}

void read_signature(const ByteSource& file, EifDescription& description) {
  const auto is_signature = [](const eif::Section& section) {
    return section.header.type == eif::SectionType::kSignature;
  };
  description.is_signed =
      std::ranges::any_of(description.layout.sections, is_signature);
  const auto section =
      eif::read_section(file, description.layout, eif::SectionType::kSignature,
                        sign::kLargestSignatureSection);
  if (!section) return;
  const auto entries = sign::decode_signature_section(as_bytes(*section));
  if (entries.empty()) {
    throw Error(ErrorCode::kEifParsing,
                "the signature section holds no signature");
  }
  description.measurements.pcr8 = with_context("the signing certificate", [&] {
    return measure::pcr_of_data(sign::certificate_der(
        entries.front().certificate_pem, ErrorCode::kEifParsing));
  });
}

}  // namespace

EifDescription describe_eif(const ByteSource& file, Observer& observer) {
  EifDescription description;
  description.layout = eif::read_layout(file);
  description.flaws = description.layout.flaws;
  note_flaw(description, [&] { read_metadata(file, description); });
  const eif::Measured measured = eif::measure_file(
      file, description.layout,
      [&](std::uint64_t done) { observer.progress(kStep, done, file.size()); });
  description.measurements = measured.measurements;
  const eif::Header& header = description.layout.header;
  description.has_crc = header.version > 1;
  description.crc_matches = measured.crc == header.crc;
  note_flaw(description, [&] { read_signature(file, description); });
  return description;
}

EifDescription describe_eif(const std::filesystem::path& path,
                            Observer& observer) {
  return with_context(cat("cannot describe ", quote(path.native())), [&] {
    return describe_eif(*open_file(path, ErrorCode::kEifParsing), observer);
  });
}

}  // namespace ncli
