#!/usr/bin/env python3
"""Layers in every tar dialect: names, numbers, times and sparse members that
PAX, GNU and ustar write differently."""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cpio
import eif
import images
import ncli
import tar_entries
import tools
from tar_entries import (block_device, char_device, directory, fifo, file,
                         hard_link, symlink)

NAMES = (
    "nfd-u\u0308ber-\u6f22\u5b57".encode(), b"latin1-\xfcber",
    b"bad-\xff\xfe\x80",
    b"new\nline", b"tab\tquote\"back\\slash", b" leading and trailing ",
    b"-dash", b"percent%s%n", b"eq=ual 12 path=x", b"n" * 100, b"m" * 101,
    b"l" * 255)
SPARSE = (("gnu", ()), ("posix", ("--sparse-version=0.0",)),
          ("posix", ("--sparse-version=0.1",)),
          ("posix", ("--sparse-version=1.0",)))


def write_holes(folder):
    """Files with holes: at the ends, in the middle, everywhere, in plenty."""
    step = 1 << 16
    plans = {"middle": (3 * step, (0, 2 * step)), "head": (2 * step, (step,)),
             "tail": (9 * step + 5, (0,)), "all": (4 * step, ()),
             "odd": (5 * step, (step + 4096,)),
             "many": (120 * step, range(0, 120 * step, 2 * step))}
    folder.mkdir()
    for name, (size, offsets) in plans.items():
        with open(folder / name, "wb") as sink:
            sink.truncate(size)
            for offset in offsets:
                os.pwrite(sink.fileno(), b"data at %d" % offset, offset)
        os.utime(folder / name, (tar_entries.MTIME, tar_entries.MTIME))


