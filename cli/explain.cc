// ncli explain: what an error code means and what to do.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"

namespace ncli::cli {
namespace {

void run(const std::string& name) {
  const auto code = error_code_from_name(name);
  if (!code) {
    throw Error(ErrorCode::kInvalidArgument,
                cat("cannot explain ", quote(name),
                    ": there is no such error code; give one of E00 to E60"));
  }
  for (const ErrorCodeInfo& info : all_error_codes()) {
    if (info.code != *code) continue;
    std::cout << error_code_name(*code) << ": " << info.title << "\n\n"
              << info.meaning << "\n\nWhat to do: " << info.remedy << "\n";
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
