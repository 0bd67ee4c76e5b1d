"""Tar members written byte by byte, in any dialect, so that a test decides
every header field itself."""

import dataclasses

BLOCK = 512
FILE, HARD_LINK, SYMLINK, CHAR, BLOCK_DEVICE, DIRECTORY, FIFO = (
    b"0", b"1", b"2", b"3", b"4", b"5", b"6")
END = b"\0" * (2 * BLOCK)
MTIME = 1600000000


@dataclasses.dataclass
class Entry:
    """One member; `dialect` is pax, gnu or ustar, `records` are extra PAX
    records (key text -> value bytes) written before the member."""
    name: bytes
    kind: bytes = FILE
    data: bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: object = MTIME          # int, or text such as "1.5" (PAX only)
    link: bytes = b""
    device: tuple = (0, 0)
    dialect: str = "pax"
    records: dict = dataclasses.field(default_factory=dict)
    size: int = None               # stated size, when it is to be a lie


def raw(text):
    """Text or bytes -> bytes; lone surrogates become the bytes they carry."""
    if isinstance(text, bytes):
        return text
    return text.encode("utf-8", "surrogateescape")


def entry(name, kind, **fields):
    if "link" in fields:
        fields["link"] = raw(fields["link"])
    return Entry(raw(name), kind, **fields)


def directory(name, **fields):
    return entry(name, DIRECTORY, **{"mode": 0o755, **fields})


def file(name, data=b"x", **fields):
    return entry(name, FILE, data=raw(data), **fields)


def symlink(name, target, **fields):
    return entry(name, SYMLINK, **{"mode": 0o777, "link": target, **fields})


def hard_link(name, target, **fields):
    return entry(name, HARD_LINK, link=target, **fields)


def char_device(name, major, minor, **fields):
    return entry(name, CHAR, device=(major, minor), **fields)


def block_device(name, major, minor, **fields):
    return entry(name, BLOCK_DEVICE, device=(major, minor), **fields)


def fifo(name, **fields):
    return entry(name, FIFO, **fields)


def whiteout(name, **fields):
    """The marker that hides `name` (a path) from the layers below."""
    head, slash, tail = raw(name).rpartition(b"/")
    return file(head + slash + b".wh." + tail, b"", mode=0, **fields)


def opaque(name, **fields):
    """The marker that hides all lower content of the directory `name`."""
    path = raw(name).rstrip(b"/") + b"/.wh..wh..opq"
    return file(path, b"", mode=0, **fields)


def number(value, width, dialect):
    """A numeric field: octal text, or GNU's base 256 when it does not fit."""
    if 0 <= value < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, value)
    if dialect != "gnu":
        raise ValueError(f"{value} does not fit {width} octal digits")
    wrapped = value % 256 ** width | 0x80 << 8 * (width - 1)
    return wrapped.to_bytes(width, "big")


def split_ustar(name):
    """A name as ustar's (prefix, name), or None when it does not fit."""
    if len(name) <= 100:
        return b"", name
    for cut in range(len(name) - 101, 156):
        if 0 < cut < len(name) - 1 and name[cut:cut + 1] == b"/":
            return name[:cut], name[cut + 1:]
    return None


def header(member, name, link, size, mtime, prefix=b""):
    fits = member.dialect
    gnu = fits == "gnu"
    fields = [
        name.ljust(100, b"\0"), number(member.mode, 8, fits),
        number(member.uid, 8, fits), number(member.gid, 8, fits),
        number(size, 12, fits), number(mtime, 12, fits), b" " * 8, member.kind,
        link.ljust(100, b"\0"), b"ustar  \0" if gnu else b"ustar\x0000",
        bytes(64), number(member.device[0], 8, fits),
        number(member.device[1], 8, fits), prefix.ljust(155, b"\0"), bytes(12)]
    block = b"".join(fields)
    if len(block) != BLOCK:
        raise ValueError("a field is too long for its place")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def pax_records(records):
    """PAX text: each record is `length key=value newline`, length included."""
    out = b""
    for key, value in records.items():
        body = b" " + raw(key) + b"=" + raw(value) + b"\n"
        length = len(body)
        while length != len(body) + len(str(length)):
            length = len(body) + len(str(length))
        out += b"%d" % length + body
    return out


def pax_header(records, kind=b"x"):
    """A PAX extended header member (`kind` g: for all that follow)."""
    body = pax_records(records)
    shell = Entry(b"PaxHeaders/x", kind, dialect="ustar")
    return header(shell, shell.name, b"", len(body), 0) + padded(body)


def gnu_long(kind, name):
    """GNU's member that carries a long name (L) or link target (K)."""
    shell = Entry(b"././@LongLink", kind, dialect="gnu")
    body = name + b"\0"
    return header(shell, shell.name, b"", len(body), 0) + padded(body)


def encode_ustar(member, size):
    split = split_ustar(member.name)
    if split is None or len(member.link) > 100:
        raise ValueError("the name does not fit ustar")
    return header(member, split[1], member.link, size, member.mtime, split[0])


def encode_gnu(member, size):
    out = b""
    if len(member.link) > 100:
        out += gnu_long(b"K", member.link)
    if len(member.name) > 100:
        out += gnu_long(b"L", member.name)
    return out + header(member, member.name[:100], member.link[:100], size,
                        member.mtime)


def encode_pax(member, size):
    records, plain = dict(member.records), dataclasses.replace(member)
    short = {"path": member.name, "linkpath": member.link}
    for key, value in short.items():
        if key not in records and (len(value) > 100 or not value.isascii()):
            records[key] = value
        short[key] = bytes(b if b < 128 else 63 for b in value[:100])
    for key, width in (("uid", 8), ("gid", 8)):
        if not 0 <= getattr(member, key) < 8 ** (width - 1):
            records.setdefault(key, str(getattr(member, key)))
            setattr(plain, key, 0)
    mtime = member.mtime
    if not isinstance(mtime, int) or not 0 <= mtime < 8 ** 11:
        records.setdefault("mtime", str(mtime))
        mtime = 0
    if size >= 8 ** 11:
        records.setdefault("size", str(size))
        size = 0
    block = header(plain, short["path"], short["linkpath"], size, mtime)
    return (pax_header(records) if records else b"") + block


ENCODERS = {"ustar": encode_ustar, "gnu": encode_gnu, "pax": encode_pax}


def encode(member):
    """An Entry -> its bytes; bytes pass through as they are."""
    if isinstance(member, bytes):
        return member
    size = len(member.data) if member.size is None else member.size
    return ENCODERS[member.dialect](member, size) + padded(member.data)


def archive(members, end=END):
    """Members (Entry or bytes) -> the bytes of a tar archive."""
    return b"".join(encode(member) for member in members) + end
