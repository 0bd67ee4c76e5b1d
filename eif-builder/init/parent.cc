#include "eif-builder/init/parent.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

// After sys/socket.h, whose types it needs.
#include <linux/vm_sockets.h>

#include "eif-builder/init/console.h"

namespace ncli::init {
namespace {

constexpr const char* kNsmDriver = "/nsm.ko";
constexpr unsigned kParentCid = 3;
constexpr unsigned kHeartbeatPort = 9000;
constexpr unsigned char kHeartbeat = 0xb7;

// What the errors that a wrong kernel gives mean; else the errno's own text.
const char* vsock_error(int error) {
  switch (error) {
    case EAFNOSUPPORT:
      return "the kernel has no vsock (CONFIG_VSOCKETS)";
    case ENODEV:
      return "the kernel has no vsock device, or no driver for it "
             "(CONFIG_VIRTIO_VSOCKETS, CONFIG_VIRTIO_MMIO)";
    case ECONNRESET:
      return "nobody listens there (connection reset)";
    default:
      return std::strerror(error);
  }
}

int connect_to_parent() {
  const int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die(vsock_error(errno), "make the heartbeat's vsock socket");
  sockaddr_vm address{};
  address.svm_family = AF_VSOCK;
  address.svm_cid = kParentCid;
  address.svm_port = kHeartbeatPort;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) <
      0) {
    die(vsock_error(errno),
        "reach the parent for the heartbeat (vsock CID %u, port %u)",
        kParentCid, kHeartbeatPort);
  }
  return fd;
}

}  // namespace

void load_nsm_driver() {
  const int fd = open(kNsmDriver, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return;
    die(std::strerror(errno), "open the NSM driver '%s'", kNsmDriver);
  }
  if (syscall(SYS_finit_module, fd, "", 0) < 0) {
    die(std::strerror(errno),
        "load the NSM driver '%s' (it must be built for this very kernel)",
        kNsmDriver);
  }
  close(fd);
  if (unlink(kNsmDriver) < 0) {
    note("warning: cannot remove '%s': %s", kNsmDriver, std::strerror(errno));
  }
}

void send_heartbeat() {
  const int fd = connect_to_parent();
  if (write(fd, &kHeartbeat, 1) != 1) {
    die(std::strerror(errno), "send the heartbeat to the parent");
  }
  unsigned char answer = 0;
  const ssize_t size = read(fd, &answer, 1);
  if (size < 0) {
    die(std::strerror(errno), "read the parent's answer to the heartbeat");
  }
  if (size == 0) {
    die("the parent closed the connection without one",
        "read the parent's answer to the heartbeat");
  }
  if (answer != kHeartbeat) {
    die("something else than the enclave's monitor listens there",
        "accept the parent's answer 0x%02x to the heartbeat 0x%02x", answer,
        kHeartbeat);
  }
  close(fd);
}

}  // namespace ncli::init
