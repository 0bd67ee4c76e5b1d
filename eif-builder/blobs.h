// The parts of an enclave image that do not come from the container image:
// kernel, command line, init and driver.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/byte-io.h"
#include "eif-builder/image/platform.h"

namespace ncli {

// Where to take each part from: one of its own, or the directory.
struct BlobPaths {
  std::filesystem::path directory;
  std::optional<std::filesystem::path> kernel;
  std::optional<std::filesystem::path> kernel_config;
  std::optional<std::filesystem::path> cmdline;
  std::optional<std::filesystem::path> init;
  std::optional<std::filesystem::path> nsm;
  bool without_nsm = false;
};

struct Blobs {
  std::shared_ptr<const ByteSource> kernel;
  std::string kernel_config;
  std::string cmdline;  // without white space around it
  std::shared_ptr<const ByteSource> init;
  std::shared_ptr<const ByteSource> nsm;  // null when left out
};

// Opens and checks the parts for `platform`: in the directory, or, when it has
// one, in its sub-directory x86_64 or aarch64. E19 for the command line, E48
// for the rest, also for a kernel that no enclave boots.
Blobs open_blobs(const BlobPaths& paths, const image::Platform& platform);

}  // namespace ncli