class Dialects(ncli.NcliTest):
    def check(self, layer, *lower, **config):
        image = images.Image([*lower, layer])
        image.config.update(config)
        path = images.write_archive(self.folder / "i.tar",
                                    images.docker_files(image))
        return self.assert_model(path, image)

    def names(self, dialect, limit):
        layer = [directory(b"d/", dialect=dialect)]
        for name in NAMES:
            if len(name) <= limit:
                layer += [file(b"d/" + name, b"x", dialect=dialect),
                          symlink(b"d/s" + name[:limit - 1], name,
                                  dialect=dialect),
                          hard_link(b"d/h" + name[:limit - 1], b"d/" + name,
                                    dialect=dialect)]
        return layer

    def test_names(self):
        for dialect, limit in (("pax", 255), ("gnu", 255), ("ustar", 98)):
            with self.subTest(dialect=dialect):
                self.check(self.names(dialect, limit))

    def test_deep_paths(self):
        for dialect, depth in (("ustar", 2), ("gnu", 30), ("pax", 30)):
            with self.subTest(dialect=dialect):
                paths = [b"/".join([b"e" * 90] * count)
                         for count in range(1, depth + 1)]
                layer = [directory(path + b"/", dialect=dialect)
                         for path in paths]
                layer.append(file(paths[-1] + b"/f", dialect=dialect))
                self.check(layer)

    def test_all_kinds(self):
        for dialect in ("pax", "gnu", "ustar"):
            with self.subTest(dialect=dialect):
                self.check([
                    directory("k/", mode=0o1777, dialect=dialect),
                    char_device("k/char", 1, 3, mode=0o666, dialect=dialect),
                    block_device("k/block", 259, 70000, dialect=dialect),
                    fifo("k/pipe", mode=0o600, dialect=dialect),
                    file("k/set", mode=0o6755, dialect=dialect),
                    file("k/contiguous", b"old kind", dialect=dialect),
                    hard_link("k/block2", "k/block", dialect=dialect),
                    symlink("k/link", "pipe", mode=0o600, dialect=dialect),
                    hard_link("k/link2", "k/link", dialect=dialect)])

    def test_old_and_odd_type_flags(self):
        layer = [directory("k/"), file("k/f", b"data"), file("k/g", b"data")]
        layer[1].kind, layer[2].kind = b"\0", b"7"
        self.check(layer)

    def test_numbers(self):
        self.check([file("a", uid=3000000, gid=4294967294),
                    file("b", uid=3000000, gid=4294967294, dialect="gnu"),
                    file("c", uid=2097151, gid=2097151, dialect="ustar")])

    def test_times(self):
        texts = ("1600000000.999999999", "1.5", "0", "-1", "-1.5", "-0.25",
                 "4294967295", "1600000000.", "00001600000000.1")
        self.check([file(f"t{index}", mtime=text)
                    for index, text in enumerate(texts)]
                   + [directory("d/", mtime="1600000001.75"),
                      symlink("s", "x", mtime="1600000002.875"),
                      symlink("before-1970", "x", mtime="-5")])

    def test_pax_overrides(self):
        self.check([
            file("short", b"content", records={"path": "real-name",
                                               "comment": "ignored",
                                               "uname": "root"}),
            file("sized", b"1234567", size=0, records={"size": "7"}),
            file("owned", records={"uid": "77", "gid": "78"}),
            symlink("linked", "short", records={"linkpath": "z" * 300})])

    def test_extensions_that_docker_ignores(self):
        acl = {"SCHILY.acl.access": b"user::rw-,group::r--,mask::rw-,other::r--"}
        image = images.Image([[
            file("acl", b"x", mode=0o664, records=acl),
            char_device("null", 1, 3, records={
                "SCHILY.devmajor": b"7", "SCHILY.devminor": b"9"})]])
        path = images.write_archive(self.folder / "i.tar",
                                    images.docker_files(image))
        plain = images.Image([[file("acl", b"x", mode=0o664),
                               char_device("null", 1, 3)]])
        result = self.assert_model(path, plain)
        self.assertIn("extended attributes", result.stderr)

    def test_sizes_and_types_that_no_image_has(self):
        longer = file("f", b"12345", records={"SCHILY.realsize": b"1024"})
        for odd, code in ((longer, "E50"), (tar_entries.entry("f", b"Z"), "E48")):
            path = images.write_archive(
                self.folder / "i.tar",
                images.docker_files(images.Image([[odd, file("g")]])))
            self.assert_error(self.try_build(path), code)

    def test_global_pax_header_is_passed_over(self):
        comment = tar_entries.pax_header({"comment": "commit 1234"}, b"g")
        self.check([comment, file("a"), comment, file("b")])

    def test_xattrs_are_warned_about_once(self):
        capability = {"SCHILY.xattr.security.capability":
                      b"\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0"}
        result = self.check([file(f"ping{index}", records=capability)
                             for index in range(3)])
        warnings = [line for line in result.stderr.splitlines()
                    if "capabilit" in line or "xattr" in line]
        self.assertEqual(len(warnings), 1, result.stderr)

    def test_values_over_32_bits_keep_the_archive_valid(self):
        for mtime in ("4294967296", "99999999999", "-99999999999",
                      "9223372036854775808", "1e30"):
            with self.subTest(mtime=mtime):
                image = images.Image([[file("late", mtime=mtime), file("ok")]])
                path = images.write_archive(self.folder / "i.tar",
                                            images.docker_files(image))
                result = self.try_build(path)
                if result.status == 50:
                    continue
                self.assertEqual(result.status, 0, result.stderr)
                customer = eif.read_file(self.output).of(eif.RAMDISK)[1]
                names = [record.name for record in cpio.parse(customer)]
                self.assertIn(b"rootfs/late", names)
                if mtime.isdigit():
                    self.assertIn("Warning: ", result.stderr)

    def test_end_marks(self):
        body = [file("a", b"data" * 1000), file("b")]
        for end in (b"", bytes(512), bytes(1024), bytes(10240)):
            with self.subTest(end=len(end)):
                self.check(tar_entries.archive(body, end))

    def test_what_follows_the_end_is_no_member(self):
        tail = tar_entries.archive([file("hidden")])
        self.check(tar_entries.archive([file("a")]) + tail)

    @tools.need("tar")
    def test_sparse_members(self):
        holes = self.folder / "holes"
        write_holes(holes)
        for form, options in SPARSE:
            with self.subTest(form=form, options=options):
                layer = self.folder / "layer.tar"
                tools.call("tar", "-C", self.folder, "--sparse",
                           f"--format={form}", *options, "--owner=0",
                           "--group=0", "-cf", layer, "holes")
                self.assertLess(layer.stat().st_size, 1 << 20)
                image = images.Image([layer.read_bytes()])
                path = images.write_archive(self.folder / "i.tar",
                                            images.docker_files(image))
                self.assert_model(path, image)
                image.compression = "gzip"
                images.write_archive(path, images.oci_files(image))
                self.assert_model(path, image)

    @tools.need("tar")
    def test_sparse_layer_in_the_outer_archive(self):
        image = images.Image([[file("zeroes", bytes(3 << 20)), file("a")]])
        for form, options in SPARSE:
            for write in (images.docker_files, images.oci_files):
                with self.subTest(form=form, options=options,
                                  layout=write.__name__):
                    files = write(image)
                    folder = self.folder / f"{form}{options}{write.__name__}"
                    images.write_directory(folder, files)
                    for name in files:
                        tools.call("fallocate", "--dig-holes", folder / name)
                    path = self.folder / "i.tar"
                    tools.call("tar", "-C", folder, "--sparse",
                               f"--format={form}", *options, "-cf", path, ".")
                    self.assertLess(path.stat().st_size, 1 << 20)
                    self.assert_model(path, image)


if __name__ == "__main__":
    unittest.main()
