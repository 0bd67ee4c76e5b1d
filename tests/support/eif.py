#!/usr/bin/env python3
"""Enclave image files, read and written apart from ncli: header, sections, CRC
and PCRs."""

import base64
import dataclasses
import hashlib
import re
import struct
import sys
import zlib

HEADER = struct.Struct(">4sHHQQHH32Q32QII")
SECTION = struct.Struct(">HHQ")
MAGIC = b".eif"
KERNEL, CMDLINE, RAMDISK, SIGNATURE, METADATA = range(1, 6)
CRC_AT = 544                   # the header up to here is under the CRC
TABLE = 32                     # entries in each of the header's two tables
DEFAULT_MEM, DEFAULT_CPUS = 1 << 30, 2
ARM64 = 1                      # header flag


@dataclasses.dataclass
class Section:
    kind: int
    data: bytes
    flags: int = 0
    offset: int = None         # of the section's header
    gap: bytes = b""           # bytes between the previous section and this
    stated_size: int = None    # when the header is to lie


@dataclasses.dataclass
class Eif:
    version: int
    flags: int
    sections: list
    crc: int = 0
    good_crc: bool = True
    mem: int = DEFAULT_MEM
    cpus: int = DEFAULT_CPUS

    def of(self, kind):
        return [section.data for section in self.sections
                if section.kind == kind]


def checksum(data):
    """The CRC over all but the CRC field itself."""
    return zlib.crc32(data[HEADER.size:], zlib.crc32(data[:CRC_AT]))


def read(data):
    """An EIF's bytes -> Eif; ValueError when its layout is not the one that
    FORMATS.md section 6 gives to a file without gaps."""
    fields = HEADER.unpack_from(data)
    magic, version, flags, mem, cpus, reserved, count = fields[:7]
    offsets, sizes = fields[7:7 + TABLE], fields[7 + TABLE:7 + 2 * TABLE]
    unused, crc = fields[-2:]
    if magic != MAGIC or reserved or unused:
        raise ValueError("bad magic, or reserved fields that are not zero")
    sections, at = [], HEADER.size
    for index in range(count):
        kind, section_flags, size = SECTION.unpack_from(data, at)
        body = data[at + SECTION.size:at + SECTION.size + size]
        if (offsets[index], sizes[index]) != (at, size) or len(body) != size:
            raise ValueError(f"section {index} is not where the table says")
        sections.append(Section(kind, body, section_flags, at))
        at += SECTION.size + size
    if at != len(data) or any(offsets[count:]) or any(sizes[count:]):
        raise ValueError("bytes after the last section, or a table too long")
    return Eif(version, flags, sections, crc, crc == checksum(data), mem, cpus)


def read_file(path):
    with open(path, "rb") as source:
        return read(source.read())


def write(sections, version=4, flags=0, crc=None, **lies):
    """Sections -> an EIF's bytes. `crc` overrides the right one; `lies` sets
    header fields: magic, count, offsets, sizes, reserved, unused."""
    body, offsets, sizes = b"", [], []
    for section in sections:
        body += section.gap
        offsets.append(HEADER.size + len(body))
        size = (len(section.data) if section.stated_size is None
                else section.stated_size)
        sizes.append(size)
        body += SECTION.pack(section.kind, section.flags, size) + section.data
    offsets, sizes = lies.get("offsets", offsets), lies.get("sizes", sizes)
    fields = [lies.get("magic", MAGIC), version, flags, DEFAULT_MEM,
              DEFAULT_CPUS, lies.get("reserved", 0),
              lies.get("count", len(sections)),
              *offsets, *[0] * (TABLE - len(offsets)),
              *sizes, *[0] * (TABLE - len(sizes)), lies.get("unused", 0)]
    whole = HEADER.pack(*fields, 0) + body
    if crc is None:
        crc = checksum(whole) if version >= 2 else 0
    return HEADER.pack(*fields, crc) + body


def pcr(*parts):
    """SHA384(48 zero bytes || SHA384(parts)) in hex."""
    inner = hashlib.sha384(b"".join(parts)).digest()
    return hashlib.sha384(bytes(48) + inner).hexdigest()


def certificate_der(pem):
    """The first certificate of a PEM text, as DER."""
    body = re.search(b"-----BEGIN CERTIFICATE-----(.*?)-----END", pem, re.S)
    return base64.b64decode(body.group(1))


def byte_arrays(cbor):
    """The byte vectors of a signature section: CBOR arrays of small integers
    (FORMATS.md section 6), in order of appearance."""
    found, at = [], 0
    while at < len(cbor):
        first = cbor[at]
        if first >> 5 == 4 and first & 31 in (24, 25):
            width = 1 << (first & 31) - 24
            count = int.from_bytes(cbor[at + 1:at + 1 + width], "big")
            at, values = at + 1 + width, bytearray()
            for _ in range(count):
                wide = cbor[at] == 24
                values.append(cbor[at + wide])
                at += 1 + wide
            found.append(bytes(values))
        else:
            text = first >> 5 == 3
            at += 1 + text * ((first & 31) if first & 31 < 24 else 0)
            if text and first & 31 == 24:
                at += 1 + cbor[at]
    return found


def measurements(image):
    """An Eif -> {"PCR0": hex, ...}, PCR8 when it is signed."""
    boot = image.of(KERNEL) + image.of(CMDLINE)
    ramdisks = image.of(RAMDISK)
    found = {"PCR0": pcr(*boot, *ramdisks), "PCR1": pcr(*boot, *ramdisks[:1]),
             "PCR2": pcr(*ramdisks[1:])}
    for signature in image.of(SIGNATURE):
        certificate = byte_arrays(signature)[0]
        found["PCR8"] = pcr(certificate_der(certificate))
    return found


if __name__ == "__main__":
    for register, value in measurements(read_file(sys.argv[1])).items():
        print(register, value)
