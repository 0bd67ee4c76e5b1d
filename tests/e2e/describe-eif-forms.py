#!/usr/bin/env python3
"""describe-eif reads every version and layout, prints exactly the documented
JSON, and refuses what is malformed."""

import json
import pathlib
import random
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import eif
import ncli
from eif import CMDLINE, KERNEL, METADATA, RAMDISK, SIGNATURE, Section

BUILD = {"BuildTime": "2020-01-01T00:00:00+00:00", "BuildTool": "other",
         "BuildToolVersion": "1.0", "OperatingSystem": "Linux",
         "KernelVersion": "6.1"}
META = {"ImageName": "n\u00e4me \"q\"", "ImageVersion": "1",
        "BuildMetadata": BUILD,
        "DockerInfo": {"z": [1, 2.5, None], "a": {"y": True, "b": {}}},
        "CustomMetadata": {"own": [1, {"k": "v"}], "A": "x"}}
SIGNED = ncli.GOLDEN / "signed-p384.eif"
FUZZED = 300


def plain_sections(*, metadata=None, ramdisks=(b"boot", b"user")):
    found = [Section(KERNEL, b"kernel" * 999), Section(CMDLINE, b"a=b c")]
    if metadata is not None:
        text = json.dumps(metadata, separators=(",", ":"), ensure_ascii=False)
        found.append(Section(METADATA, text.encode()))
    return found + [Section(RAMDISK, data * 700) for data in ramdisks]


def shown_metadata(metadata):
    """ImageName, ImageVersion and Metadata as describe-eif prints them."""
    return {"ImageName": metadata["ImageName"],
            "ImageVersion": metadata["ImageVersion"],
            "Metadata": {**metadata["BuildMetadata"],
                         "DockerInfo": sorted_keys(metadata["DockerInfo"]),
                         **(sorted_keys(metadata["CustomMetadata"]) or {})}}


def sorted_keys(value):
    return json.loads(json.dumps(value, sort_keys=True))


def wanted(image, metadata=None, crc=True):
    """The JSON text of an Eif without a signature."""
    found = {"EifVersion": image.version,
             "Measurements": {"HashAlgorithm": "Sha384 { ... }",
                              **eif.measurements(image)},
             "IsSigned": False, "CheckCRC": crc}
    if metadata:
        found.update(shown_metadata(metadata))
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


