#include "measure/pcr-bank.h"

#include <algorithm>
#include <utility>

#include "base/block-pool.h"
#include "base/team.h"
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

// PCR0 reads every byte, PCR1 and PCR2 together read every byte: two queues
// with the same amount of work.
struct PcrBank::Lanes {
  static constexpr std::size_t kWhole = 0;
  static constexpr std::size_t kParts = 1;

  explicit Lanes(std::size_t blocks)
      : pool(blocks, kBlockSize, [this] { team.wake(); }) {}

  Digest pcr0{HashAlgorithm::kSha384};
  Digest pcr1{HashAlgorithm::kSha384};
  Digest pcr2{HashAlgorithm::kSha384};
  BlockPool pool;
  Team team{2};
};

PcrBank::PcrBank(std::size_t blocks)
    : lanes_(std::make_unique<Lanes>(blocks)) {}
PcrBank::~PcrBank() = default;

std::shared_ptr<std::byte[]> PcrBank::acquire() {
  std::byte* block = nullptr;
  lanes_->team.work_until([&] {
    block = lanes_->pool.try_take();
    return block != nullptr;
  });
  return lanes_->pool.own(block);
}

void PcrBank::update(std::shared_ptr<const std::byte[]> block,
                     std::span<const std::byte> bytes,
                     MeasuredSection section) {
  if (section == MeasuredSection::kNotMeasured || bytes.empty()) return;
  Lanes& lanes = *lanes_;
  Digest& part =
      section == MeasuredSection::kOtherRamdisk ? lanes.pcr2 : lanes.pcr1;
  lanes.team.post(Lanes::kWhole,
                  [&lanes, block, bytes] { lanes.pcr0.update(bytes); });
  lanes.team.post(Lanes::kParts, [&part, block = std::move(block), bytes] {
    part.update(bytes);
  });
}

Measurements PcrBank::finish() {
  lanes_->team.finish();
  return {.pcr0 = pcr_of_digest(lanes_->pcr0.finish()),
          .pcr1 = pcr_of_digest(lanes_->pcr1.finish()),
          .pcr2 = pcr_of_digest(lanes_->pcr2.finish()),
          .pcr8 = {}};
}

}  // namespace ncli::measure
