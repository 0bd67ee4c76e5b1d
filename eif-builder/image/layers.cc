#include "eif-builder/image/layers.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "base/block-pool.h"
#include "base/error.h"
#include "base/text.h"
#include "base/worker.h"
#include "eif-builder/image/decompress.h"

namespace ncli::image {
namespace {

constexpr std::size_t kBlocks = 4;
constexpr std::size_t kBlockSize = std::size_t{512} << 10;
constexpr unsigned kMostThreads = 4;
constexpr std::size_t kMostLayers = 1000;  // Docker makes at most 127
constexpr std::string_view kStep = "Decompressing";

// Checks and stores blocks on a second thread while the first decompresses.
class SpoolingSink final : public ByteSink {
 public:
  SpoolingSink(const std::shared_ptr<Spool>& spool, DigestCheck& check)
      : pool_(kBlocks, kBlockSize),
        writer_(spool),
        check_(check),
        block_(pool_.acquire()) {}

  std::span<std::byte> space() override {
    return {block_.get() + used_, kBlockSize - used_};
  }

  void commit(std::size_t count) override {
    used_ += count;
    if (used_ == kBlockSize) pass_on();
  }

  std::shared_ptr<const ByteSource> finish() {
    pass_on();
    worker_.finish();
    return writer_.finish();
  }

 private:
  void pass_on() {
    const std::span<const std::byte> bytes(block_.get(), used_);
    worker_.post([this, bytes, block = std::move(block_)] {
      check_.update(bytes);
      writer_.append(bytes);
    });
    used_ = 0;
    worker_.check();
    block_ = pool_.acquire();
  }

  BlockPool pool_;
  SpoolWriter writer_;
  DigestCheck& check_;
  std::shared_ptr<std::byte[]> block_;
  std::size_t used_ = 0;
  Worker worker_;
};

// Counts bytes from several threads for one progress bar.
class Progress {
 public:
  Progress(Observer& observer, std::uint64_t total)
      : observer_(observer), total_(total) {}
  void add(std::uint64_t bytes) {
    observer_.progress(kStep, done_.fetch_add(bytes) + bytes, total_);
  }

 private:
  Observer& observer_;
  std::uint64_t total_;
  std::atomic<std::uint64_t> done_ = 0;
};

std::shared_ptr<const ByteSource> spool_decompressed(
    const ByteSource& source, Compression compression,
    const std::shared_ptr<Spool>& spool, DigestCheck& packed,
    DigestCheck& unpacked, Progress& progress) {
  SpoolingSink sink(spool, unpacked);
  decompress(
      compression, source,
      [&](std::span<const std::byte> bytes) {
        packed.update(bytes);
        progress.add(bytes.size());
      },
      sink);
  return sink.finish();
}

struct PackedLayer {
  std::size_t index;
  Compression compression;
};

class LayerOpener {
 public:
  LayerOpener(const std::vector<Blob>& blobs,
              const std::vector<ContentDigest>& diff_ids,
              std::vector<std::shared_ptr<const ByteSource>>& layers,
              const std::shared_ptr<Spool>& spool)
      : blobs_(blobs), diff_ids_(diff_ids), layers_(layers), spool_(spool) {}

  void check_plain(std::size_t index, BackgroundChecks& checks) const {
    std::vector<ContentDigest> stated = {diff_ids_[index]};
    if (blobs_[index].stated && blobs_[index].stated != diff_ids_[index]) {
      stated.push_back(*blobs_[index].stated);
    }
    checks.add(name(index), layers_[index], std::move(stated));
  }

  void unpack(const PackedLayer& layer, Progress& progress) const {
    const std::size_t index = layer.index;
    std::vector<ContentDigest> stated;
    // Named by its diff_id, as podman and skopeo do: checked below.
    const bool is_diff_id = blobs_[index].stated == diff_ids_[index];
    if (blobs_[index].stated && !is_diff_id) {
      stated.push_back(*blobs_[index].stated);
    }
    DigestCheck packed(name(index), std::move(stated));
    DigestCheck unpacked(cat("the decompressed ", name(index)),
                         {diff_ids_[index]});
    with_context(cat("cannot unpack ", name(index)), [&] {
      layers_[index] = spool_decompressed(*layers_[index], layer.compression,
                                          spool_, packed, unpacked, progress);
    });
    packed.finish();
    unpacked.finish();
  }

