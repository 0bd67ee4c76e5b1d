#!/usr/bin/env python3
"""Help, version and usage errors: texts, streams and exit statuses, also under
the name nitro-cli."""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ncli

SUBCOMMANDS = {
    "build-enclave": ("--docker-uri", "--docker-dir", "--output-file", "--name",
                      "--version", "--metadata", "--platform", "--blobs-path",
                      "--kernel", "--kernel-config", "--cmdline", "--init",
                      "--nsm", "--build-time", "--command", "--max-size"),
    "describe-eif": ("--eif-path", "--verbose", "--strict", "--expect-pcrs"),
    "pcr": ("--input", "--signing-certificate"),
    "explain": ("--error-code",),
}


class Usage(ncli.NcliTest):
    def test_no_argument(self):
        result = self.run_ncli()
        self.assertEqual((result.status, result.stdout), (2, b""))
        for name in SUBCOMMANDS:
            self.assertIn(name, result.stderr)

    def test_help(self):
        for arguments in (("--help",), ("-h",), ("help",)):
            with self.subTest(arguments=arguments):
                result = self.run_ncli(*arguments)
                self.assertEqual((result.status, result.stderr), (0, ""))
                for name in SUBCOMMANDS:
                    self.assertIn(name, result.stdout.decode())

    def test_help_of_each_subcommand(self):
        for name, options in SUBCOMMANDS.items():
            for arguments in ((name, "--help"), (name, "-h"), ("help", name)):
                with self.subTest(arguments=arguments):
                    result = self.run_ncli(*arguments)
                    self.assertEqual((result.status, result.stderr), (0, ""))
                    words = re.findall(r"--[a-z-]+", result.stdout.decode())
                    self.assertLessEqual(set(options), set(words))

    def test_help_of_nothing(self):
        result = self.run_ncli("help", "no-such-subcommand")
        self.assertEqual((result.status, result.stdout), (2, b""))

    def test_version(self):
        for option in ("--version", "-V"):
            result = self.run_ncli(option)
            self.assertEqual((result.status, result.stderr), (0, ""))
            self.assertRegex(
                result.stdout.decode(),
                r"\Ancli \d+\.\d+\.\d+ \(nitro-cli 1\.5\.0 compatible\)\n\Z")

    def test_called_as_nitro_cli(self):
        for name in ("nitro-cli", "/usr/bin/nitro-cli", "./nitro-cli"):
            with self.subTest(argv0=name):
                result = self.run_ncli("--version", argv0=name)
                self.assertEqual(result.status, 0)
                self.assertEqual(result.stdout, b"Nitro CLI 1.5.0\n")
                result = self.run_ncli("explain", "--error-code", "E19",
                                       argv0=name)
                self.assertEqual(result.status, 0)

    def test_usage_errors(self):
        for arguments in (
                ("no-such-subcommand",), ("--no-such-option",), ("-x",), ("",),
                ("build-enclave",), ("build-enclave", "--docker-uri", "x"),
                ("build-enclave", "--output-file", "x"),
                ("build-enclave", "--docker-uri"),
                ("build-enclave", "--docker-uri", "x", "--output-file", "y",
                 "--no-such-option"),
                ("build-enclave", "--docker-uri", "x", "--output-file", "y",
                 "stray"),
                ("describe-eif",), ("describe-eif", "--eif-path"),
                ("describe-eif", "--eif-path", "x", "--eif-path", "y"),
                ("describe-eif", "pcr"), ("build-enclave", "--verbose")):
            with self.subTest(arguments=arguments):
                result = self.run_ncli(*arguments)
                self.assertEqual(result.status, 2, result.stderr)
                self.assertEqual(result.stdout, b"")
                self.assertNotEqual(result.stderr.strip(), "")
                self.assertNotIn("[ E", result.stderr)

    def test_values_that_look_like_options(self):
        path = ncli.GOLDEN / "signed-p384.eif"
        result = self.run_ncli("describe-eif", f"--eif-path={path}")
        self.assertEqual(result.status, 0)
        result = self.run_ncli("pcr", "--input=--strict")
        self.assert_error(result, "E19", "--strict")

    def test_stdout_that_cannot_be_written(self):
        path = ncli.GOLDEN / "signed-p384.eif"
        for arguments in (("describe-eif", "--eif-path", path),
                          ("pcr", "--input", path), ("--help",), ("--version",),
                          ("explain", "--error-code", "E19")):
            with (self.subTest(arguments=arguments),
                  open("/dev/full", "wb") as full):
                result = self.run_ncli(*arguments, stdout=full)
                self.assertNotEqual(result.status, 0)
                self.assertNotEqual(result.stderr, "")

    def test_nothing_is_written_to_the_home_or_log_folders(self):
        """Not being able to log is never an error."""
        path = ncli.GOLDEN / "signed-p384.eif"
        for logs in ("/nonexistent/logs", "/dev/null/logs"):
            result = self.run_ncli("describe-eif", "--eif-path", path, env={
                "NITRO_CLI_LOGS_PATH": logs, "HOME": None})
            self.assertEqual((result.status, result.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
