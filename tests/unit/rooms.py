#!/usr/bin/env python3
"""Checks that no room includes a header of a room it may not know."""
import pathlib
import re
import sys

# Who may include whom (DESIGN.md, "Rooms"): each room, and what it may see.
ARROWS = {
    "base": set(),
    "measure": {"base"},
    "eif-builder/rootfs": {"base"},
    "eif-builder/image": {"base", "measure", "eif-builder/rootfs"},
    "eif-builder/initramfs": {"base", "eif-builder/rootfs"},
    "eif-builder/eif": {"base", "measure"},
    "eif-builder/sign": {"base", "measure", "eif-builder/eif"},
    "eif-builder/init": set(),
    "eif-builder": {"base", "measure", "eif-builder/rootfs",
                    "eif-builder/image", "eif-builder/initramfs",
                    "eif-builder/eif", "eif-builder/sign"},
    "cli": {"base", "measure", "eif-builder", "eif-builder/eif",
            "eif-builder/image", "eif-builder/sign"},
}

# Libraries that only some rooms may name, and never in a header that another
# room includes.
LIBRARIES = {
    r"archive(_entry)?\.h": {"eif-builder/image"},
    r"isa-l/igzip_lib\.h": {"eif-builder/image"},
    r"lzma\.h": {"eif-builder/image"},
    r"isa-l/crc\.h": {"measure"},
    r"openssl/.*": {"measure", "eif-builder/sign"},
    r"cbor\.h": {"eif-builder/sign"},
    r"CLI/.*": {"cli"},
}
PRIVATE_HEADERS = {"eif-builder/image/libarchive.h"}

# What only cli/ may do.
CLI_ONLY = re.compile(r"\b(getenv|std::cout|std::exit|exit)\b\s*[(<]")

# Processes are made in one place a room.
FORKS = re.compile(r"\b(v?fork|posix_spawnp?|exec[lv]p?e?|_exit)\b\s*\(")
FORK_PLACES = {"base/temporary-name.cc"}


def room_of(path):
    """The innermost room that a path relative to the root lies in."""
    for room in sorted(ARROWS, key=len, reverse=True):
        if path.startswith(room + "/"):
            return room
    return None


def problems_of(root, path):
    """Yields what is wrong with one file."""
    name = path.relative_to(root).as_posix()
    room = room_of(name)
    text = path.read_text()
    for local in re.findall(r'#include "([^"]+)"', text):
        target = room_of(local)
        generated = local == "cli/version.h" and room == "cli"
        if not generated and not (root / local).exists():
            yield f"{name}: {local} does not start at the root"
        elif target != room and target not in ARROWS[room]:
            yield f"{name}: {room} may not know {target} ({local})"
        if local in PRIVATE_HEADERS and target != room:
            yield f"{name}: {local} is private to its room"
    for library in re.findall(r"#include <([^>]+)>", text):
        for pattern, rooms in LIBRARIES.items():
            if not re.fullmatch(pattern, library):
                continue
            if room not in rooms:
                yield f"{name}: {room} may not use <{library}>"
            elif name.endswith(".h") and name not in PRIVATE_HEADERS:
                yield f"{name}: <{library}> in a header"
    if room not in ("cli", "eif-builder/init") and CLI_ONLY.search(text):
        yield f"{name}: environment, stdout and exit belong to cli"
    if room != "eif-builder/init" and name not in FORK_PLACES and FORKS.search(
            text):
        yield f"{name}: this room makes its processes elsewhere"


def main():
    """Prints the problems; their number decides the exit status."""
    root = pathlib.Path(sys.argv[1])
    files = [path for room in ("base", "measure", "eif-builder", "cli")
             for path in sorted((root / room).rglob("*"))
             if path.suffix in (".cc", ".h")]
    problems = [line for path in files for line in problems_of(root, path)]
    print("\n".join(problems) or f"{len(files)} files keep to their arrows")
    return 1 if problems or len(files) < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
