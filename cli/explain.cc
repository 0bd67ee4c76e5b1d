// ncli explain: what an error code means and what to do.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"

namespace ncli::cli {
namespace {

// Which subcommands the texts name that this version does not have.
std::string missing(const ErrorCodeInfo& info) {
  const std::string text = cat(info.meaning, "\n", info.remedy);
  std::set<std::string> names;
  for (const std::string_view start : {"`ncli ", "`sudo ncli "}) {
    for (std::size_t at = text.find(start); at != std::string::npos;
         at = text.find(start, at + 1)) {
      const std::size_t begin = at + start.size();
      const std::size_t end =
          text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", begin);
      const std::string name = text.substr(begin, end - begin);
      const auto is_called = [&](const Command& c) { return c.name == name; };
      if (!name.empty() && std::ranges::none_of(all_commands(), is_called)) {
        names.insert(name);
      }
    }
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
