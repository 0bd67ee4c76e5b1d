// What Docker adds to an image's files when it makes a container of them, as
// far as nitro-cli's images show it.
#pragma once

#include <string_view>

#include "eif-builder/rootfs/file-tree.h"

namespace ncli::rootfs {

// Docker's init layer: /dev/pts, /etc/hosts and the like are there, as what
// they must be. Source: FORMATS.md section 4.4.
void apply_init_layer(FileTree& tree);

// Makes the directory `path` (config.WorkingDir) and its missing parents.
// E48 when something else stands in the way, as Docker refuses it. Source:
// FORMATS.md section 4.5, with the fixed time in place of the time of day.
void make_working_directory(FileTree& tree, std::string_view path);

}  // namespace ncli::rootfs
