#include "cli/error-report.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "base/text.h"
#include "base/unique-fd.h"
#include "cli/environment.h"
#include "cli/version.h"
#include "eif-builder/eif/metadata.h"

namespace ncli::cli {
namespace {

constexpr const char* kDefaultLogs = "/var/log/nitro_enclaves";
constexpr std::string_view kHelpUrl =
    "https://docs.aws.amazon.com/enclaves/latest/user/cli-errors.html#";

std::string details(const Error& error, std::string_view action) {
  std::string text = cat("  Action: ", action, "\n  Subactions:");
  const auto& contexts = error.contexts();
  for (auto context = contexts.rbegin(); context != contexts.rend();
       ++context) {
    text += cat("\n    ", *context);
  }
  return text + cat("\n    ", error.root(),
                    "\n  Root error file: ", error.file(),
                    "\n  Root error line: ", error.line(), "\n  Version: ncli ",
                    kVersion, "\n");
}

// The path of the log that was written.
std::optional<std::string> write_log(const std::string& text) {
  using namespace std::chrono;
  const auto since = system_clock::now().time_since_epoch();
  const auto whole = floor<seconds>(since);
  const std::string time = eif::format_timestamp(
      {.seconds = whole.count(),
       .nanoseconds = static_cast<std::uint32_t>(
           duration_cast<nanoseconds>(since - whole).count())});
  std::error_code ignored;
  const std::filesystem::path directory = std::filesystem::absolute(
      environment("NITRO_CLI_LOGS_PATH").value_or(kDefaultLogs), ignored);
  const std::string path = directory / cat("err", time, ".log");
  const UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd) return {};
  if (::write(fd.get(), text.data(), text.size()) !=
      static_cast<ssize_t>(text.size())) {
    ::unlink(path.c_str());
    return {};
  }
  return path;
}

}  // namespace

int report_error(const Error& error, std::string_view action) {
  const std::string code = error_code_name(error.code());
  std::string text =
      cat("[ ", code, " ] ", error.what(),
          "\n\nFor more details, please visit ", kHelpUrl, code, "\n");
  const std::string log = details(error, action);
  if (environment("BACKTRACE") == "1") text += cat("\nBacktrace:\n", log);
  const auto path = write_log(log);
  if (path) {
    text += cat(
        "\nIf you open a support ticket, please provide the error log found "
        "at \"",
        *path, "\"\n");
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
  return static_cast<int>(error.code());
}

}  // namespace ncli::cli
