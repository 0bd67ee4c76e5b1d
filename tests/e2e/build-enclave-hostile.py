#!/usr/bin/env python3
"""Hostile archives give a clear error or docker's harmless meaning, in bounded
time and memory, and nothing outside the output."""

import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import images
import ncli
import sample
import tar_entries
import tools
from tar_entries import (char_device, directory, file, hard_link, symlink,
                         whiteout)

SECONDS = 300 if ncli.sanitized() else 30
MEMORY = 64 << 10              # KiB
ENTRIES = 1_000_000


class Hostile(ncli.NcliTest):
    def write(self, files, **options):
        return images.write_archive(self.folder / "i.tar", files, **options)

    def attempt(self, uri, *arguments, **options):
        """A run that must end by itself, in time, with a status of its own."""
        self.output.unlink(missing_ok=True)
        result = self.try_build(uri, *arguments, timeout=SECONDS, **options)
        if result.status:
            self.assertIn(result.status, (19, 48, 50), result.stderr)
            self.assert_error(result, f"E{result.status}")
        return result

    def harmless(self, *layers, like=None):
        """An error, or the model's meaning (of `like` when given)."""
        image = images.Image(list(layers))
        path = self.write(images.docker_files(image))
        self.output.unlink(missing_ok=True)
        before = sorted(os.listdir(self.folder))
        result = self.attempt(path)
        if result.status == 0:
            meant = image if like is None else images.Image(list(like))
            self.assert_model(path, meant)
            self.output.unlink()
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        return result

    def test_names_that_climb(self):
        deep = "../" * 60
        target = self.folder / "escaped"
        for name in (f"{deep}{target}", f"{target}", f"a/../../{deep}x",
                     "..", "../", "/..", "a/..", "./../b", "a//./..//b",
                     "dir/../../../etc/passwd"):
            with self.subTest(name=name):
                self.harmless([directory("a/"), file(name, b"climbed")])
                self.assertFalse(target.exists())

    def test_links_that_lead_outside(self):
        outside = self.folder / "outside"
        outside.mkdir()
        for target in (str(outside), "../" * 60 + str(outside), "/", ".."):
            with self.subTest(target=target):
                self.harmless([symlink("way", target), file("way/x", b"x")])
                self.harmless([symlink("way", target)], [file("way/x", b"x")])
        self.assertEqual(os.listdir(outside), [])

    def test_links_in_circles(self):
        self.harmless([symlink("a", "b"), symlink("b", "a"), file("a/x")],
                      like=[[symlink("a", "b"), symlink("b", "a")]])
        chain = [symlink(f"l{index}", f"l{index + 1}") for index in range(300)]
        self.harmless(chain + [directory("l300/"), file("l0/x")])
        self.assert_model(self.write(images.docker_files(
            images.Image([[symlink("self", "self")]]))),
            images.Image([[symlink("self", "self")]]))

    def test_hard_links_outward_and_in_vain(self):
        secret = self.folder / "secret"
        secret.write_text("secret of the host")
        for target in (str(secret), "../" * 60 + str(secret), "missing", "",
                       "..", "/", "d", "loop/x"):
            with self.subTest(target=target):
                path = self.write(images.docker_files(images.Image(
                    [[directory("d/"), symlink("loop", "loop"),
                      hard_link("link", target)]])))
                result = self.attempt(path)
                if result.status == 0:
                    self.assertNotIn(b"secret of", self.output.read_bytes())
        self.attempt(self.write(images.docker_files(images.Image(
            [[hard_link("self", "self")]]))))

    def test_whiteouts_that_climb(self):
        lower = [directory("d/"), file("d/x"), file("top")]
        for name in ("d/.wh...", "d/.wh..", "d/.wh.", ".wh...", ".wh..",
                     ".wh.", "d/.wh..wh..opq/x", "../.wh.top",
                     "d/.wh..wh.x", "d/.wh./x", ".wh.../x"):
            with self.subTest(name=name):
                path = self.write(images.docker_files(images.Image(
                    [lower, [directory("d/"), file(name, b"")]])))
                self.attempt(path)
        self.harmless(lower, [whiteout("../../top")],
                      like=[lower, [whiteout("top")]])

    def test_devices_and_odd_types(self):
        big = (1 << 32) - 1
        self.harmless([char_device("c", big, big, dialect="gnu")])
        for kind in b"\0", b"7", b"8", b"A", b"V", b"M", b"Z", b"\xff":
            with self.subTest(kind=kind):
                item = file("odd", b"data")
                item.kind = kind
                path = self.write(images.docker_files(
                    images.Image([[item, file("x")]])))
                self.attempt(path)

    @tools.need("zstd")
    def test_bombs(self):
        """Few bytes that unpack to 2 GiB stop at --max-size."""
        layer = self.folder / "bomb"
        with open(layer, "wb") as sink:
            item = file("zeroes", b"", size=2 << 30)
            sink.write(tar_entries.encode(item))
            sink.truncate((2 << 30) + 4096)
        packed = {"gzip": tools.output("gzip", "-1c", layer),
                  "zstd": tools.output("zstd", "-qc", layer)}
        for form, data in packed.items():
            files = self.bomb_files(data)
            for limit in ("64M", "1G"):
                with self.subTest(form=form, limit=limit):
                    result = self.attempt(self.write(files), "--max-size",
                                          limit)
                    self.assertEqual(result.status, 48, result.stderr)
                    self.assertIn("--max-size", result.stderr)
                    self.assert_small(result)

    def bomb_files(self, data):
        """An OCI layout with this one layer, whatever its diff_id."""
        images.COMPRESSORS["bomb"] = lambda _: data
        images.LABELS["bomb"] = "+gzip"
        return images.oci_files(images.Image([b""], compression="bomb"))

    def assert_small(self, result):
        if not ncli.sanitized():
            self.assertLess(result.peak, MEMORY)

    def test_one_document_listed_many_times(self):
        config = json.dumps({"padding": "x" * (7 << 20),
                             "rootfs": {"diff_ids": []}}).encode()
        manifest = json.dumps({
            "config": {"digest": images.digest(config)}, "layers": []}).encode()
        descriptor = {"digest": images.digest(manifest)}
        blobs = {"blobs/sha256/" + images.sha256(data): data
                 for data in (config, manifest)}
        many = [
            {"manifest.json": json.dumps(
                [{"Config": "c", "Layers": []}] * 200).encode(), "c": config},
            blobs | {"index.json": json.dumps(
                {"manifests": [descriptor] * 4000}).encode()}]
        for files in many:
            with self.subTest(files=[*files]):
                result = self.attempt(self.write(files))
                self.assert_error(result, "E50", "64.0 MiB")

    def test_json_of_many_values(self):
        for text in (b"[" + b"{}," * 2_000_000 + b"{}]",
                     b'{"a":' + b"[" + b"0," * 3_000_000 + b"0]}"):
            result = self.attempt(self.write({"manifest.json": text}))
            self.assert_error(result, "E50", "200000 values")

    def test_whole_archive_bomb(self):
        """The limit also holds for the decompressed archive."""
        image = images.Image([[file("zeroes", bytes(96 << 20))]])
        path = self.write(images.docker_files(image), compression="gzip")
        result = self.attempt(path, "--max-size=32M")
        self.assertEqual(result.status, 48, result.stderr)
        self.assertEqual(self.attempt(path).status, 0)

    def test_the_limit_counts_what_the_image_holds(self):
        lower = [file(f"f{index}", bytes(1 << 20)) for index in range(8)]
        path = self.write(images.docker_files(images.Image([lower])))
        for limit, status in (("7M", 48), ("32M", 0), ("8388608000", 0)):
            with self.subTest(limit=limit):
                self.assertEqual(self.attempt(path, "--max-size",
                                              limit).status, status)
        for limit in ("", "x", "-1", "1.5M", "12Q", "99999999999999999999"):
            with self.subTest(limit=limit):
                result = self.try_build(path, f"--max-size={limit}")
                self.assertIn(result.status, (2, 3), result.stderr)

    def test_a_million_entries(self):
        block = tar_entries.encode(file("n/" + "0" * 7, b""))
        layer = bytearray(tar_entries.encode(directory("n/")))
        blank = int(block[148:154], 8)
        for index in range(ENTRIES):
            name = b"%07d" % index
            head = bytearray(block)
            head[2:9] = name
            head[148:154] = b"%06o" % (blank + sum(name) - 7 * 48)
            layer += head
        image = images.Image([bytes(layer) + tar_entries.END])
        result = self.attempt(self.write(images.docker_files(image)))
        self.assertEqual(result.status, 0, result.stderr)
        if not ncli.sanitized():
            self.assertLess(result.peak, MEMORY + 400 * ENTRIES // 1024)

    def test_deep_directories(self):
        for depth in (1000, 20000):
            with self.subTest(depth=depth):
                name = b"d/" * depth
                path = self.write(images.docker_files(
                    images.Image([[file(name + b"f")]])))
                self.attempt(path)

    def test_long_names(self):
        for length in (4096, 1 << 20, 64 << 20):
            for dialect in ("pax", "gnu"):
                with self.subTest(length=length, dialect=dialect):
                    path = self.write(images.docker_files(images.Image(
                        [[file(b"n" * length, dialect=dialect)]])))
                    result = self.attempt(path)
                    if length > 1 << 20:
                        self.assertNotEqual(result.status, 0)

    def test_lying_sizes(self):
        for size in (8 ** 11 - 1, 1 << 62, (1 << 63) - 1, 1 << 63, 1 << 70):
            for dialect in ("gnu", "pax"):
                with self.subTest(size=size, dialect=dialect):
                    item = file("liar", b"short", size=size, dialect=dialect)
                    files = images.docker_files(images.Image([[item]]))
                    self.assertNotEqual(
                        self.attempt(self.write(files)).status, 0)
                    outer = self.folder / "outer.tar"
                    outer.write_bytes(tar_entries.archive(
                        [file("manifest.json", b"[]", size=size,
                              dialect=dialect)]))
                    self.assertNotEqual(self.attempt(outer).status, 0)

    def test_numbers_that_make_no_sense(self):
        for records in ({"mtime": "9" * 400}, {"mtime": "nan"}, {"uid": "-5"},
                        {"uid": "1" * 40}, {"size": "-1"}, {"size": "x"},
                        {"GNU.sparse.map": "1,2,3"}, {"path": ""},
                        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                         "GNU.sparse.realsize": "9" * 18},
                        {"GNU.sparse.size": "1", "GNU.sparse.map":
                         "9223372036854775807,9223372036854775807"}):
            with self.subTest(records=records):
                self.attempt(self.write(images.docker_files(images.Image(
                    [[file("x", b"data", records=records), file("y")]]))))

    def test_json_of_all_kinds(self):
        deep = b"[" * 200000 + b"]" * 200000
        nest = b'{"a":' * 100000 + b"1" + b"}" * 100000
        huge = b'[{"Config":1e999999999,"Layers":[' + b"9" * 100000 + b"]}]"
        for text in (deep, nest, huge, b"", b"null", b"5", b"[null]", b"[[]]",
                     b'[{"Config":"../../etc/passwd","Layers":[]}]',
                     b'[{"Config":"/etc/passwd","Layers":["/etc/shadow"]}]',
                     b'[{"Config":{},"Layers":{}}]', b"\xff\xfe",
                     b'["\\ud800"]', b'[{"Config":"manifest.json",'
                     b'"Layers":["manifest.json"]}]'):
            for name in ("manifest.json", "index.json"):
                with self.subTest(name=name, text=text[:40]):
                    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
                             name: text}
                    result = self.attempt(self.write(files))
                    self.assertEqual(result.status, 50, result.stderr)

    def test_configs_of_all_kinds(self):
        for config in (5, "x", [], {"Cmd": "text"}, {"Cmd": [5]},
                       {"Cmd": {"a": 1}}, {"Cmd": ["x"], "Env": "A=b"},
                       {"Cmd": ["x"], "Env": [None]},
                       {"Cmd": ["x"], "WorkingDir": 7},
                       {"Cmd": ["x"], "WorkingDir": "/a" * 100000},
                       {"Cmd": ["x" * (8 << 20)]}, {"Cmd": ["x"] * 100000}):
            with self.subTest(config=str(config)[:40]):
                image = images.Image([[file("x")]], config=config)
                self.attempt(self.write(images.docker_files(image)))

    def test_links_in_the_outer_archive(self):
        files = images.docker_files(sample.image())
        layer = next(name for name in files if name.endswith("layer.tar"))
        for target in ("layer.tar", "../../../../../../etc/passwd",
                       "/etc/passwd", "", "../manifest.json"):
            with self.subTest(target=target):
                result = self.attempt(self.write(
                    {**files, layer: images.LINK + target}))
                self.assertEqual(result.status, 50, result.stderr)

    def test_links_out_of_an_oci_directory(self):
        """A blob that is a symlink is read only when its digest is right."""
        files = images.oci_files(sample.image())
        name = next(name for name in files if name.startswith("blobs/"))
        path = images.write_directory(self.folder / "layout", {
            **files, name: images.LINK + "/etc/passwd"})
        self.assertEqual(self.attempt(f"oci:{path}").status, 50)

    def test_paths_that_are_no_files(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        for path in (fifo, "/dev/zero", "/dev/null", "/dev/full", "/proc/self"):
            for prefix in ("", "docker-archive:", "oci-archive:", "oci:"):
                with self.subTest(path=path, prefix=prefix):
                    result = self.attempt(f"{prefix}{path}")
                    self.assertEqual(result.status, 50, result.stderr)


if __name__ == "__main__":
    unittest.main()
