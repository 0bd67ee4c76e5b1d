// A subcommand of ncli, and the one table of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ncli::cli {

// What runs once the words are parsed. Failures are exceptions.
using Run = std::function<void()>;

struct Command {
  const char* name;
  const char* summary;  // one line of the overview
  const char* action;   // what it does, for the error log: "Build Enclave"
  // Adds the options to `app`.
  Run (*declare)(CLI::App& app);
};

// In the order of the overview.
const std::vector<Command>& all_commands();

Run declare_build_enclave(CLI::App& app);
Run declare_describe_eif(CLI::App& app);
Run declare_explain(CLI::App& app);
Run declare_pcr(CLI::App& app);

}  // namespace ncli::cli
