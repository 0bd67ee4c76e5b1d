"""Model of FORMATS.md 4.6 and 4.7: layer tars, bottom to top, become one
merged tree of nodes."""

import decimal
import io
import math
import tarfile

from cpio import BLOCK, CHAR, DIRECTORY, FIFO, FILE, SYMLINK

FIXED_MTIME = 1492533000       # for directories that no layer describes
WHITEOUT = -1
OPAQUE_MARK = b".wh..wh..opq"
WHITEOUT_MARK = b".wh."
KINDS = {tarfile.REGTYPE: FILE, tarfile.AREGTYPE: FILE, tarfile.CONTTYPE: FILE,
         tarfile.GNUTYPE_SPARSE: FILE, tarfile.SYMTYPE: SYMLINK,
         tarfile.CHRTYPE: CHAR, tarfile.BLKTYPE: BLOCK, tarfile.FIFOTYPE: FIFO}


class Node:
    """One inode; two names that are hard links share the object."""

    def __init__(self, kind, mode=0o755, uid=0, gid=0, mtime=FIXED_MTIME,
                 data=b"", device=(0, 0)):
        self.kind, self.mode, self.uid, self.gid = kind, mode, uid, gid
        self.mtime, self.data, self.device = mtime, data, device
        self.children = {}      # directories: name -> Node
        self.opaque = False
        self.stated = False     # directories: a tar member describes it


def components(path):
    """A member's name as path components, clamped at the root."""
    kept = []
    for part in path.split(b"/"):
        if part == b"..":
            del kept[-1:]
        elif part not in (b"", b"."):
            kept.append(part)
    return kept


def name_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def whole_seconds(member):
    """The member's mtime: floor of the exact PAX text, never below zero."""
    exact = decimal.Decimal(member.pax_headers.get("mtime", member.mtime))
    return max(0, math.floor(exact))


class Layer:
    """One layer, unpacked alone; `below` finds the target of a hard link
    that the layer itself does not hold."""

    def __init__(self, tar_bytes, below=lambda path: None):
        self.root = Node(DIRECTORY)
        self.below = below
        with tarfile.open(fileobj=io.BytesIO(tar_bytes), mode="r:",
                          encoding="utf-8", errors="surrogateescape") as tar:
            for member in tar:
                self.put(tar, member)

    def directory(self, path, make=True, budget=40):
        """The directory at `path` in this layer; its symlinks are followed,
        what is missing is made, or gives None."""
        node, walked = self.root, []
        for index, part in enumerate(path):
            child = node.children.get(part)
            if child is None or child.kind == WHITEOUT:
                if not make:
                    return None
                child = node.children[part] = Node(DIRECTORY)
            if child.kind == SYMLINK and budget:
                start = [] if child.data.startswith(b"/") else walked
                target = components(b"/".join([*start, child.data]))
                return self.directory(target + path[index + 1:], make,
                                      budget - 1)
            if child.kind != DIRECTORY:
                raise ValueError(f"{part!r} is not a directory")
            node = child
            walked.append(part)
        return node

    def put(self, tar, member):
        path = components(name_bytes(member.name))
        if not path:
            return
        parent, base = self.directory(path[:-1]), path[-1]
        if base == OPAQUE_MARK:
            parent.opaque = True
        elif base.startswith(WHITEOUT_MARK):
            parent.children[base[len(WHITEOUT_MARK):]] = Node(WHITEOUT)
        elif member.islnk():
            self.put_hard_link(member, parent, base)
        else:
            self.put_node(tar, member, parent, base)

    def put_hard_link(self, member, parent, base):
        target = components(name_bytes(member.linkname))
        holder = self.directory(target[:-1], make=False)
        node = holder.children.get(target[-1]) if holder else None
        if node is None:
            node = self.below(target)
        if node is None or node.kind == DIRECTORY:
            raise ValueError(f"no hard link target {target!r}")
        describe(node, member)
        parent.children[base] = node

    @staticmethod
    def put_node(tar, member, parent, base):
        if member.isdir():
            node = parent.children.get(base)
            if node is None or node.kind != DIRECTORY:
                node = Node(DIRECTORY)
            node.stated = True
        else:
            node = Node(KINDS[member.type])
            if node.kind == FILE:
                node.data = tar.extractfile(member).read()
            elif node.kind == SYMLINK:
                node.data = name_bytes(member.linkname)
            elif node.kind in (CHAR, BLOCK):
                node.device = (member.devmajor, member.devminor)
        describe(node, member)
        if node.kind == CHAR and node.device == (0, 0):
            node = Node(WHITEOUT)
        parent.children[base] = node


def describe(node, member):
    """A header's attributes, for any of the inode's names."""
    node.uid, node.gid = member.uid, member.gid
    first = node.kind == SYMLINK and not member.islnk()
    if node.kind != SYMLINK or first:
        node.mtime = whole_seconds(member)
    node.mode = 0o777 if node.kind == SYMLINK else member.mode & 0o7777


def merge(stack):
    """Directories of one path, topmost first -> one directory."""
    stated = [node for node in stack if node.stated] or stack
    top = stated[0]
    merged = Node(DIRECTORY, top.mode, top.uid, top.gid, top.mtime)
    merged.stated = True
    visible = []
    for node in stack:
        visible.append(node)
        if node.opaque:
            break
    for name in {name for node in visible for name in node.children}:
        child = merge_name([node.children[name] for node in visible
                            if name in node.children])
        if child is not None:
            merged.children[name] = child
    return merged


def merge_name(candidates):
    """What one name shows: the topmost node, or directories merged."""
    if candidates[0].kind == WHITEOUT:
        return None
    if candidates[0].kind != DIRECTORY:
        return candidates[0]
    directories = []
    for node in candidates:
        if node.kind != DIRECTORY:
            break
        directories.append(node)
    return merge(directories)


def lookup(root, path):
    """The node at `path` without following symlinks, or None."""
    for part in path:
        if root is None or root.kind != DIRECTORY:
            return None
        root = root.children.get(part)
    return root


def merged_tree(layers):
    """Layer tars (bytes, uncompressed), bottom to top -> the merged root."""
    root = Node(DIRECTORY)
    for tar_bytes in layers:
        below = root
        layer = Layer(tar_bytes, lambda path, tree=below: lookup(tree, path))
        root = merge([layer.root, below])
    return root
