"""New-ASCII cpio archives as FORMATS.md section 1 has them: written for the
model, parsed for the tests."""

import dataclasses

DIRECTORY, FILE, SYMLINK, CHAR, BLOCK, FIFO = 4, 8, 10, 2, 6, 1
FIRST_INO = 721
TRAILER = b"TRAILER!!!"


@dataclasses.dataclass
class Record:
    name: bytes
    kind: int
    mode: int
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    data: bytes = b""
    device: tuple = (0, 0)


class Writer:
    """Collects records; finish() gives the archive's bytes."""

    def __init__(self):
        self.parts = []
        self.length = 0
        self.ino = FIRST_INO

    def put(self, data):
        self.parts.append(data)
        self.length += len(data)

    def pad(self, unit):
        self.put(bytes(-self.length % unit))

    def header(self, name, mode, owner, nlink, mtime, size, device):
        fields = (self.ino, mode, *owner, nlink, mtime, size, 3, 1, *device,
                  len(name) + 1, 0)
        for value in fields:
            if not 0 <= value < 1 << 32:
                raise ValueError(f"{name!r}: {value} does not fit a cpio field")
        self.pad(4)
        self.put(b"070701" + b"".join(b"%08x" % value for value in fields))
        self.put(name + b"\0")
        self.pad(4)
        self.ino += 1

    def add(self, record):
        mode = record.mode & 0xfff | record.kind << 12
        nlink = 2 if record.kind == DIRECTORY else 1
        self.header(record.name, mode, (record.uid, record.gid), nlink,
                    record.mtime, len(record.data), record.device)
        self.put(record.data)

    def finish(self):
        self.header(TRAILER, 0, (0, 0), 1, 0, 0, (0, 0))
        self.pad(512)
        return b"".join(self.parts)


def parse(data):
    """An archive's bytes -> its records; ValueError when a byte is not as
    FORMATS.md section 1 says."""
    records, offset = [], 0
    while True:
        head = data[offset:offset + 110]
        if len(head) < 110 or head[:6] != b"070701":
            raise ValueError(f"no cpio header at offset {offset}")
        fields = [int(head[at:at + 8], 16) for at in range(6, 110, 8)]
        if b"".join(b"%08x" % value for value in fields) != head[6:]:
            raise ValueError(f"odd digits at offset {offset}")
        ino, mode, uid, gid, nlink, mtime, size = fields[:7]
        if ino != FIRST_INO + len(records) or fields[7:9] != [3, 1]:
            raise ValueError(f"wrong inode or device at offset {offset}")
        end = offset + 110 + fields[11]
        name = data[offset + 110:end - 1]
        start = end + -end % 4
        if any(data[end - 1:start]):
            raise ValueError(f"name not followed by zeroes at offset {offset}")
        if name == TRAILER:
            break
        records.append(Record(name, mode >> 12, mode & 0xfff, uid, gid, mtime,
                              data[start:start + size], tuple(fields[9:11])))
        offset = start + size
        offset += -offset % 4
    if len(data) != end + -end % 512 or any(data[end:]):
        raise ValueError("the trailer is not padded to 512 and the end")
    return records
