#!/usr/bin/env python3
"""The output appears whole or not at all, is the same each time, and stdout
holds JSON alone."""

import contextlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import eif
import images
import ncli
import sample
import tools
from tar_entries import file

KILLS = 24
CROWDS = 50
BIG = 66 << 20                 # large enough to bypass the page cache
TALK = ["Start building the Enclave Image...",
        "Using the locally available Docker image...",
        "Enclave Image successfully created."]
OLD = b"what was there before"


@contextlib.contextmanager
def small_disk(folder, size):
    """A tmpfs of `size` bytes; on leaving it must be empty again."""
    folder.mkdir()
    tools.call("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    try:
        yield folder
        state = os.statvfs(folder)
        if state.f_bfree != state.f_blocks or os.listdir(folder):
            raise AssertionError(f"left on the disk: {os.listdir(folder)}")
    finally:
        tools.call("umount", folder)


class Output(ncli.NcliTest):
    def setUp(self):
        super().setUp()
        self.archive = images.write_archive(
            self.folder / "i.tar", images.docker_files(sample.image()))

    def big_archive(self, form):
        """BIG bytes that do not compress, in files of 1 MiB."""
        source = random.Random(1)
        layer = [file(f"f{index}", source.randbytes(1 << 20))
                 for index in range(BIG >> 20)]
        options = {"gzip": ("--fast",), "zstd": ("-1",), "plain": None}[form]
        image = images.Image([layer])
        if options:
            images.COMPRESSORS["fast"] = lambda data: subprocess.run(
                [form, "-c", *options], input=data, stdout=subprocess.PIPE,
                check=True).stdout
            images.LABELS["fast"] = images.LABELS[form]
            image.compression = "fast"
        return images.write_archive(self.folder / f"big-{form}.tar",
                                    images.oci_files(image))

    def test_stdout_is_the_json_and_nothing_else(self):
        result, built = self.build(self.archive)
        wanted = {"Measurements": {"HashAlgorithm": "Sha384 { ... }",
                                   **eif.measurements(built)}}
        self.assertEqual(result.stdout.decode(),
                         json.dumps(wanted, indent=2) + "\n")
        self.assertEqual(result.stderr.splitlines(), TALK)

    def test_layout_of_the_file(self):
        _, built = self.build(self.archive)
        self.assertEqual((built.version, built.flags, built.mem, built.cpus),
                         (4, 0, 1 << 30, 2))
        self.assertEqual([section.kind for section in built.sections],
                         [eif.KERNEL, eif.CMDLINE, eif.METADATA, eif.RAMDISK,
                          eif.RAMDISK])
        self.assertEqual({section.flags for section in built.sections}, {0})

    def test_two_builds_are_the_same_file(self):
        self.build(self.archive)
        first = self.output.read_bytes()
        time.sleep(1.1)
        moved = self.folder / "elsewhere/other.tar"
        moved.parent.mkdir()
        moved.write_bytes(pathlib.Path(self.archive).read_bytes())
        self.build(moved, output=self.folder / "out.eif.2")
        self.assertEqual(first, (self.folder / "out.eif.2").read_bytes())

    def test_an_old_output_is_replaced_as_a_whole(self):
        self.output.write_bytes(OLD)
        with open(self.output, "rb") as reader:
            self.build(self.archive)
            self.assertEqual(reader.read(), OLD)

    def test_a_failure_keeps_the_old_output(self):
        self.output.write_bytes(OLD)
        pathlib.Path(self.archive).write_bytes(b"no archive")
        self.assertEqual(self.try_build(self.archive).status, 50)
        self.assertEqual(self.output.read_bytes(), OLD)

    def test_builds_at_once_into_one_output(self):
        """The last one wins; none fails and none leaves a file."""
        command = [ncli.NCLI, "build-enclave", "--docker-uri", self.archive,
                   "--output-file", self.output, "--blobs-path", ncli.BLOBS]
        for _ in range(CROWDS):
            crowd = [subprocess.Popen(
                command, env=ncli.environment(self.spool),
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                for _ in range(6)]
            talk = [process.communicate()[1].decode() for process in crowd]
            self.assertEqual([process.returncode for process in crowd],
                             [0] * len(crowd), talk)
        self.assertTrue(eif.read_file(self.output).good_crc)
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ["i.tar", "out.eif", "tmp"])

    def test_output_over_the_archive_itself(self):
        result = self.try_build(self.archive, output=self.archive)
        if result.status == 0:
            eif.read_file(self.archive)
        else:
            self.build(self.archive)

    def test_mode_follows_the_umask(self):
        for mask in (0o022, 0o077):
            result = self.try_build(self.archive, umask=mask)
            self.assertEqual(result.status, 0)
            self.assertEqual(self.output.stat().st_mode & 0o7777, 0o666 & ~mask)
            self.output.unlink()

    def test_outputs_that_are_no_files(self):
        fifo, folder = self.folder / "fifo", self.folder / "folder"
        os.mkfifo(fifo)
        folder.mkdir()
        for output in (fifo, folder, pathlib.Path("/dev/null"),
                       pathlib.Path("/dev/full"), folder / "missing/x.eif",
                       pathlib.Path(self.archive) / "x.eif"):
            with self.subTest(output=output):
                before = os.stat(output).st_ino if output.exists() else None
                result = self.try_build(self.archive, output=output, timeout=20)
                self.assert_error(result, "E19", str(output))
                if before:
                    self.assertEqual(os.stat(output).st_ino, before)
        self.assertEqual(os.listdir(folder), [])

    def test_stdout_that_is_full(self):
        with open("/dev/full", "wb") as full:
            result = self.try_build(self.archive, stdout=full)
        self.assertNotEqual(result.status, 0)

    @tools.need("zstd", "gzip")
    def test_kill_at_any_moment(self):
        source = random.Random(3)
        for form in ("gzip", "plain"):
            archive = self.big_archive(form)
            place = self.folder / f"out-{form}"
            place.mkdir()
            started = time.monotonic()
            self.build(archive)
            usual = time.monotonic() - started
            for number in range(KILLS // 2):
                if number % 2:
                    (place / "o.eif").write_bytes(OLD)
                self.kill_one(archive, place, source.uniform(0, usual))

    def kill_one(self, archive, place, delay):
        process = subprocess.Popen(
            [ncli.NCLI, "build-enclave", "--docker-uri", archive,
             "--output-file", place / "o.eif", "--blobs-path", ncli.BLOBS],
            env=ncli.environment(self.spool), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertLessEqual(set(os.listdir(place)), {"o.eif"})
        self.assertEqual(os.listdir(self.spool), [])
        if (place / "o.eif").exists():
            if (place / "o.eif").read_bytes() != OLD:
                self.assertTrue(eif.read_file(place / "o.eif").good_crc)
            (place / "o.eif").unlink()

    @tools.need("mount", "umount", root=True)
    def test_no_space_for_the_output(self):
        archive = self.big_archive("plain")
        for size in (4096, BIG // 2, BIG - 4096):
            with small_disk(self.folder / f"disk{size}", size) as disk:
                result = self.try_build(archive, output=disk / "o.eif")
                self.assert_error(result, "E19", str(disk), "No space left")

    @tools.need("mount", "umount", "gzip", "zstd", root=True)
    def test_no_space_for_the_spool(self):
        for form in ("gzip", "zstd"):
            archive = self.big_archive(form)
            with small_disk(self.folder / f"spool-{form}", BIG // 2) as disk:
                result = self.try_build(archive, env={"TMPDIR": disk})
                self.assert_error(result, "E19", str(disk), "No space left")

    def test_spool_folder_that_is_not_there(self):
        archive = images.write_archive(
            self.folder / "g.tar",
            images.oci_files(sample.image(compression="gzip")))
        result = self.try_build(archive, env={"TMPDIR": "/nonexistent/folder"})
        if result.status:
            self.assert_error(result, "E19", "/nonexistent/folder")

    @unittest.skipIf(ncli.sanitized(), "a sanitizer takes memory of its own")
    @tools.need("zstd", "gzip")
    def test_memory_does_not_grow_with_the_image(self):
        for form in ("plain", "gzip", "zstd"):
            with self.subTest(form=form):
                archive = self.big_archive(form)
                result = self.try_build(archive)
                self.assertEqual(result.status, 0, result.stderr)
                self.assertLess(result.peak, 64 << 10)

    @unittest.skipIf(ncli.sanitized(), "a sanitizer takes memory of its own")
    @tools.need("zstd")
    def test_memory_with_a_whole_archive_compressed(self):
        zeroes = images.Image([[file(f"z{index}", bytes(32 << 20))
                                for index in range(4)]])
        path = images.write_archive(self.folder / "z.tar",
                                    images.docker_files(zeroes),
                                    compression="zstd")
        result = self.try_build(path)
        self.assertEqual(result.status, 0, result.stderr)
        self.assertLess(result.peak, 64 << 10)

    def test_progress_is_for_terminals(self):
        archive = self.big_archive("plain")
        self.assertNotIn("\r", self.try_build(archive).stderr)
        leader, follower = os.openpty()
        process = subprocess.Popen(
            [ncli.NCLI, "build-enclave", "--docker-uri", archive,
             "--output-file", self.output, "--blobs-path", ncli.BLOBS],
            env=ncli.environment(self.spool, TERM="xterm"),
            stdout=subprocess.PIPE, stderr=follower)
        os.close(follower)
        shown = b""
        with contextlib.suppress(OSError):
            while part := os.read(leader, 4096):
                if b"%" in part and b"%" not in shown:
                    process.send_signal(signal.SIGSTOP)
                    time.sleep(0.5)     # for a rate that means something
                    process.send_signal(signal.SIGCONT)
                shown += part
        os.close(leader)
        json.loads(process.communicate()[0])
        self.assertEqual(process.returncode, 0)
        self.assertRegex(shown, rb"[KMG]i?B/s.* left")


if __name__ == "__main__":
    unittest.main()
