#!/usr/bin/env python3
"""Where kernel, command line, init and nsm.ko come from, and which of them are
refused."""

import json
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cpio
import eif
import images
import initrd_model
import ncli
import sample

GOLDEN = {name: (ncli.BLOBS / name).read_bytes()
          for name in ("bzImage", "bzImage.config", "cmdline", "init",
                       "nsm.ko")}


class Blobs(ncli.NcliTest):
    def setUp(self):
        super().setUp()
        self.archive = images.write_archive(
            self.folder / "i.tar", images.docker_files(sample.image()))
        self.blobs = self.folder / "blobs"
        shutil.copytree(ncli.BLOBS, self.blobs)

    def check(self, *arguments, kernel=GOLDEN["bzImage"], cmdline=None,
              init=GOLDEN["init"], nsm=GOLDEN["nsm.ko"], **options):
        _, built = self.build(self.archive, *arguments, **options)
        cmdline = GOLDEN["cmdline"].strip() if cmdline is None else cmdline
        self.assertEqual(built.of(eif.KERNEL), [kernel])
        self.assertEqual(built.of(eif.CMDLINE), [cmdline])
        self.assertEqual(built.of(eif.RAMDISK)[0],
                         initrd_model.bootstrap_initrd(init, nsm))

    def refuse(self, code, *words, arguments=(), blobs=None):
        self.output.unlink(missing_ok=True)
        result = self.try_build(self.archive, *arguments,
                                blobs=blobs or self.blobs)
        self.assert_error(result, code, *words)

    def test_environment_and_option(self):
        (self.blobs / "init").write_bytes(b"other init")
        env = {"NITRO_CLI_BLOBS": self.blobs}
        self.check(blobs=None, env=env, init=b"other init")
        self.check(env=env)

    def test_folder_of_the_architecture(self):
        self.blobs.rename(self.folder / "x86_64")
        self.check("--platform=linux/amd64", blobs=self.folder)

    def test_each_override(self):
        for option, key, name, data in (
                ("--kernel", "kernel", "bzImage", GOLDEN["bzImage"] + b"new"),
                ("--cmdline", "cmdline", "cmdline", b"console=ttyS0 other"),
                ("--init", "init", "init", b"#!other"),
                ("--nsm", "nsm", "nsm.ko", b"other module")):
            with self.subTest(option=option):
                place = self.folder / "override"
                place.write_bytes(data)
                self.check(option, place, **{key: data})
                (self.blobs / name).unlink()
                self.check(option, place, blobs=self.blobs, **{key: data})
                shutil.copy(ncli.BLOBS / name, self.blobs / name)

    def test_nsm_left_out(self):
        self.check("--nsm", "none", nsm=None)
        (self.blobs / "nsm.ko").unlink()
        self.check("--nsm=none", nsm=None, blobs=self.blobs)
        self.refuse("E48", "nsm.ko", "--nsm")

    def test_missing_blobs(self):
        for name, code in (("bzImage", "E48"), ("init", "E48"),
                           ("cmdline", "E19"), ("bzImage.config", "E48")):
            with self.subTest(name=name):
                (self.blobs / name).unlink()
                self.refuse(code, str(self.blobs / name))
                shutil.copy(ncli.BLOBS / name, self.blobs / name)
        self.refuse("E48", "/nonexistent", blobs="/nonexistent")

    def test_command_line_is_trimmed(self):
        for text, wanted in ((b"a b", b"a b"), (b"  a b \t\r\n\n", b"a b"),
                             (b"\x0b\x0ca\x0b", b"a"), (b"", b""), (b"\n", b""),
                             ("\u00a0a\u2003".encode(), b"a")):
            with self.subTest(text=text):
                (self.blobs / "cmdline").write_bytes(text)
                self.check(blobs=self.blobs, cmdline=wanted)

    def test_kernels_that_cannot_start(self):
        elf = b"\x7fELF\2\1\1" + bytes(4096)
        arm = bytes(56) + b"ARM\x64" + bytes(4096)
        for name, data, words in (
                ("vmlinux", elf, ("ELF",)), ("empty", b"", ()),
                ("text", b"text" * 1000, ()), ("short", b"MZ", ()),
                ("arm64", arm, ()), ("gzip", b"\x1f\x8b" + bytes(1000), ())):
            with self.subTest(kernel=name):
                place = self.folder / name
                place.write_bytes(data)
                self.refuse("E48", str(place), *words, arguments=(
                    "--platform=linux/amd64", "--kernel", place))

    def test_blobs_that_are_no_files(self):
        for option in ("--kernel", "--init", "--nsm", "--kernel-config"):
            with self.subTest(option=option):
                self.refuse("E48", arguments=(option, self.folder))
                self.refuse("E48", arguments=(option, "/dev/zero"))
        self.refuse("E19", arguments=("--cmdline", self.folder))
        self.refuse("E19", arguments=("--cmdline", "/dev/zero"))

    def test_command_docker(self):
        image = sample.image()
        image.config.update({"Entrypoint": ["/e", "1"], "Cmd": ["c", "2"],
                             "User": "7:8", "WorkingDir": "/usr"})
        path = images.write_archive(self.folder / "d.tar",
                                    images.docker_files(image))
        _, built = self.build(path, "--command", "docker")
        records = cpio.parse(built.of(eif.RAMDISK)[1])
        added = {record.name: record for record in records[-3:]}
        self.assertEqual(list(added), [b"cmd", b"env", b"ncli-exec"])
        self.assertEqual(added[b"cmd"].data, b"/e\n1\nc\n2\n")
        self.assertEqual(added[b"env"].data, b"PATH=/bin\n")
        extra = added[b"ncli-exec"]
        self.assertEqual((extra.kind, extra.mode, extra.mtime),
                         (cpio.FILE, 0o644, 1492533000))
        values = str(json.loads(extra.data))
        self.assertIn("/usr", values)
        self.assertIn("7:8", values)
        result = self.assert_model(path, image, "--command=nitro")
        self.assertIn("ENTRYPOINT", result.stderr)

    def test_command_docker_with_one_of_the_two(self):
        for config, wanted in (({"Cmd": ["c"], "Entrypoint": None}, b"c\n"),
                               ({"Cmd": None, "Entrypoint": ["e"]}, b"e\n"),
                               ({"Cmd": [], "Entrypoint": ["e"]}, b"e\n")):
            with self.subTest(config=config):
                image = sample.image(config=config)
                path = images.write_archive(self.folder / "d.tar",
                                            images.docker_files(image))
                _, built = self.build(path, "--command", "docker")
                records = cpio.parse(built.of(eif.RAMDISK)[1])
                [cmd] = [item for item in records if item.name == b"cmd"]
                self.assertEqual(cmd.data, wanted)

    def test_unknown_command_form(self):
        result = self.try_build(self.archive, "--command", "podman")
        self.assertIn(result.status, (2, 3))
        self.assert_no_output()


if __name__ == "__main__":
    unittest.main()
