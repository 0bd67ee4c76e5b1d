"""Images for the benchmarks: real files of this machine, and many small ones."""

import hashlib
import io
import json
import os
import pathlib
import struct
import subprocess
import tarfile

LAYERS = 5
TREES = ["/usr/lib", "/usr/bin", "/usr/share", "/usr/sbin"]


def real_files(total):
    """Regular files below /usr, in walk order, of about `total` bytes."""
    files, size = [], 0
    for tree in TREES:
        for folder, folders, names in os.walk(tree):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                files.append(path)
                size += os.path.getsize(path)
                if size >= total:
                    return files, size
    return files, size


def split(files, size):
    """The files in LAYERS runs of about equal size."""
    runs, filled = [[]], 0
    for path in files:
        if filled > size * len(runs) / LAYERS and len(runs) < LAYERS:
            runs.append([])
        runs[-1].append(path)
        filled += os.path.getsize(path)
    return runs


def write_layer(path, files):
    """A layer with the files and the directories above them."""
    folders = set()
    for name in files:
        folders.update(str(parent) for parent in pathlib.Path(name).parents)
    names = sorted((folders - {"/"}) | set(files))
    listing = "\0".join(name.lstrip("/") for name in names)
    subprocess.run(["tar", "-C", "/", "--no-recursion", "--format=pax",
                    "-cf", str(path), "--null", "-T", "-"],
                   input=listing.encode(), check=True)


def sha256(path):
    """Hexadecimal digest of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def add_bytes(archive, name, data):
    """One member from memory."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def write_docker_archive(path, layers):
    """A docker-archive of layer files, which are removed."""
    digests = [sha256(layer) for layer in layers]
    config = json.dumps({
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(
            os.uname().machine, "amd64"),
        "os": "linux", "created": "2024-01-01T00:00:00Z",
        "config": {"Cmd": ["/usr/bin/true"], "Env": ["PATH=/usr/bin"]},
        "rootfs": {"type": "layers",
                   "diff_ids": ["sha256:" + digest for digest in digests]},
    }).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    with tarfile.open(path, "w") as archive:
        for layer, digest in zip(layers, digests):
            archive.add(layer, digest + ".tar")
            os.unlink(layer)
        add_bytes(archive, name, config)
        add_bytes(archive, "manifest.json", json.dumps([{
            "Config": name, "RepoTags": ["bench:1"],
            "Layers": [digest + ".tar" for digest in digests]}]).encode())


def make_large(work, megabytes):
    """--docker-uri of the same image plain and gzipped, and its files."""
    files, size = real_files(megabytes * 1_000_000)
    layers = []
    for index, run in enumerate(split(files, size)):
        layers.append(work / f"layer{index}.tar")
        write_layer(layers[-1], run)
    plain, packed = work / "plain.tar", work / "gzip.tar"
    write_docker_archive(plain, layers)
    subprocess.run(["skopeo", "copy", "--quiet", "--insecure-policy",
                    f"docker-archive:{plain}",
                    f"oci-archive:{packed}:bench:1"], check=True)
    return {"plain": f"docker-archive:{plain}",
            "gzip": f"oci-archive:{packed}"}, len(files)


def make_small_files(work, count):
    """--docker-uri of an image of many small files."""
    layer = work / "small-layer.tar"
    with tarfile.open(layer, "w") as archive:
        for folder in range(count // 100):
            info = tarfile.TarInfo(f"data/{folder:04}")
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(info)
            for index in range(100):
                add_bytes(archive, f"data/{folder:04}/file-{index:02}.txt",
                          b"%d\n" % (folder * 100 + index) * 50)
    write_docker_archive(work / "small.tar", [layer])
    return f"docker-archive:{work / 'small.tar'}"


def customer_initrd(eif, output):
    """Writes the last ramdisk section of an EIF to a file of its own."""
    with open(eif, "rb") as file:
        header = file.read(548)
        count = struct.unpack_from(">H", header, 26)[0]
        offset = struct.unpack_from(">32Q", header, 28)[count - 1]
        size = struct.unpack_from(">32Q", header, 284)[count - 1]
        file.seek(offset + 12)
        with open(output, "wb") as out:
            while size:
                block = file.read(min(size, 1 << 20))
                out.write(block)
                size -= len(block)
    return output
