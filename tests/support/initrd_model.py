#!/usr/bin/env python3
"""Model of FORMATS.md sections 2 to 4: a docker-save archive becomes the two
initrds, byte for byte."""

import bz2
import gzip
import json
import lzma
import posixpath
import subprocess
import sys
import tarfile

import cpio
from cpio import DIRECTORY, FILE, SYMLINK, Record
from layer_model import FIXED_MTIME, Node, components, merged_tree, name_bytes

HOSTS = (b"127.0.0.1       localhost\n"
         b"::1     localhost ip6-localhost ip6-loopback\n"
         b"fe00::0 ip6-localnet\n"
         b"ff00::0 ip6-mcastprefix\n"
         b"ff02::1 ip6-allnodes\n"
         b"ff02::2 ip6-allrouters\n")
RESOLV = b"/run/resolvconf/resolv.conf"
MOUNTS = b"/proc/mounts"
DROPPED = {b".dockerenv", b"Dockerfile", b"dev/console", b"etc/hostname"}
FIXED_TIME = {b"dev/", b"dev/pts/", b"dev/shm/", b"etc/", b"etc/mtab",
              b"proc/", b"sys/"}
DOCKER_OWN = (
    (b"dev/pts", DIRECTORY), (b"dev/shm", DIRECTORY), (b"proc", DIRECTORY),
    (b"sys", DIRECTORY), (b".dockerenv", FILE), (b"etc/resolv.conf", FILE),
    (b"etc/hosts", FILE), (b"etc/hostname", FILE), (b"dev/console", FILE),
    (b"etc/mtab", SYMLINK))


class NoCommand(ValueError):
    """The image has neither Cmd nor Entrypoint."""


def fixed(name, kind, mode, data=b""):
    return Record(name, kind, mode, mtime=FIXED_MTIME, data=data)


def add_docker_own(root):
    """4.4: docker's init layer, over the merged image."""
    for path, kind in DOCKER_OWN:
        node, parts = root, path.split(b"/")
        for part in parts[:-1]:
            child = node.children.get(part)
            if child is None or child.kind != DIRECTORY:
                child = node.children[part] = Node(DIRECTORY)
            node = child
        last = node.children.get(parts[-1])
        if last is None or last.kind != DIRECTORY:
            made = Node(kind)
            if kind == SYMLINK:
                made.mode, made.data = 0o777, MOUNTS
            node.children[parts[-1]] = made


def add_working_directory(root, path, budget=40):
    """4.5, made deterministic: symlinks are followed within the root, what
    is missing is 0755 0:0 with the fixed time; a parent keeps its own."""
    node, walked = root, []
    for index, part in enumerate(path):
        child = node.children.get(part)
        if child is None:
            child = node.children[part] = Node(DIRECTORY)
        if child.kind == SYMLINK and budget:
            start = [] if child.data.startswith(b"/") else walked
            target = components(b"/".join([*start, child.data]))
            add_working_directory(root, target + path[index + 1:], budget - 1)
            return
        if child.kind != DIRECTORY:
            raise ValueError(f"WorkingDir leads through {part!r}")
        node = child
        walked.append(part)


def relative(target, name):
    return posixpath.relpath(b"/" + target, b"/" + posixpath.dirname(name))


class TreeRecords:
    """4.2, 4.3 and 4.6: the image's own records, in the order of the walk."""

    def __init__(self, root):
        self.first_names = {}
        self.records = []
        self.met = set()
        self.walk(root, b"")

    def walk(self, directory, prefix):
        for base in sorted(directory.children):
            node, path = directory.children[base], prefix + base
            if node.kind == DIRECTORY:
                self.emit(path + b"/", node, b"")
                self.walk(node, path + b"/")
                continue
            first = self.first_names.setdefault(id(node), path)
            if first == path:
                self.emit(path, node, node.data)
            else:
                self.emit(path, node, relative(first, path), SYMLINK)

    def emit(self, name, node, data, kind=None):
        self.met.add(name)
        if name in DROPPED:
            return
        kind, mtime = kind or node.kind, node.mtime
        if name in FIXED_TIME:
            mtime = FIXED_MTIME
        elif name == b"etc/hosts":
            data, mtime = HOSTS, FIXED_MTIME
        elif name == b"etc/resolv.conf":
            kind, data, mtime = SYMLINK, RESOLV, FIXED_MTIME
        self.records.append(Record(b"rootfs/" + name, kind, node.mode, node.uid,
                                   node.gid, mtime, data, node.device))

    def untouched(self):
        """Section 3, step 3: docker's files where the image has directories."""
        touch = ((b"etc/hosts", FILE, 0o644, HOSTS),
                 (b"etc/mtab", SYMLINK, 0o755, MOUNTS),
                 (b"etc/resolv.conf", SYMLINK, 0o644, RESOLV))
        return [fixed(b"rootfs/" + name, kind, mode, data)
                for name, kind, mode, data in touch if name not in self.met]


def lines(items):
    return b"".join(name_bytes(item) + b"\n" for item in items or ())


def command(config):
    """nitro-cli's choice: Cmd, else Entrypoint."""
    for key in ("Cmd", "Entrypoint"):
        if config.get(key) is not None:
            return config[key]
    raise NoCommand("neither Cmd nor Entrypoint")


def customer_initrd(layers, config):
    """Layer tars bottom to top and the image's `config` object -> bytes."""
    cmd = command(config)
    root = merged_tree(layers)
    add_docker_own(root)
    add_working_directory(root, components(
        name_bytes(config.get("WorkingDir") or "")))
    tree = TreeRecords(root)
    records = [fixed(b"rootfs", DIRECTORY, 0o755), *tree.records,
               *tree.untouched(), fixed(b"rootfs", DIRECTORY, 0o755)]
    for name in (b"dev", b"run", b"sys", b"var", b"proc", b"tmp"):
        records.append(fixed(b"rootfs/" + name, DIRECTORY, 0o755))
    records.append(fixed(b"cmd", FILE, 0o644, lines(cmd)))
    records.append(fixed(b"env", FILE, 0o644, lines(config.get("Env"))))
    return cpio_bytes(records)


def bootstrap_initrd(init, nsm=None):
    """The bytes of `init` and `nsm.ko` (None: left out) -> first initrd."""
    records = [fixed(b"dev", DIRECTORY, 0o755),
               fixed(b"init", FILE, 0o755, init)]
    if nsm is not None:
        records.append(fixed(b"nsm.ko", FILE, 0o755, nsm))
    return cpio_bytes(records)


def cpio_bytes(records):
    writer = cpio.Writer()
    for record in records:
        writer.add(record)
    return writer.finish()


def decompressed(data):
    """Data, unpacked as its first bytes say."""
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    if data.startswith(b"BZh"):
        return bz2.decompress(data)
    if data.startswith(b"\xfd7zXZ\0"):
        return lzma.decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return subprocess.run(["zstd", "-dc"], input=data, check=True,
                              stdout=subprocess.PIPE).stdout
    return data


def read_docker_save(path):
    """The first image of an archive -> (layers bottom to top, its config)."""
    with tarfile.open(path) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]
        image = json.load(tar.extractfile(manifest["Config"]))
        layers = [decompressed(tar.extractfile(name).read())
                  for name in manifest["Layers"] or ()]
    return layers, image.get("config") or {}


def from_docker_save(path):
    return customer_initrd(*read_docker_save(path))


if __name__ == "__main__":
    with open(sys.argv[2], "wb") as output:
        output.write(from_docker_save(sys.argv[1]))
