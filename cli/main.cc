// ncli: words in, calls out, JSON and an exit status back.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/error-report.h"
#include "cli/output.h"
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

// "help" and "help SUBCOMMAND" are "--help" and "SUBCOMMAND --help", and
// "--name=" is "--name" with an empty value (CLI11 would take the next word).
std::vector<std::string> words(int argc, char** argv) {
  std::vector<std::string> all;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    const bool has_empty_value =
        word.starts_with("--") && word.find('=') == word.size() - 1;
    if (has_empty_value) word.pop_back();
    all.push_back(std::move(word));
    if (has_empty_value) all.emplace_back();
  }
  if (!all.empty() && all[0] == "help") {
    all.erase(all.begin());
    all.emplace_back("--help");
  }
  return all;
}

int usage_error(std::string_view reason) {
  std::cerr << "error: " << reason << "\n\nFor more information try --help\n";
  return kUsageError;
}

// The first word that nothing takes: naming it says more than what CLI11 says
// is missing because of it.
std::string unexpected_word(const CLI::App& app,
                            const std::vector<std::string>& all) {
  const std::vector<std::string> left = app.remaining(true);
  for (const std::string& word : all) {
    if (std::ranges::find(left, word) != left.end()) return word;
  }
  return {};
}

int report_usage(const CLI::App& app, const CLI::ParseError& error,
                 const std::vector<std::string>& all) {
  const std::string word = unexpected_word(app, all);
  if (word.empty()) return usage_error(error.what());
  if (app.get_subcommands().empty() && !word.starts_with('-')) {
    std::string names;
    for (const Command& command : all_commands()) {
      names += cat(names.empty() ? "" : ", ", command.name);
    }
    return usage_error(cat("there is no subcommand ", quote(word),
                           "; this version has ", names));
  }
  return usage_error(cat("unexpected ", quote(word)));
}

// A descriptor that the caller closed must not become that of a file: what is
// said there would go into it.
void hold_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
  }
}

int run_command(std::string_view action, const Run& run) {
  try {
    run();
    return 0;
  } catch (const Error& error) {
    return report_error(error, action);
  } catch (const std::bad_alloc&) {
    return report_error(
        Error(ErrorCode::kMemoryOverflow,
              "there is not enough memory; the input may be hostile"),
        action);
  } catch (const std::exception& exception) {
    return report_error(
        Error(ErrorCode::kFileOperation,
              cat("unexpected failure: ", exception.what(),
                  "; this is a defect of ncli, please report it")),
        action);
  }
}

// Prints the help or the version, or says what is wrong with the words.
int end_parsing(const CLI::App& app, const CLI::ParseError& error,
                const std::vector<std::string>& all) {
  if (error.get_exit_code() != 0) return report_usage(app, error, all);
  std::ostringstream text;
  std::ostringstream ignored;
  app.exit(error, text, ignored);
  return run_command("Help", [&] { print(text.str()); });
}

int run_main(int argc, char** argv) {
  CLI::App app("Build, measure and run AWS Nitro Enclaves images", "ncli");
  app.set_version_flag("-V,--version", version_line(argv[0]));
  app.require_subcommand(1);
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
  const std::vector<std::string> all = words(argc, argv);
  if (all.size() == 2 && all[1] == "--help" && !is_command(all[0])) {
    return usage_error(cat("there is no subcommand ", quote(all[0])));
  }
  try {
    std::vector<std::string> reversed(all.rbegin(), all.rend());
    app.parse(std::move(reversed));  // as CLI11 takes them
  } catch (const CLI::ParseError& error) {
    return end_parsing(app, error, all);
  }
  return run_command(parsed.command->action, parsed.run);
}

}  // namespace
}  // namespace ncli::cli

int main(int argc, char** argv) {
  ncli::cli::hold_standard_descriptors();
  return ncli::cli::run_main(argc, argv);
}
