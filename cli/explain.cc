// ncli explain: what an error code means and what to do.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <regex>
#include <set>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"

namespace ncli::cli {
namespace {

// Which subcommands the texts name that this version does not have.
std::string missing(const ErrorCodeInfo& info) {
  const std::string text = cat(info.meaning, "\n", info.remedy);
  const std::regex mention("`(sudo )?ncli ([a-z][a-z-]*)");
  std::set<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), mention), end;
       match != end; ++match) {
    const std::string name = (*match)[2];
    const auto is_called = [&](const Command& c) { return c.name == name; };
    if (std::ranges::none_of(all_commands(), is_called)) names.insert(name);
  }
  if (names.empty()) return {};
  std::string list;
  for (const std::string& name : names) {
    list += cat(list.empty() ? "" : ", ", name);
  }
  return cat("\nThis version of ncli does not have yet: ", list, ".\n");
}

void run(const std::string& name) {
  const auto code = error_code_from_name(name);
  if (!code) {
    throw Error(ErrorCode::kInvalidArgument,
                cat("cannot explain ", quote(name),
                    ": there is no such error code; give one of E00 to E60"));
  }
  for (const ErrorCodeInfo& info : all_error_codes()) {
    if (info.code != *code) continue;
    print(cat(error_code_name(*code), ": ", info.title, "\n\n", info.meaning,
              "\n\nWhat to do: ", info.remedy, "\n", missing(info)));
  }
}

}  // namespace

Run declare_explain(CLI::App& app) {
  const auto code = std::make_shared<std::string>();
  app.add_option("--error-code", *code, "The code, such as E19")
      ->type_name("CODE")
      ->required();
  return [code] { run(*code); };
}

}  // namespace ncli::cli
