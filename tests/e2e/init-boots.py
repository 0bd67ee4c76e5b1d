#!/usr/bin/env python3
"""The enclave's init boots under a real kernel: heartbeat, mounts, command, and a clear text when it cannot go on.

NCLI_INIT names the init, NCLI_KERNEL_DIR an unpacked Debian kernel package. The
parent is support/vsock_parent.py; a start script loads the drivers that Debian
builds as modules.
"""

import lzma
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cpio
import tools
import vsock_parent

ROOT = pathlib.Path(__file__).resolve().parents[2]
INIT = pathlib.Path(os.environ.get(
    "NCLI_INIT", ROOT / "build/release/eif-builder/init/init"))
KERNEL_DIR = pathlib.Path(os.environ.get(
    "NCLI_KERNEL_DIR", ROOT / "build/kernel"))
KERNEL = next(KERNEL_DIR.glob("boot/vmlinuz-*"), None)
BOOT_LIMIT = 90                # seconds, without hardware virtualisation

# In the order of their dependencies; newer kernels have some built in.
MODULES = ["virtio_ring", "virtio", "virtio_pci_legacy_dev",
           "virtio_pci_modern_dev", "virtio_pci", "vsock",
           "vmw_vsock_virtio_transport_common", "vmw_vsock_virtio_transport"]
START = b"""#!/bin/busybox sh
for module in /modules/*; do /bin/busybox insmod $module; done
exec /init
"""
CHECK = b"""#!/bin/sh
for argument; do echo "argument [$argument]"; done
b=/bin/busybox
$b env | $b sed 's/^/variable /'
$b sed 's/^/mounted /' /proc/mounts
for name in fd stdin stdout stderr; do
  echo "link $name $($b readlink /dev/$name)"
done
echo "in $(pwd) sees" $($b ls -A /)
set -- $($b cat /proc/self/stat); echo "session $6 of $$"
$b grep SigBlk /proc/self/status
($b sleep 0.1 &); $b sleep 1
echo "zombies $($b grep -l 'State:.Z' /proc/[0-9]*/status | $b wc -l)"
echo text > /tmp/file && echo "read $($b cat /tmp/file)"
exit 3
"""

MOUNTS = [("/dev", "devtmpfs"), ("/dev/pts", "devpts"), ("/dev/shm", "tmpfs"),
          ("/proc", "proc"), ("/run", "tmpfs"), ("/tmp", "tmpfs"),
          ("/sys", "sysfs"), ("/sys/fs/cgroup", "tmpfs"),
          ("/sys/fs/cgroup/pids", "cgroup")]
NO_CONTROLLER = "warning: cannot mount the cgroup controller "


def ramdisk(command, environment, vsock=True, nsm=None):
    """What the start script and init need, and a small rootfs, as a cpio."""
    busybox = pathlib.Path(shutil.which("busybox")).read_bytes()
    files = dict.fromkeys([
        "bin", "dev", "modules", "rootfs", "rootfs/bin", "rootfs/dev",
        "rootfs/proc", "rootfs/run", "rootfs/sys", "rootfs/tmp", "rootfs/var"])
    files |= {"init": INIT.read_bytes(), "start": START, "bin/busybox": busybox,
              "rootfs/bin/busybox": busybox, "rootfs/bin/sh": busybox,
              "rootfs/bin/check": CHECK,
              "cmd": b"".join(word + b"\n" for word in command),
              "env": b"".join(word + b"\n" for word in environment)}
    for number, name in enumerate(MODULES if vsock else []):
        for path in KERNEL_DIR.glob(f"**/kernel/**/{name}.ko*"):
            opened = lzma.open if path.suffix == ".xz" else open
            with opened(path, "rb") as module:
                files[f"modules/{number}-{name}"] = module.read()
    if nsm is not None:
        files["nsm.ko"] = nsm
    writer = cpio.Writer()
    for name, data in files.items():
        kind = cpio.DIRECTORY if data is None else cpio.FILE
        writer.add(cpio.Record(name.encode(), kind, 0o755, data=data or b""))
    return writer.finish()


