#!/usr/bin/env python3
"""pcr prints the PCR of a file and the PCR8 of a certificate, as one JSON
object."""

import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import eif
import ncli

CERTIFICATE = ncli.GOLDEN / "signed-p384.crt"
SIGNED = json.loads((ncli.GOLDEN / "signed-p384.json").read_text())


class Pcr(ncli.NcliTest):
    def check(self, key, value, *arguments):
        result = self.run_ncli("pcr", *arguments)
        self.assertEqual(result.status, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.stdout.decode(),
                         json.dumps({key: value}, indent=2) + "\n")

    def test_files(self):
        path = self.folder / "file"
        for data in (b"", b"x", b"line\n" * 1000, bytes(5 << 20)):
            path.write_bytes(data)
            with self.subTest(size=len(data)):
                self.check("PCR", eif.pcr(data), "--input", path)
                self.check("PCR", eif.pcr(data), f"--input={path}")

    def test_certificate(self):
        value = eif.pcr(eif.certificate_der(CERTIFICATE.read_bytes()))
        self.assertEqual(value, SIGNED["Measurements"]["PCR8"])
        self.check("PCR8", value, "--signing-certificate", CERTIFICATE)

    def test_first_certificate_of_a_chain_counts(self):
        pem, chain = CERTIFICATE.read_bytes(), self.folder / "chain.pem"
        chain.write_bytes(b"Subject: whoever\n\n" + pem + b"\n" + pem)
        self.check("PCR8", SIGNED["Measurements"]["PCR8"],
                   "--signing-certificate", chain)

    def test_files_that_cannot_be_read(self):
        for path in (self.folder / "missing", self.folder, "", "x/" * 2100):
            with self.subTest(path=str(path)[:40]):
                result = self.run_ncli("pcr", "--input", path)
                if path == "" and result.status == 2:
                    continue
                self.assert_error(result, "E19", str(path)[:40])
        result = self.run_ncli("pcr", "--signing-certificate",
                               self.folder / "missing")
        self.assertIn(result.status, (19, 57), result.stderr)
        self.assertIn(str(self.folder / "missing"), result.stderr)

    def test_bad_certificates(self):
        path, pem = self.folder / "bad.pem", CERTIFICATE.read_text()
        body = pem.splitlines()
        for text in ("", "text", pem[:200], pem.replace("M", "!", 5),
                     pem.replace("CERTIFICATE", "PRIVATE KEY"),
                     "\n".join([body[0], "AAAA", body[-1]]),
                     pem.replace("-----END", "---END")):
            path.write_text(text)
            with self.subTest(text=text[:60]):
                result = self.run_ncli("pcr", "--signing-certificate", path)
                self.assert_error(result, "E57", str(path))

    def test_usage(self):
        path = self.folder / "file"
        path.touch()
        for arguments in ((), ("--input",), ("--signing-certificate",),
                          ("--input", path, "--signing-certificate",
                           CERTIFICATE),
                          ("--unknown", path), (path,)):
            with self.subTest(arguments=arguments):
                result = self.run_ncli("pcr", *arguments)
                self.assertEqual(result.status, 2, result.stderr)
                self.assertEqual(result.stdout, b"")
                self.assertNotEqual(result.stderr, "")

    def test_fifo_is_read_or_refused_but_not_waited_for(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        writer = os.open(fifo, os.O_RDWR)
        self.addCleanup(os.close, writer)
        result = self.run_ncli("pcr", "--input", fifo, timeout=10)
        self.assert_error(result, "E19", str(fifo))

    @unittest.skipIf(ncli.sanitized(), "a sanitizer takes memory of its own")
    def test_memory_is_bounded(self):
        path = self.folder / "large"
        with open(path, "wb") as sink:
            sink.truncate(512 << 20)
        result = self.run_ncli("pcr", "--input", path)
        self.assertEqual(result.status, 0, result.stderr)
        self.assertLess(result.peak, 64 << 10)


if __name__ == "__main__":
    unittest.main()
