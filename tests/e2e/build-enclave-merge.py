#!/usr/bin/env python3
"""Layers merge as FORMATS.md section 4 says: whiteouts, opaque markers, type
changes, hard links, implied parents, WORKDIR."""

import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import images
import ncli
from tar_entries import (block_device, char_device, directory, fifo, file,
                         hard_link, opaque, symlink, whiteout)

SEED = 20260101
ROUNDS = 150
NAMES = ("a", "b", "c.d", "c", "c-d", "dev", "etc", "hosts", "hostname", "mtab",
         "proc", "sys", "Dockerfile", ".dockerenv", "pts", "console", "boot")


class Merge(ncli.NcliTest):
    def check(self, *layers, **config):
        """Layers, bottom first, give what the model gives."""
        image = images.Image(list(layers))
        image.config.update(config)
        path = images.write_archive(self.folder / "i.tar",
                                    images.docker_files(image))
        return self.assert_model(path, image)

    def test_whiteouts(self):
        lower = [directory("d/"), file("d/x"), directory("d/e/"), file("d/e/y"),
                 file("top"), symlink("d/s", "x")]
        for upper in (
                [whiteout("top")], [directory("d/"), whiteout("d/x")],
                [directory("d/"), whiteout("d/e")], [whiteout("d")],
                [whiteout("missing")], [directory("d/"), whiteout("d/s")],
                [directory("d/"), whiteout("d/x"), file("d/x", b"again")],
                [whiteout("d"), file("d", b"now a file")],
                [directory("d/"), char_device("d/x", 0, 0)]):
            with self.subTest(upper=[item.name for item in upper]):
                self.check(lower, upper)
                self.check(lower, upper, lower[:2])

    def test_whiteouts_of_the_longest_names(self):
        for length in (251, 252, 255):
            name = "n" * length
            self.check([file(name), file("kept")], [whiteout(name)])

    def test_hard_links_and_whiteouts(self):
        lower = [file("a", b"gone"), file("b", b"gone, too")]
        for gone in (whiteout("a"), char_device("a", 0, 0)):
            self.check(lower, [gone, hard_link("b", "a")])

    def test_hard_links_through_the_merged_tree(self):
        lower = [directory("usr/"), directory("usr/bin/"),
                 file("usr/bin/foo", b"data")]
        upper = [symlink("bin", "usr/bin"), hard_link("x", "bin/foo")]
        path = images.write_archive(
            self.folder / "i.tar",
            images.docker_files(images.Image([lower, upper])))
        self.assert_model(path, images.Image(
            [lower + [upper[0], hard_link("x", "usr/bin/foo")]]))

    def test_opaque_directories(self):
        lower = [directory("d/"), file("d/x"), directory("d/e/"), file("d/e/y")]
        mark = opaque("d")
        for upper in (
                [directory("d/", mode=0o700), mark],
                [directory("d/"), mark, file("d/new")],
                [directory("d/"), file("d/new"), mark],
                [mark, directory("d/"), file("d/new")],
                [directory("d/"), directory("d/e/"), mark],
                [directory("d/"), directory("d/e/"), opaque("d/e")],
                [file(".wh..wh..opq", b""), file("only")]):
            with self.subTest(upper=[item.name for item in upper]):
                self.check(lower, upper)
                self.check(lower, upper, [directory("d/"), file("d/third")])

    def test_type_changes(self):
        things = {"file": [file("t", b"f")], "symlink": [symlink("t", "a")],
                  "directory": [directory("t/", mode=0o711), file("t/in")],
                  "pipe": [fifo("t")], "device": [char_device("t", 1, 3)],
                  "block": [block_device("t", 8, 1)]}
        for below, lower in things.items():
            for above, upper in things.items():
                with self.subTest(below=below, above=above):
                    self.check(lower, upper)

    def test_hard_links_across_and_within_layers(self):
        lower = [file("m", b"data", mode=0o640),
                 hard_link("a", "m", mode=0o640),
                 hard_link("z", "a", mode=0o640), directory("d/"),
                 hard_link("d/deep", "./m", mode=0o640, uid=5)]
        for upper in ([], [whiteout("a")], [file("m", b"other")],
                      [whiteout("a"), whiteout("d")],
                      [hard_link("n", "m", mode=0o640)],
                      [hard_link("d2", "/d/deep", mode=0o640)]):
            with self.subTest(upper=[item.name for item in upper]):
                self.check(lower, upper)

    def test_the_last_of_two_entries_wins(self):
        self.check([file("x", b"1"), file("x", b"22", mode=0o600)])
        self.check([directory("x/"), directory("x/", mode=0o700, mtime=5)])
        self.check([file("x", b"1"), symlink("x", "y")])
        self.check([symlink("x", "y"), file("x", b"1")])
        self.check([file("x", b"1"), hard_link("y", "x"), file("x", b"2")])

    def test_implied_parents(self):
        """A parent that no layer describes is 0755 0:0 with the fixed time;
        one that a lower layer describes keeps its attributes."""
        lower = [directory("d/", mode=0o2750, uid=4, gid=5, mtime=77),
                 symlink("l", "d"), file("f")]
        for upper in ([file("d/x")], [file("new/er/x")], [whiteout("d/x")],
                      [opaque("d")], [file("l/x")], [file("f/x")],
                      [symlink("d/s", "x")]):
            with self.subTest(upper=[item.name for item in upper]):
                self.check(lower, upper)
                self.check(upper, lower)
                self.check(lower, [file("other")], upper)
        self.check(lower, [hard_link("d/h", "f")])
        self.check(lower, [whiteout("d")], [file("d/x")])

    def test_working_directory(self):
        layer = [directory("srv/", mode=0o700, mtime=5), file("f"),
                 symlink("link", "srv"), symlink("out", "../../srv/deep"),
                 symlink("absolute", "/srv")]
        for path in ("/srv", "/srv/new", "/a/b/c", "relative/x", "/", "",
                     "/link/new", "/out/new", "/absolute/new", "/../../x",
                     "/srv/../y", "/etc/x", "/proc/x", "/dev/shm/x",
                     "/\u00fc"):
            with self.subTest(path=path):
                self.check(layer, WorkingDir=path)

    def test_working_directory_through_a_file(self):
        image = images.Image([[file("f")]])
        image.config["WorkingDir"] = "/f/x"
        path = images.write_archive(self.folder / "i.tar",
                                    images.docker_files(image))
        result = self.try_build(path)
        self.assertIn(result.status, (48, 50), result.stderr)
        self.assertIn("/f", result.stderr)
        self.assert_no_output()

    def test_command_and_environment(self):
        for config in ({"Cmd": ["a", "b c", ""], "Env": None},
                       {"Cmd": ["/bin/\u00fc\u6f22"],
                        "Env": ["A=\u00e4", "B="]},
                       {"Cmd": None, "Entrypoint": ["/e", "x"]},
                       {"Cmd": [], "Entrypoint": ["/e"]}):
            with self.subTest(config=config):
                self.check([file("x")], **config)

    def test_warnings_about_the_command(self):
        result = self.check([file("x")], Cmd=["c"], Entrypoint=["entry"])
        self.assertRegex(result.stderr, "(?i)warning.*entrypoint")
        result = self.check([file("x")], Cmd=["two\nlines"])
        self.assertRegex(result.stderr, "(?i)warning.*newline")
        result = self.check([file("x")], Cmd=["plain"])
        self.assertNotRegex(result.stderr, "(?i)warning")

    def test_random_layers(self):
        source = random.Random(SEED)
        for round_number in range(ROUNDS):
            layers = [random_layer(source)
                      for _ in range(source.randint(1, 4))]
            with self.subTest(round=round_number):
                self.check(*layers)


