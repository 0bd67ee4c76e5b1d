#include "measure/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>

#include "base/c-handle.h"
#include "base/error.h"
#include "base/text.h"

namespace ncli::measure {
namespace {

void check(int result, const char* action) {
  if (result == 1) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw Error(ErrorCode::kHasher,
              cat("cannot ", action, " a hash: ", reason.data()));
}

const EVP_MD* implementation(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return EVP_sha256();
    case HashAlgorithm::kSha384:
      return EVP_sha384();
    case HashAlgorithm::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

struct Digest::State {
  std::unique_ptr<EVP_MD_CTX, Free<&EVP_MD_CTX_free>> context{EVP_MD_CTX_new()};
};

Digest::Digest(HashAlgorithm algorithm) : state_(std::make_unique<State>()) {
  check(EVP_DigestInit_ex2(state_->context.get(), implementation(algorithm),
                           nullptr),
        "start");
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()),
        "update");
}

std::vector<std::byte> Digest::finish() {
  std::vector<std::byte> hash(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  check(
      EVP_DigestFinal_ex(state_->context.get(),
                         reinterpret_cast<unsigned char*>(hash.data()), &size),
      "finish");
  hash.resize(size);
  return hash;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  Digest digest(HashAlgorithm::kSha256);
  digest.update(bytes);
  return to_hex(digest.finish());
}

}  // namespace ncli::measure
