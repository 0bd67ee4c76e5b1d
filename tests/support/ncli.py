"""Runs the ncli under test, and the assertions that every e2e test shares."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import cpio
import eif
import initrd_model

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden"
BLOBS = GOLDEN / "blobs"
NCLI = os.environ.get("NCLI", str(ROOT / "build/release/ncli"))
MEASURE = str(pathlib.Path(__file__).with_name("measure.py"))
DETAILS = ("For more details, please visit https://docs.aws.amazon.com/"
           "enclaves/latest/user/cli-errors.html#")


@dataclasses.dataclass
class Result:
    status: int                # exit status, or minus the signal
    stdout: bytes
    stderr: str
    seconds: float
    peak: int                  # KiB


def sanitized():
    """Whether the ncli under test carries a sanitizer's runtime."""
    with contextlib.suppress(OSError), open(NCLI, "rb") as binary:
        return re.search(b"__[at]san_init", binary.read()) is not None
    return False


def environment(folder, **changes):
    """What ncli sees: nothing of the caller's but PATH."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder),
           "TMPDIR": str(folder), "NITRO_CLI_LOGS_PATH": f"{folder}/logs",
           "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
           "UBSAN_OPTIONS": os.environ.get("UBSAN_OPTIONS", ""),
           "TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", "")}
    env.update(changes)
    return {key: str(value) for key, value in env.items() if value is not None}


LIMIT = 600 if sanitized() else 120     # seconds that no run may take


def run(*arguments, argv0="ncli", timeout=LIMIT, env=None, **options):
    """One run to its end, or killed (status -9) after `timeout` seconds."""
    with tempfile.NamedTemporaryFile() as report:
        command = [sys.executable, "-S", "-E", MEASURE, report.name, argv0,
                   NCLI, *map(os.fspath, arguments)]
        start = time.monotonic()
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE, start_new_session=True, **options)
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
        seconds = time.monotonic() - start
        status, peak = map(int, (report.read() or b"9 0").split())
    return Result(os.waitstatus_to_exitcode(status), stdout or b"",
                  stderr.decode("utf-8", "replace"), seconds, peak)


class NcliTest(unittest.TestCase):
    """A folder for each test; TMPDIR is another, empty again at the end."""
    maxDiff = None

    def setUp(self):
        self.assertTrue(os.access(NCLI, os.X_OK), f"no ncli at {NCLI}")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ncli-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.spool = self.folder / "tmp"
        self.spool.mkdir()
        self.output = self.folder / "out.eif"

    def tearDown(self):
        left = [name for name in os.listdir(self.spool) if name != "logs"]
        self.assertEqual(left, [], "files left in TMPDIR")

    def run_ncli(self, *arguments, env=None, **options):
        result = run(*arguments, env=environment(self.spool, **(env or {})),
                     **options)
        self.assertGreaterEqual(result.status, 0, "ended by a signal or "
                                f"{result.seconds:.0f} s: {result.stderr}")
        self.assertNotIn("Sanitizer", result.stderr)
        return result

    def try_build(self, uri, *arguments, output=None, blobs=BLOBS, **options):
        where = ["--blobs-path", blobs] if blobs else []
        return self.run_ncli("build-enclave", "--docker-uri", uri,
                             "--output-file", output or self.output,
                             *where, *arguments, **options)

    def build(self, uri, *arguments, output=None, **options):
        """Builds; returns (Result, Eif read back), both checked to agree."""
        path = output or self.output
        result = self.try_build(uri, *arguments, output=path, **options)
        self.assertEqual(result.status, 0, result.stderr)
        image = eif.read_file(path)
        self.assertTrue(image.good_crc)
        printed = json.loads(result.stdout)["Measurements"]
        self.assertEqual(printed.pop("HashAlgorithm"), "Sha384 { ... }")
        self.assertEqual(printed, eif.measurements(image))
        return result, image

    def assert_model(self, uri, image, *arguments, **options):
        """Builds `uri`; its customer initrd is the model's of `image`
        (images.Image). Returns the Result."""
        result, built = self.build(uri, *arguments, **options)
        wanted = initrd_model.customer_initrd(image.tars(), image.config)
        found = built.of(eif.RAMDISK)[1]
        if found != wanted:
            self.assertEqual(cpio.parse(found), cpio.parse(wanted))
        self.assertEqual(found, wanted)
        return result

    def assert_error(self, result, code, *words):
        """The run failed with E-code `code`, named once on stderr with the
        link; the message holds `words`; no output file, nothing on stdout."""
        self.assertEqual(result.status, int(code[1:]), result.stderr)
        self.assertEqual(result.stdout, b"")
        self.assertEqual(re.findall(r"^\[ (E\d\d) \] \S", result.stderr, re.M),
                         [code], result.stderr)
        self.assertIn(f"\n\n{DETAILS}{code}", result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assert_no_output()

    def assert_no_output(self):
        left = [name for name in os.listdir(self.folder)
                if name.startswith((".out.eif", "out.eif"))]
        self.assertEqual(left, [], "an output file that should not be")
