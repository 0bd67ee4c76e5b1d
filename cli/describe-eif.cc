// ncli describe-eif: what is in an enclave image file, and whether it is sound.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/eif-json.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "eif-builder/describe.h"

namespace ncli::cli {
namespace {

constexpr std::uint64_t kLargestExpectation = std::uint64_t{1} << 20;

struct Options {
  std::string eif_path;
  std::optional<std::string> expect_pcrs;
  bool verbose = false;
  bool strict = false;
};

// The metadata section in the form of nitro-cli's output.
void add_metadata(const Json& section, OrderedJson& json) {
  for (const char* const key : {"ImageName", "ImageVersion"}) {
    if (section.contains(key)) json[key] = section[key];
  }
  OrderedJson metadata = OrderedJson::object();
  const Json build = section.value("BuildMetadata", Json::object());
  for (const char* const key : {"BuildTime", "BuildTool", "BuildToolVersion",
                                "OperatingSystem", "KernelVersion"}) {
    if (build.is_object() && build.contains(key)) metadata[key] = build[key];
  }
  metadata["DockerInfo"] = section.value("DockerInfo", Json());
  const Json custom = section.value("CustomMetadata", Json());
  if (custom.is_object()) {
    for (const auto& [key, value] : custom.items()) {
      if (!metadata.contains(key)) metadata[key] = value;
    }
  }
  json["Metadata"] = std::move(metadata);
}

OrderedJson to_json(const EifDescription& description) {
  OrderedJson json = {
      {"EifVersion", description.layout.header.version},
      {"Measurements", measurements_json(description.measurements)},
      {"IsSigned", description.is_signed},
      {"CheckCRC", description.crc_matches}};
  if (description.metadata) add_metadata(*description.metadata, json);
  return json;
}

void show_sections(const EifDescription& description, Terminal& terminal) {
  const eif::Header& header = description.layout.header;
  terminal.note(cat("version ", header.version, ", ",
                    (header.flags & eif::kArm64Flag) != 0 ? "arm64" : "x86_64",
                    ", default memory ", header.default_memory,
                    " bytes, default vCPUs ", header.default_cpus));
  for (const eif::Section& section : description.layout.sections) {
    terminal.note(cat(eif::section_name(section.header.type), ": ",
                      section.header.size, " bytes at ", section.data_offset));
  }
}

// Whether a key is meant to be a register's name, also when misspelt in case.
bool names_register(std::string_view key) {
  return key.size() >= 3 && (key[0] | 0x20) == 'p' && (key[1] | 0x20) == 'c' &&
         (key[2] | 0x20) == 'r';
}

// What cannot be compared is refused, never passed over: a pipeline would be
// green for the wrong reason.
void take_register(const std::string& path, const std::string& key,
                   const Json& value, Json& registers) {
  const auto fail = [&](std::string_view reason) {
    throw Error(ErrorCode::kSerialisation,
                cat("cannot take the expected PCRs from ", quote(path), ": ",
                    quote(key), " ", reason));
  };
  const bool is_exact =
      key.starts_with("PCR") && key.size() > 3 &&
      key.find_first_not_of("0123456789", 3) == std::string::npos;
  if (!is_exact) fail("is no register's name; write PCR0, PCR1, ...");
  if (!value.is_string()) fail("has a value that is no text");
  std::string hex = value.get<std::string>();
  for (char& c : hex) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c | 0x20);
  }
  registers[key] = hex;
}

// The registers that a file of build-enclave's output, or a plain object of
// PCRs, names.
Json read_expectation(const std::string& path) {
  Json json = parse_json(
      read_small_file(path, kLargestExpectation, ErrorCode::kFileOperation),
      ErrorCode::kSerialisation, quote(path), TwiceKeys::kRefuse);
  Json registers = Json::object();
  const auto take_from = [&](const Json& object) {
    for (const auto& [key, value] : object.items()) {
      if (names_register(key)) take_register(path, key, value, registers);
    }
  };
  if (json.is_object()) {
    take_from(json);
    if (json.contains("Measurements") && json["Measurements"].is_object()) {
      if (!registers.empty()) {
        throw Error(ErrorCode::kSerialisation,
                    cat("cannot take the expected PCRs from ", quote(path),
                        ": it names registers both in Measurements and beside "
                        "it; leave one of them out"));
      }
      take_from(json["Measurements"]);
    }
  }
  if (!registers.empty()) return registers;
  throw Error(ErrorCode::kSerialisation,
              cat("cannot take the expected PCRs from ", quote(path),
                  ": it names none; give what build-enclave printed, or an "
                  "object such as {\"PCR0\": \"...\"}"));
}

void check_expectation(const Json& expected, const Json& measured) {
  std::string differing;
  for (const auto& [name, wanted] : expected.items()) {
    const auto actual = measured.find(name);
    if (actual != measured.end() && *actual == wanted) continue;
    differing +=
        cat(differing.empty() ? "" : "; ", name, " is ",
            actual == measured.end() ? "not there" : actual->get<std::string>(),
            ", expected ", quote(wanted.get<std::string>()));
  }
  if (differing.empty()) return;
  throw Error(ErrorCode::kEifParsing,
              cat("the EIF is not the expected one: ", differing));
}

void check_strictly(const EifDescription& description) {
  std::string wrong;
  for (const std::string& flaw : description.flaws) {
    wrong += cat(wrong.empty() ? "" : "; ", flaw);
  }
  if (description.has_crc && !description.crc_matches) {
    wrong += cat(wrong.empty() ? "" : "; ", "its CRC is wrong");
  }
  if (wrong.empty()) return;
  throw Error(ErrorCode::kEifParsing,
              cat("the EIF is not well-formed: ", wrong));
}

void run(const Options& options) {
  Json expected;
  if (options.expect_pcrs) expected = read_expectation(*options.expect_pcrs);
  Terminal terminal;
  const EifDescription description = describe_eif(options.eif_path, terminal);
  terminal.clear_bar();
  if (options.verbose) show_sections(description, terminal);
  if (!options.strict) {
    for (const std::string& flaw : description.flaws) terminal.warn(flaw);
  }
  const OrderedJson json = to_json(description);
  print_json(json);
  if (options.strict) check_strictly(description);
  if (!expected.is_null()) check_expectation(expected, json["Measurements"]);
}

}  // namespace

Run declare_describe_eif(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--eif-path", options->eif_path, "The enclave image file")
      ->type_name("FILE")
      ->required();
  app.add_flag("--verbose", options->verbose,
               "Show the sections and their sizes on stderr");
  app.add_flag("--strict", options->strict,
               "Fail (E35) on a wrong CRC or a malformed layout");
  app.add_option("--expect-pcrs", options->expect_pcrs,
                 "Fail (E35) unless the PCRs are those of this JSON file: what "
                 "build-enclave printed, or {\"PCR0\": \"...\"}")
      ->type_name("FILE");
  return [options] { run(*options); };
}

}  // namespace ncli::cli