class Describe(ncli.NcliTest):
    def describe(self, data, *arguments, **options):
        path = self.folder / "x.eif"
        if data is not None:
            path.write_bytes(data)
        return self.run_ncli("describe-eif", "--eif-path", path, *arguments,
                             **options)

    def check(self, data, metadata=None, crc=True, image=None):
        result = self.describe(data)
        self.assertEqual(result.status, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.stdout.decode(),
                         wanted(image or eif.read(data), metadata, crc))

    def refuse(self, data, *words, arguments=()):
        self.assert_error(self.describe(data, *arguments), "E35", *words)

    def malformed(self, data):
        """Refused, or described with a warning; --strict always refuses."""
        result = self.describe(data)
        if result.status == 0:
            self.assertIn("Warning: ", result.stderr)
            json.loads(result.stdout)
        else:
            self.assert_error(result, "E35")
        strict = self.describe(data, "--strict")
        self.assertEqual(strict.status, 35, strict.stderr)
        self.assertIn("[ E35 ] ", strict.stderr)

    def test_versions(self):
        for version in (2, 3, 4):
            metadata = META if version == 4 else None
            data = eif.write(plain_sections(metadata=metadata), version)
            with self.subTest(version=version):
                self.check(data, metadata)
                self.assertEqual(self.describe(data, "--strict").status, 0)

    def test_version_1_has_no_crc_to_be_wrong(self):
        result = self.describe(eif.write(plain_sections(), 1), "--strict")
        self.assertEqual(result.status, 0, result.stderr)
        self.assertEqual(json.loads(result.stdout)["EifVersion"], 1)

    def test_ramdisks(self):
        for count in (1, 2, 3, 28):
            with self.subTest(count=count):
                disks = [b"disk%d" % index for index in range(count)]
                self.check(eif.write(plain_sections(ramdisks=disks)))

    def test_arm64_flag_and_metadata_last_or_short(self):
        sections = plain_sections(metadata=META)
        sections.append(sections.pop(2))
        self.check(eif.write(sections, flags=eif.ARM64), META)
        metadata = {**META, "CustomMetadata": None, "DockerInfo": None}
        self.check(eif.write(plain_sections(metadata=metadata)), metadata)

    def test_gaps_between_sections(self):
        """The offset table decides; the CRC covers the gaps."""
        sections = plain_sections(metadata=META)
        whole = eif.Eif(4, 0, [Section(item.kind, item.data)
                               for item in sections])
        for index, section in enumerate(sections):
            section.gap = bytes([index]) * (7 * index + 4 * (index == 0))
        self.check(eif.write(sections), META, image=whole)

    def test_wrong_crc(self):
        for version in (2, 4):
            data = eif.write(plain_sections(), version, crc=0x12345678)
            self.check(data, crc=False)
            strict = self.describe(data, "--strict")
            self.assertEqual(strict.status, 35)
            self.assertIn("CRC", strict.stderr)
        good = eif.write(plain_sections())
        for at in (8, 700, len(good) - 1):
            bad = bytearray(good)
            bad[at] ^= 0x10
            found = json.loads(self.describe(bytes(bad)).stdout)
            self.assertIs(found["CheckCRC"], False, at)
        self.assertEqual(self.describe(good, "--strict").status, 0)

    def test_verbose(self):
        data = eif.write(plain_sections(metadata=META))
        result = self.describe(data, "--verbose")
        self.assertEqual(result.stdout.decode(), wanted(eif.read(data), META))
        for section in eif.read(data).sections:
            self.assertRegex(result.stderr, rf"\b{len(section.data)}\b")
        self.assertIn("ramdisk", result.stderr)

    def test_expected_pcrs(self):
        data, plan = eif.write(plain_sections()), self.folder / "pcrs.json"
        right = eif.measurements(eif.read(data))
        wrong = {**right, "PCR1": "0" * 96}
        for wrap in (dict, lambda pcrs: {"Measurements": pcrs}):
            plan.write_text(json.dumps(wrap(right)))
            result = self.describe(data, "--expect-pcrs", plan)
            self.assertEqual(result.status, 0, result.stderr)
            self.assertEqual(result.stdout.decode(), wanted(eif.read(data)))
            plan.write_text(json.dumps(wrap(wrong)))
            result = self.describe(data, "--expect-pcrs", plan)
            self.assertEqual(result.status, 35)
            self.assertIn("PCR1", result.stderr)
            self.assertNotRegex(result.stderr, "PCR[02]")

    def test_expected_pcrs_in_other_ways(self):
        data, plan = eif.write(plain_sections()), self.folder / "pcrs.json"
        right = eif.measurements(eif.read(data))
        for text, status in (
                (json.dumps({"PCR0": right["PCR0"]}), 0),
                (json.dumps({"PCR0": right["PCR0"].upper()}), 0),
                (json.dumps({**right, "PCR8": "0" * 96}), 35),
                (json.dumps({"PCR0": right["PCR0"][:95]}), 35),
                (json.dumps({"PCR2": None}), None), ("{}", None), ("[]", None),
                ("no json", None), (json.dumps({"PCR0": 5}), None),
                (json.dumps({**right, "PCR8": "not there"}), 35),
                (json.dumps({**right, "PCR0": None}), 17),
                (json.dumps({**right, "PCR0": 5}), 17),
                (json.dumps({"PCR2": right["PCR2"], "pcr0": "00"}), 17),
                (json.dumps({"PCR0": "00", "Measurements": right}), 17),
                ('{"PCR0": "00", "PCR0": "%s"}' % right["PCR0"], 17)):
            plan.write_text(text)
            with self.subTest(text=text[:40]):
                result = self.describe(data, "--expect-pcrs", plan)
                if status is None:
                    self.assertNotEqual(result.status, 0)
                else:
                    self.assertEqual(result.status, status, result.stderr)
        result = self.describe(data, "--expect-pcrs", self.folder / "missing")
        self.assertNotEqual(result.status, 0)

    def test_signed_golden(self):
        result = self.describe(SIGNED.read_bytes())
        self.assertEqual(result.status, 0, result.stderr)
        found = json.loads(result.stdout)
        expected = json.loads(SIGNED.with_suffix(".json").read_text())
        self.assertEqual(found["Measurements"], expected["Measurements"])
        self.assertEqual((found["IsSigned"], found["CheckCRC"]), (True, True))
        for key in found.keys() & expected.keys():
            self.assertEqual(found[key], expected[key], key)
        order = ["EifVersion", "Measurements", "IsSigned", "SigningCertificate",
                 "CheckCRC", "SignatureCheck", "ImageName", "ImageVersion",
                 "Metadata"]
        self.assertEqual(list(found), [key for key in order if key in found])
        self.assertEqual(list(found["Measurements"]),
                         ["HashAlgorithm", "PCR0", "PCR1", "PCR2", "PCR8"])
        self.assertEqual(self.describe(None, "--strict").status, 0)

    def test_truncated(self):
        data = eif.write(plain_sections(metadata=META))
        ends = [item.offset for item in eif.read(data).sections]
        for cut in (0, 1, 4, 100, 547, 549, 559, 560, 700, ends[1] + 1,
                    ends[2] + 12, len(data) - 1):
            with self.subTest(cut=cut):
                self.refuse(data[:cut])
        for cut in ends:
            with self.subTest(cut=cut):
                self.malformed(data[:cut])

    def test_files_that_cannot_be_read(self):
        for path in (self.folder, "/nonexistent", "/dev/null", "/dev/zero"):
            with self.subTest(path=path):
                result = self.run_ncli("describe-eif", "--eif-path", path,
                                       timeout=20)
                self.assert_error(result, "E35", str(path))

    def test_sections_that_the_table_does_not_list(self):
        """They are not measured, and that is a flaw: nitro-cli would."""
        sections = plain_sections()
        extra = Section(RAMDISK, b"unlisted")
        full = sections + [Section(RAMDISK, b"more")] * (32 - len(sections))
        gap = [Section(item.kind, item.data) for item in sections]
        gap[-1].gap = struct.pack(">HHQ", RAMDISK, 0, 8) + b"unlisted!"
        listed = eif.read(eif.write(full)).sections
        table = {"count": 32, "offsets": [item.offset for item in listed],
                 "sizes": [len(item.data) for item in listed]}
        self.malformed(eif.write(full + [extra], **table))
        self.malformed(eif.write(gap))

    def test_an_empty_expectation_is_no_missing_one(self):
        data = eif.write(plain_sections())
        for words in (("--expect-pcrs", ""), ("--expect-pcrs=",)):
            self.assertEqual(self.describe(data, *words).status, 19)

    def test_bytes_after_the_last_section(self):
        data = eif.write(plain_sections()) + b"tail"
        self.assertIs(json.loads(self.describe(data).stdout)["CheckCRC"], False)
        self.assertEqual(self.describe(data, "--strict").status, 35)

    def test_malformed_headers(self):
        sections, top = plain_sections(), (1 << 64) - 1
        good = eif.read(eif.write(sections))
        offsets = [item.offset for item in good.sections]
        sizes = [len(item.data) for item in sections]
        lies = [{"magic": b"ELF\x7f"}, {"count": 33}, {"count": 65535},
                {"count": 0}, {"count": 5}, {"offsets": [0] * 4},
                {"offsets": [top] * 4}, {"offsets": [548] * 4},
                {"offsets": offsets[:3] + [1 << 63]},
                {"offsets": offsets[:3] + [offsets[3] + 1]},
                {"sizes": [top] * 4}, {"sizes": sizes[:3] + [sizes[3] + 1]},
                {"sizes": sizes[:3] + [top - 560]},
                {"offsets": offsets[:2] + offsets[:1:-1],
                 "sizes": sizes[:2] + sizes[:1:-1]}]
        for lie in lies:
            with self.subTest(**lie):
                self.malformed(eif.write(sections, **lie))
        for version in (0, 5, 65535):
            with self.subTest(version=version):
                self.malformed(eif.write(sections, version))

    def test_malformed_sections(self):
        top = (1 << 64) - 1
        for index, changes in ((0, {"stated_size": top}), (3, {"kind": 0}),
                               (3, {"kind": 6}), (1, {"kind": 65535}),
                               (2, {"stated_size": top - 12})):
            sections = plain_sections()
            for key, value in changes.items():
                setattr(sections[index], key, value)
            with self.subTest(index=index, **changes):
                self.malformed(eif.write(sections))

    def test_signatures_and_metadata_of_nonsense(self):
        deep = b"\x81" * 100000
        for data in (b"", b"\xff", b"\x81", deep, b"\x9b" + b"\xff" * 8,
                     b"\x81\xa2" + b"\x7b" + b"\xff" * 8, b"text"):
            with self.subTest(signature=data[:9]):
                self.malformed(eif.write(
                    plain_sections() + [Section(SIGNATURE, data)]))
        for text in (b"", b"{", b"[" * 100000, b"[]", b"{}", b"\xff\xfe",
                     b'{"ImageName": 5}', b'{"a":' * 50000):
            with self.subTest(metadata=text[:20]):
                sections = plain_sections() + [Section(METADATA, text)]
                result = self.describe(eif.write(sections))
                self.assertIn(result.status, (0, 35), result.stderr)

    def test_random_damage(self):
        """Any status but a crash, and never a success with other JSON."""
        source, good = random.Random(5), SIGNED.read_bytes()
        for number in range(FUZZED):
            bad = bytearray(good)
            for _ in range(source.randint(1, 4)):
                at = source.choice((source.randrange(560),
                                    source.randrange(len(good) - 2200,
                                                     len(good))))
                bad[at] = source.choice((0, 1, 0x7f, 0x80, 0xff,
                                         source.randrange(256)))
            with self.subTest(round=number):
                result = self.describe(bytes(bad), timeout=20)
                self.assertIn(result.status, (0, 35))
                if result.status == 0:
                    json.loads(result.stdout)

    @unittest.skipIf(ncli.sanitized(), "a sanitizer takes memory of its own")
    def test_memory_is_bounded(self):
        path = self.folder / "x.eif"
        size = 1 << 30
        header = eif.write([Section(KERNEL, b"k"), Section(CMDLINE, b"c"),
                            Section(RAMDISK, b"", stated_size=size)], crc=0)
        with open(path, "wb") as sink:
            sink.write(header)
            sink.truncate(len(header) + size)
        result = self.describe(None)
        self.assertEqual(result.status, 0, result.stderr)
        self.assertLess(result.peak, 64 << 10)


if __name__ == "__main__":
    unittest.main()
