#include "measure/pcr-bank.h"

#include <algorithm>
#include <utility>

#include "base/worker.h"
#include "measure/digest.h"

namespace ncli::measure {
namespace {

Pcr to_pcr(std::span<const std::byte> sha384) {
  Pcr pcr;
  std::copy_n(sha384.begin(), pcr.size(), pcr.begin());
  return pcr;
}

}  // namespace

Pcr pcr_of_digest(std::span<const std::byte> sha384_of_data) {
  Digest digest(HashAlgorithm::kSha384);
  digest.update(Pcr{});
  digest.update(sha384_of_data);
  return to_pcr(digest.finish());
}

Pcr pcr_of_data(std::span<const std::byte> data) {
  Digest digest(HashAlgorithm::kSha384);
  digest.update(data);
  return pcr_of_digest(digest.finish());
}

// PCR0 reads every byte, PCR1 and PCR2 together read every byte: two threads
// with the same amount of work.
struct PcrBank::Lanes {
  Digest pcr0{HashAlgorithm::kSha384};
  Digest pcr1{HashAlgorithm::kSha384};
  Digest pcr2{HashAlgorithm::kSha384};
  Worker whole;
  Worker parts;
};

PcrBank::PcrBank() : lanes_(std::make_unique<Lanes>()) {}
PcrBank::~PcrBank() = default;

void PcrBank::update(std::shared_ptr<const std::byte[]> block,
                     std::span<const std::byte> bytes,
                     MeasuredSection section) {
  if (section == MeasuredSection::kNotMeasured || bytes.empty()) return;
  Lanes& lanes = *lanes_;
  Digest& part =
      section == MeasuredSection::kOtherRamdisk ? lanes.pcr2 : lanes.pcr1;
  lanes.whole.post([&lanes, block, bytes] { lanes.pcr0.update(bytes); });
  lanes.parts.post(
      [&part, block = std::move(block), bytes] { part.update(bytes); });
}

Measurements PcrBank::finish() {
  lanes_->whole.finish();
  lanes_->parts.finish();
  return {.pcr0 = pcr_of_digest(lanes_->pcr0.finish()),
          .pcr1 = pcr_of_digest(lanes_->pcr1.finish()),
          .pcr2 = pcr_of_digest(lanes_->pcr2.finish()),
          .pcr8 = {}};
}

}  // namespace ncli::measure
