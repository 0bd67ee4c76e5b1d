#!/usr/bin/env python3
"""explain has its own words for every E-code, on stdout, and E03 for all
others."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ncli

CODES = [f"E{number:02}" for number in range(61)]


class Explain(ncli.NcliTest):
    def explain(self, code):
        return self.run_ncli("explain", "--error-code", code)

    def test_every_code(self):
        texts = set()
        for code in CODES:
            with self.subTest(code=code):
                result = self.explain(code)
                self.assertEqual((result.status, result.stderr), (0, ""))
                text = result.stdout.decode()
                self.assertTrue(text.endswith("\n"))
                self.assertIn(code, text.splitlines()[0])
                self.assertGreater(len(text.split()), 25)
                self.assertNotRegex(text, r"TODO|FIXME|\bexample\.com\b")
                texts.add(text.replace(code, ""))
        self.assertEqual(len(texts), len(CODES))

    def test_equals_sign(self):
        result = self.run_ncli("explain", "--error-code=E19")
        self.assertEqual(result.stdout, self.explain("E19").stdout)

    def test_unknown_codes(self):
        for code in ("E61", "E99", "E1", "E019", "19", "x", "E-1", "E 19",
                     "E19 ", "E\u0661\u0669", "E18446744073709551635"):
            with self.subTest(code=code):
                result = self.explain(code)
                self.assert_error(result, "E03", code)

    def test_usage(self):
        for arguments in ((), ("--error-code",), ("E19",),
                          ("--error-code", "E19", "E20")):
            with self.subTest(arguments=arguments):
                result = self.run_ncli("explain", *arguments)
                self.assertEqual(result.status, 2, result.stderr)
                self.assertEqual(result.stdout, b"")


if __name__ == "__main__":
    unittest.main()
