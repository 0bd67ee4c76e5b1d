#include "eif-builder/image/verify.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace ncli::image {
namespace {

using measure::HashAlgorithm;

constexpr std::size_t kReadSize = std::size_t{256} << 10;

std::string_view algorithm_name(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kSha512 ? "sha512" : "sha256";
}

}  // namespace

std::string ContentDigest::text() const {
  return cat(algorithm_name(algorithm), ":", hex);
}

std::string ContentDigest::blob_path() const {
  return cat("blobs/", algorithm_name(algorithm), "/", hex);
}

ContentDigest parse_digest(std::string_view text, std::string_view what) {
  if (text.starts_with("sha256:") && is_lower_hex(text.substr(7), 64)) {
    return {HashAlgorithm::kSha256, std::string(text.substr(7))};
  }
  if (text.starts_with("sha512:") && is_lower_hex(text.substr(7), 128)) {
    return {HashAlgorithm::kSha512, std::string(text.substr(7))};
  }
  throw Error(ErrorCode::kImagePull,
              cat("cannot read ", what, ": ", quote(text),
                  " is no SHA-256 or SHA-512 digest"));
}

DigestCheck::DigestCheck(std::string what, std::vector<ContentDigest> stated)
    : what_(std::move(what)), stated_(std::move(stated)) {
  for (const ContentDigest& digest : stated_) {
    const bool known = std::ranges::any_of(running_, [&](const Running& r) {
      return r.algorithm == digest.algorithm;
    });
    if (known) continue;
    running_.push_back({digest.algorithm, measure::Digest(digest.algorithm)});
  }
}

void DigestCheck::update(std::span<const std::byte> bytes) {
  for (Running& running : running_) running.digest.update(bytes);
}

void DigestCheck::finish() {
  for (Running& running : running_) {
    const std::string hex = to_hex(running.digest.finish());
    for (const ContentDigest& digest : stated_) {
      if (digest.algorithm != running.algorithm || digest.hex == hex) continue;
      throw Error(ErrorCode::kImagePull,
                  cat("cannot trust ", what_, ": the image states the digest ",
                      digest.text(), " but the bytes have ",
                      algorithm_name(running.algorithm), ":", hex,
                      "; the image is damaged or was changed, make it again"));
    }
  }
}

void check_digest(std::string_view text, const ContentDigest& stated,
                  std::string_view what) {
  DigestCheck check{std::string(what), {stated}};
  check.update(as_bytes(text));
  check.finish();
}

void BackgroundChecks::add(std::string what,
                           std::shared_ptr<const ByteSource> source,
                           std::vector<ContentDigest> stated) {
  worker_.post([this, what = std::move(what), source = std::move(source),
                stated = std::move(stated)] {
    DigestCheck check(what, stated);
    BufferedSink sink(kReadSize, [&](std::span<const std::byte> bytes) {
      if (worker_.is_abandoned()) {
        throw Error(ErrorCode::kImagePull,
                    cat("cannot check ", what, ": nobody waits for it"));
      }
      check.update(bytes);
    });
    sink.write_from(*source, 0, source->size());
    sink.flush();
    check.finish();
  });
}

}  // namespace ncli::image
