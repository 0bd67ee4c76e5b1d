#include "cli/command.h"

namespace ncli::cli {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands = {
      {"build-enclave", "Build an enclave image file from a container image",
       "Build Enclave", &declare_build_enclave},
      {"describe-eif", "Show what is in an enclave image file", "Describe EIF",
       &declare_describe_eif},
      {"pcr", "Show the PCR of a file or of a signing certificate", "PCR",
       &declare_pcr},
      {"explain", "Explain an error code", "Explain", &declare_explain},
  };
  return commands;
}

}  // namespace ncli::cli
