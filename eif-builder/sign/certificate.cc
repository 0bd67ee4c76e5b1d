#include "eif-builder/sign/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "base/c-handle.h"
#include "base/text.h"

namespace ncli::sign {
namespace {

// A certificate is no secret: nobody is ever asked for a passphrase.
int refuse_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

std::vector<std::byte> certificate_der(std::string_view pem, ErrorCode code) {
  const std::unique_ptr<BIO, Free<&BIO_free_all>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, Free<&X509_free>> certificate(
      bio ? PEM_read_bio_X509(bio.get(), nullptr, &refuse_passphrase, nullptr)
          : nullptr);
  const int size = certificate ? i2d_X509(certificate.get(), nullptr) : 0;
  if (size <= 0) {
    ERR_clear_error();
    throw Error(code,
                "it holds no certificate in PEM form; give a file with a "
                "-----BEGIN CERTIFICATE----- block");
  }
  std::vector<std::byte> der(static_cast<std::size_t>(size));
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate.get(), &out);
  return der;
}

}  // namespace ncli::sign
