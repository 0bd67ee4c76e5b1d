// ncli: words in, calls out, JSON and an exit status back.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/error-report.h"
#include "cli/version.h"

namespace ncli::cli {
namespace {

constexpr int kUsageError = 2;

bool is_called_nitro_cli(std::string_view program) {
  const std::size_t slash = program.rfind('/');
  return program.substr(slash == std::string_view::npos ? 0 : slash + 1) ==
         "nitro-cli";
}

std::string version_line(std::string_view program) {
  if (is_called_nitro_cli(program)) {
    return cat("Nitro CLI ", kCompatibleVersion);
  }
  return cat("ncli ", kVersion, " (nitro-cli ", kCompatibleVersion,
             " compatible)");
}

struct Parsed {
  const Command* command = nullptr;
  Run run;
};

bool is_command(std::string_view name) {
  return std::ranges::any_of(all_commands(), [&](const Command& command) {
    return command.name == name;
  });
}

// "help" and "help SUBCOMMAND" are "--help" and "SUBCOMMAND --help".
std::vector<std::string> words(int argc, char** argv) {
  std::vector<std::string> all(argv + 1, argv + argc);
  if (!all.empty() && all[0] == "help") {
    all.erase(all.begin());
    if (all.empty() || is_command(all[0])) all.emplace_back("--help");
  }
  return {all.rbegin(), all.rend()};  // as CLI11 takes them
}

// What was printed must have arrived: a full disk is no success.
int finish_output(int status) {
  errno = 0;
  if (std::cout.flush() || status != 0) return status;
  return report_error(
      errno_error(ErrorCode::kFileOperation, "cannot write to stdout",
                  errno == 0 ? EIO : errno),
      "Print");
}

int run_command(const Parsed& parsed) {
  try {
    parsed.run();
    return 0;
  } catch (const Error& error) {
    return report_error(error, parsed.command->action);
  } catch (const std::bad_alloc&) {
    return report_error(
        Error(ErrorCode::kMemoryOverflow,
              "there is not enough memory; the input may be hostile"),
        parsed.command->action);
  } catch (const std::exception& exception) {
    return report_error(
        Error(ErrorCode::kFileOperation,
              cat("unexpected failure: ", exception.what(),
                  "; this is a defect of ncli, please report it")),
        parsed.command->action);
  }
}

int run_main(int argc, char** argv) {
  CLI::App app("Build, measure and run AWS Nitro Enclaves images", "ncli");
  app.set_version_flag("-V,--version", version_line(argv[0]));
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return cat("error: ", error.what(),
               "\n\nFor more information try --help\n");
  });
  Parsed parsed;
  for (const Command& command : all_commands()) {
    CLI::App* const sub = app.add_subcommand(command.name, command.summary);
    Run run = command.declare(*sub);
    sub->callback([&parsed, &command, run] { parsed = {&command, run}; });
  }
  if (argc <= 1) {
    std::cerr << app.help();
    return kUsageError;
  }
  try {
    app.parse(words(argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  return run_command(parsed);
}

}  // namespace
}  // namespace ncli::cli

int main(int argc, char** argv) {
  return ncli::cli::finish_output(ncli::cli::run_main(argc, argv));
}
