#include "eif-builder/process-config.h"

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace ncli {
namespace {

using Words = std::vector<std::string>;

std::string lines(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

std::string join(const Words& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") + word;
  return quote(text);
}

void warn_of_newlines(const Words& words, std::string_view what,
                      Words& warnings) {
  for (const std::string& word : words) {
    if (word.find('\n') == std::string::npos) continue;
    warnings.push_back(cat("the image's ", what, " has the element ",
                           quote(word),
                           ", which holds a newline: the enclave's init will "
                           "take it as several"));
  }
}

Words nitro_command(const image::ImageConfig& config, Words& warnings) {
  if (!config.command) return config.entrypoint.value_or(Words());
  if (config.entrypoint && !config.entrypoint->empty()) {
    warnings.push_back(cat(
        "the image's ENTRYPOINT ", join(*config.entrypoint),
        " is ignored, as by nitro-cli: the enclave runs its CMD ",
        join(*config.command), " alone; --command docker runs both together"));
  }
  return *config.command;
}

Words docker_command(const image::ImageConfig& config) {
  Words words = config.entrypoint.value_or(Words());
  const Words arguments = config.command.value_or(Words());
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

}  // namespace

ProcessConfig make_process_config(const image::ImageConfig& config,
                                  CommandMode mode) {
  if (!config.command && !config.entrypoint) {
    throw Error(ErrorCode::kEifBuilding,
                "cannot build an enclave: the image has neither CMD nor "
                "ENTRYPOINT, so nothing would run in it; set one in the "
                "Dockerfile");
  }
  ProcessConfig result;
  const Words command = mode == CommandMode::kNitro
                            ? nitro_command(config, result.warnings)
                            : docker_command(config);
  warn_of_newlines(command, "command", result.warnings);
  warn_of_newlines(config.environment, "environment", result.warnings);
  result.files = {{"cmd", lines(command)}, {"env", lines(config.environment)}};
  if (mode == CommandMode::kDocker) {
    const OrderedJson exec = {{"WorkingDir", config.working_directory},
                              {"User", config.user}};
    result.files.push_back({"ncli-exec", dump_json(exec) + "\n"});
  }
  return result;
}

}  // namespace ncli