def random_layer(source):
    """A layer as docker writes it: parents stated, no path twice."""
    made, folders = {}, [""]
    for _ in range(source.randint(1, 14)):
        parent = source.choice(folders)
        path = parent + source.choice(NAMES)
        if path in made or path + "/" in folders:
            continue
        fields = {"mode": source.randrange(0o10000),
                  "uid": source.randrange(70000), "gid": source.randrange(9),
                  "mtime": source.randrange(1 << 32)}
        made[path] = random_entry(source, path, parent, fields, made)
        if made[path].kind == b"5":
            folders.append(path + "/")
            if source.random() < 0.1:
                made[path + "/.wh..wh..opq"] = opaque(path)
    return list(made.values())


def random_entry(source, path, parent, fields, made):
    files = [name for name, item in made.items() if item.kind in b"0346"
             and b".wh." not in item.name]
    kind = source.choice("dddddffffslhhpcww")
    if kind == "h" and files:
        return hard_link(path, source.choice(files), **fields)
    if kind == "w":
        return whiteout(path)
    return {"d": lambda: directory(path + "/", **fields),
            "s": lambda: symlink(path, source.choice(NAMES), **fields),
            "l": lambda: symlink(path, "/" + parent + "x", **fields),
            "p": lambda: fifo(path, **fields),
            "c": lambda: char_device(path, source.randint(1, 300),
                                     source.randint(0, 300), **fields)
            }.get(kind, lambda: file(path, source.randbytes(
                source.randint(0, 40)), **fields))()


if __name__ == "__main__":
    unittest.main()