 private:
  std::string name(std::size_t index) const {
    return cat("layer ", index + 1, " of ", blobs_.size(), " (",
               quote(blobs_[index].name), ")");
  }

  const std::vector<Blob>& blobs_;
  const std::vector<ContentDigest>& diff_ids_;
  std::vector<std::shared_ptr<const ByteSource>>& layers_;
  const std::shared_ptr<Spool>& spool_;
};

// Runs `job(i)` for 0 <= i < count on several threads; throws the failure of
// the lowest i.
template <class Job>
void run_all(std::size_t count, const Job& job) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> failures(count);
  std::atomic<bool> failed = false;
  const auto work = [&] {
    for (std::size_t i = next++; i < count && !failed; i = next++) {
      try {
        job(i);
      } catch (...) {
        failures[i] = std::current_exception();
        failed = true;
      }
    }
  };
  const std::size_t threads = std::min<std::size_t>(
      count, std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads));
  std::vector<std::jthread> others;
  try {
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
  } catch (const std::system_error&) {
    // No more threads are to be had: those that are there do the work.
  }
  work();
  others.clear();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

std::shared_ptr<const ByteSource> open_blob(const ContentStore& store,
                                            const Blob& blob) {
  std::shared_ptr<const ByteSource> source = store.open(blob.name);
  if (source) {
    check_size(*source, blob.size, cat("layer ", quote(blob.name)));
    return source;
  }
  throw Error(ErrorCode::kImagePull,
              cat("cannot find layer ", quote(blob.name),
                  " in the image; it is incomplete, make it again"));
}

}  // namespace

std::vector<std::shared_ptr<const ByteSource>> open_layers(
    const ContentStore& store, const std::vector<Blob>& blobs,
    const std::vector<ContentDigest>& diff_ids,
    const std::shared_ptr<Spool>& spool, BackgroundChecks& checks,
    Observer& observer) {
  if (blobs.size() != diff_ids.size()) {
    throw Error(ErrorCode::kImagePull,
                cat("cannot read the image: its manifest lists ", blobs.size(),
                    " layers, its configuration ", diff_ids.size()));
  }
  if (blobs.size() > kMostLayers) {
    throw Error(
        ErrorCode::kImagePull,
        cat("cannot read the image: it has ", blobs.size(),
            " layers, more than the ", kMostLayers, " that are allowed"));
  }
  std::vector<std::shared_ptr<const ByteSource>> layers;
  std::vector<PackedLayer> packed;
  std::uint64_t packed_bytes = 0;
  const LayerOpener opener(blobs, diff_ids, layers, spool);
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    layers.push_back(open_blob(store, blobs[i]));
    const Compression compression = detect_compression(*layers[i]);
    if (compression == Compression::kNone) {
      // It takes no room in the spool, but as long to read as if it did.
      spool->count(layers[i]->size());
      opener.check_plain(i, checks);
      continue;
    }
    packed.push_back({i, compression});
    packed_bytes += layers[i]->size();
  }
  // The largest first: the last one to end should be a small one.
  std::ranges::stable_sort(
      packed, std::ranges::greater(),
      [&](const PackedLayer& layer) { return layers[layer.index]->size(); });
  Progress progress(observer, packed_bytes);
  run_all(packed.size(),
          [&](std::size_t i) { opener.unpack(packed[i], progress); });
  return layers;
}

std::shared_ptr<const ByteSource> open_whole_archive(
    std::shared_ptr<const ByteSource> source,
    const std::shared_ptr<Spool>& spool, Observer& observer) {
  const Compression compression = detect_compression(*source);
  if (compression == Compression::kNone) return source;
  DigestCheck nothing("the archive", {});
  Progress progress(observer, source->size());
  return spool_decompressed(*source, compression, spool, nothing, nothing,
                            progress);
}

}  // namespace ncli::image
