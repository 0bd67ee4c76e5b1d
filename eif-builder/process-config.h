// What the enclave starts, as the files that its init reads.
#pragma once

#include <string>
#include <vector>

#include "eif-builder/image/image-config.h"
#include "eif-builder/initramfs/initramfs.h"

namespace ncli {

enum class CommandMode {
  kNitro,   // CMD, or ENTRYPOINT when there is no CMD: as nitro-cli
  kDocker,  // ENTRYPOINT and CMD together: as docker run
};

struct ProcessConfig {
  std::vector<initramfs::TopFile> files;  // cmd, env and maybe ncli-exec
  std::vector<std::string> warnings;
};

// E48 when the image says nothing that could be run.
// Source: FORMATS.md section 3.
ProcessConfig make_process_config(const image::ImageConfig& config,
                                  CommandMode mode);

}  // namespace ncli
