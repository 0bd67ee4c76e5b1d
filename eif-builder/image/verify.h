// The digests that an image states about its parts, and checking them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte-io.h"
#include "base/worker.h"
#include "measure/digest.h"

namespace ncli::image {

// A stated digest such as "sha256:<64 hexadecimal digits>".
struct ContentDigest {
  measure::HashAlgorithm algorithm;
  std::string hex;

  std::string text() const;
  // "blobs/sha256/<hex>": its place in an OCI image layout.
  std::string blob_path() const;
  bool operator==(const ContentDigest&) const = default;
};

// E50 for a malformed or unknown digest; `what` names what states it.
ContentDigest parse_digest(std::string_view text, std::string_view what);

// Hashes a stream for one or more stated digests, in one pass an algorithm.
class DigestCheck {
 public:
  // `what` names the stream in the error.
  DigestCheck(std::string what, std::vector<ContentDigest> stated);

  void update(std::span<const std::byte> bytes);
  // E50 when a digest differs from what was stated.
  void finish();

 private:
  struct Running {
    measure::HashAlgorithm algorithm;
    measure::Digest digest;
  };
  std::string what_;
  std::vector<ContentDigest> stated_;
  std::vector<Running> running_;
};

// Checks a small text at once.
void check_digest(std::string_view text, const ContentDigest& stated,
                  std::string_view what);

// Checks sources that are read in place, beside the other work.
class BackgroundChecks {
 public:
  void add(std::string what, std::shared_ptr<const ByteSource> source,
           std::vector<ContentDigest> stated);
  // Waits for all checks; E50 when one failed. Call once, last.
  void finish() { worker_.finish(); }

 private:
  Worker worker_;
};

}  // namespace ncli::image
