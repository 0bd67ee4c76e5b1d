// ncli pcr: the value that a PCR has after one file or certificate was counted.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/eif-json.h"
#include "cli/output.h"
#include "eif-builder/sign/certificate.h"
#include "measure/digest.h"
#include "measure/pcr-bank.h"

namespace ncli::cli {
namespace {

constexpr std::uint64_t kLargestCertificate = std::uint64_t{1} << 20;
constexpr std::size_t kReadSize = std::size_t{1} << 20;

struct Options {
  std::optional<std::string> input;
  std::optional<std::string> signing_certificate;
};

measure::Pcr file_pcr(const std::string& path) {
  const auto file = open_file(path, ErrorCode::kFileOperation);
  measure::Digest digest(measure::HashAlgorithm::kSha384);
  BufferedSink sink(kReadSize, [&](std::span<const std::byte> bytes) {
    digest.update(bytes);
  });
  sink.write_from(*file, 0, file->size());
  sink.flush();
  return measure::pcr_of_digest(digest.finish());
}

measure::Pcr certificate_pcr(const std::string& path) {
  const std::string pem =
      read_small_file(path, kLargestCertificate, ErrorCode::kFileOperation);
  return with_context(cat("cannot measure ", quote(path)), [&] {
    return measure::pcr_of_data(sign::certificate_der(pem, ErrorCode::kHasher));
  });
}

void run(const Options& options) {
  if (options.input) {
    print_json({{"PCR", to_hex(file_pcr(*options.input))}});
  } else {
    print_json(
        {{"PCR8", to_hex(certificate_pcr(*options.signing_certificate))}});
  }
}

}  // namespace

Run declare_pcr(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--input", options->input, "A file: prints its PCR")
      ->type_name("FILE");
  app.add_option("--signing-certificate", options->signing_certificate,
                 "A certificate in PEM form: prints its PCR8")
      ->type_name("FILE");
  app.require_option(1);
  return [options] { run(*options); };
}

}  // namespace ncli::cli
