#include "eif-builder/init/rootfs.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "eif-builder/init/console.h"

namespace ncli::init {
namespace {

constexpr unsigned long kNoExec = MS_NOSUID | MS_NOEXEC;
constexpr unsigned long kNoDevices = kNoExec | MS_NODEV;
constexpr const char* kCgroups = "/sys/fs/cgroup";

struct Mount {
  const char* source;
  const char* target;
  const char* type;
  unsigned long flags;
  const char* options;
  bool required;
};

// In order: some lie inside others.
constexpr Mount kMounts[] = {
    {"proc", "/proc", "proc", kNoDevices, nullptr, true},
    {"tmpfs", "/run", "tmpfs", kNoDevices, "mode=0755", true},
    {"tmpfs", "/tmp", "tmpfs", kNoDevices, nullptr, true},
    {"shm", "/dev/shm", "tmpfs", kNoDevices, nullptr, true},
    {"devpts", "/dev/pts", "devpts", kNoExec, nullptr, false},
    {"sysfs", "/sys", "sysfs", kNoDevices, nullptr, true},
    {"cgroup_root", kCgroups, "tmpfs", kNoDevices, "mode=0755", false},
};

struct Link {
  const char* path;
  const char* target;
};

constexpr Link kLinks[] = {
    {"/dev/fd", "/proc/self/fd"},
    {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"},
    {"/dev/stderr", "/proc/self/fd/2"},
};

void mount_part(const Mount& part) {
  mkdir(part.target, 0755);  // mostly there; a real problem shows in mount
  if (mount(part.source, part.target, part.type, part.flags, part.options) ==
      0) {
    return;
  }
  const char* const reason = std::strerror(errno);
  if (part.required) die(reason, "mount %s on %s", part.type, part.target);
  note("warning: cannot mount %s on %s: %s", part.type, part.target, reason);
}

// Which controllers mount depends on the kernel (since 6.12 memory and cpuset
// are options of their own), and few commands need any: a failure is no
// reason to end the enclave.
void mount_cgroup_controller(const char* name) {
  char path[128];
  std::snprintf(path, sizeof path, "%s/%s", kCgroups, name);
  mkdir(path, 0555);
  if (mount(name, path, "cgroup", kNoDevices, name) == 0) return;
  note("warning: cannot mount the cgroup controller %s: %s", name,
       std::strerror(errno));
  rmdir(path);
}

// /proc/cgroups: a heading, then "name hierarchy cgroups enabled" a line.
void mount_cgroup_controllers() {
  std::FILE* const list = std::fopen("/proc/cgroups", "re");
  if (list == nullptr) return;
  char line[256];
  while (std::fgets(line, sizeof line, list) != nullptr) {
    char name[64];
    int enabled = 0;
    if (line[0] == '#') continue;
    if (std::sscanf(line, "%63s %*d %*d %d", name, &enabled) == 2 &&
        enabled != 0) {
      mount_cgroup_controller(name);
    }
  }
  std::fclose(list);
}

}  // namespace

void mount_dev() {
  if (mount("dev", "/dev", "devtmpfs", kNoExec, nullptr) < 0 &&
      errno != EBUSY) {
    die(std::strerror(errno), "mount devtmpfs on /dev");
  }
}

void enter_rootfs() {
  // The initial root cannot be left by pivot_root; a mount point can be moved
  // over it, and so /rootfs is made one.
  if (mount("/rootfs", "/rootfs", nullptr, MS_BIND, nullptr) < 0 ||
      chdir("/rootfs") < 0 || mount(".", "/", nullptr, MS_MOVE, nullptr) < 0 ||
      chroot(".") < 0 || chdir("/") < 0) {
    die(std::strerror(errno), "make /rootfs the root");
  }
}

void mount_rootfs_parts() {
  mount_dev();
  for (const Link& link : kLinks) {
    if (symlink(link.target, link.path) < 0 && errno != EEXIST) {
      note("warning: cannot make the link %s: %s", link.path,
           std::strerror(errno));
    }
  }
  for (const Mount& part : kMounts) mount_part(part);
  mount_cgroup_controllers();
}

}  // namespace ncli::init