def boot(command, environment=(), answer=vsock_parent.HEARTBEAT, typed=b"",
         words="", **options):
    """Boots until the machine restarts; gives the console's text. `words` go
    to the kernel's command line, `typed` to the console."""
    with tempfile.TemporaryDirectory(prefix="ncli-init-") as folder, \
            open(f"{folder}/memory", "w+b") as memory:
        memory.truncate(256 << 20)
        image, path = pathlib.Path(folder, "ramdisk"), f"{folder}/vsock"
        image.write_bytes(ramdisk(command, environment, **options))
        vsock_parent.Parent(path, memory, answer)
        done = subprocess.run(
            ["qemu-system-x86_64", "-nodefaults", "-no-user-config",
             "-display", "none", "-accel", "tcg", "-cpu", "max",
             "-M", "q35,memory-backend=memory", "-m", "256M", "-no-reboot",
             "-object", "memory-backend-file,id=memory,share=on,size=256M,"
             f"mem-path={memory.name}",
             "-chardev", f"socket,id=vsock,path={path}",
             "-device", "vhost-user-vsock-pci,chardev=vsock",
             "-serial", "stdio", "-initrd", image,
             "-kernel", KERNEL,
             "-append", "console=ttyS0 rdinit=/start reboot=t panic=-1 "
             "loglevel=4 tsc_early_khz=2500000 lpj=5000000 " + words],
            input=typed, capture_output=True, timeout=BOOT_LIMIT)
    if done.returncode:
        raise tools.ToolError(done.stderr.decode())
    return done.stdout.decode("utf-8", "replace").replace("\r", "")


def lines(console, start):
    """What follows `start` on the console's lines that begin with it."""
    return [line[len(start):] for line in console.splitlines()
            if line.startswith(start)]


def said(console):
    """init's own lines, but for controllers that this kernel has not."""
    return [line for line in lines(console, "init: ")
            if not line.startswith(NO_CONTROLLER)]


@tools.need("qemu-system-x86_64", "busybox")
@unittest.skipUnless(platform.machine() == "x86_64", "boots x86_64 alone")
class InitBoots(unittest.TestCase):
    def setUp(self):
        if KERNEL is None:
            tools.miss("an unpacked kernel package in build/kernel or "
                       "NCLI_KERNEL_DIR: run packaging/fetch-kernel")

    def test_command_runs_as_in_aws_enclaves(self):
        console = boot([b"check", b"two words", b"", b"last"],
                       [b"GREETING=hello world", b"EMPTY="])

        def check(start, expected):
            self.assertEqual(lines(console, start), expected, console)
        check("argument ", ["[two words]", "[]", "[last]"])
        self.assertLessEqual({"GREETING=hello world", "EMPTY="},
                             set(lines(console, "variable ")))
        check("link ", ["fd /proc/self/fd", "stdin /proc/self/fd/0",
                        "stdout /proc/self/fd/1", "stderr /proc/self/fd/2"])
        check("in / sees ", ["bin dev proc run sys tmp var"])
        self.assertEqual(*lines(console, "session ")[0].split(" of "))
        check("SigBlk:", ["\t0000000000000000"])
        check("zombies ", ["0"])
        check("read ", ["text"])
        self.assertEqual(said(console), ["child exited with error 3"])
        mounts = {(target, kind): set(options.split(","))
                  for _, target, kind, options, *_ in
                  map(str.split, lines(console, "mounted "))}
        for mount in MOUNTS:
            flags = {"nosuid", "noexec"} | (
                set() if mount[1].startswith("dev") else {"nodev"})
            self.assertLessEqual(flags, mounts[mount], mount)

    def test_empty_files_give_a_shell(self):
        # The firmware takes the first characters that are typed.
        typed = b"\n" * 32 + b"echo path=$PATH; kill -9 $$\n"
        console = boot([], typed=typed)
        self.assertIn("\npath=/sbin:/usr/sbin:/bin:/usr/bin\n", console)
        self.assertEqual(said(console), ["child exited by signal 9"], console)

    def test_missing_command_is_named(self):
        console = boot([b"no-such-program"])
        self.assertEqual(said(console),
                         ["cannot execute 'no-such-program': No such file or "
                          "directory", "child exited with error 127"])

    def test_cgroup_controller_that_does_not_mount(self):
        console = boot([b"check"], words="cgroup_no_v1=memory")
        self.assertIn("memory: Invalid argument",
                      lines(console, "init: " + NO_CONTROLLER))
        self.assertEqual(said(console), ["child exited with error 3"])

    def refused(self, *words, **options):
        """The boot ends before the command, by one line with `words`."""
        console = boot([b"check"], **options)
        text, = lines(console, "init: ")
        for word in ("cannot ", *words):
            self.assertIn(word, text)
        self.assertEqual(lines(console, "in / sees "), [])

    def test_heartbeat_that_fails_ends_the_boot(self):
        self.refused("reach the parent", "CID 3, port 9000", answer=None)
        self.refused("0x00", "0xb7", answer=b"\0")
        self.refused("answer to the heartbeat", "closed", answer=b"")
        self.refused("CONFIG_VSOCKETS", vsock=False)

    def test_nsm_driver_of_another_kernel(self):
        self.refused("/nsm.ko", "Exec format error", nsm=b"no driver")


if __name__ == "__main__":
    unittest.main(verbosity=2)
