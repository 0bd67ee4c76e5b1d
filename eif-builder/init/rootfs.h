// The mounts: from the boot's own file system into that of the image.
#pragma once

namespace ncli::init {

// Mounts the kernel's devices on /dev, unless they are there already.
void mount_dev();

// Makes /rootfs, the image's files, the root of the file system.
void enter_rootfs();

// Mounts what a container's command expects: /dev, /proc, /run, /tmp,
// /dev/shm, /dev/pts, /sys, the cgroup v1 controllers, and the links of /dev
// into /proc. What a kernel can be built without only gives a warning.
void mount_rootfs_parts();

}  // namespace ncli::init
