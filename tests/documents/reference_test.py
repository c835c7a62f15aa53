#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""tools/docs makes the API reference, and Doxygen warns of nothing."""

import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))


def convert(text):
    folder = os.path.join(ROOT, "tools/doxygen")
    path = os.path.join(os.environ["TEST_TMPDIR"], "sample.h")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return subprocess.run([os.path.join(folder, "filter.py"), path],
                          check=True, text=True,
                          stdout=subprocess.PIPE).stdout


class ReferenceTest(unittest.TestCase):
    def test_the_reference(self):
        folder = os.path.join(os.environ["TEST_TMPDIR"], "reference")
        made = subprocess.run([os.path.join(ROOT, "tools/docs"), folder],
                              check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(made.returncode, 0, made.stdout)
        with open(os.path.join(folder, "classparkour_1_1Chan.html"),
                  encoding="utf-8") as f:
            page = f.read()
        # A comment of chan.h's has become documentation.
        self.assertIn("returns when a receiver has it or the buffer does",
                      page)

    def test_the_filter(self):
        out = convert("// Licence.\n// Identifier.\n//\n"
                      "// sample.h: a Chan<int> at 50 %.\n//\n"
                      "//   Chan<int> ch;\n//   ch.Send(1);\n//\n// More.\n"
                      "\n#define X\n\n// Sends it.\nvoid Send();\n")
        self.assertIn("/// @file sample.h\n", out)
        self.assertIn("/// sample.h: a Chan\\<int\\> at 50 \\%.\n", out)
        self.assertIn("/// @verbatim   Chan<int> ch;\n", out)
        self.assertIn("///   ch.Send(1); @endverbatim\n", out)
        self.assertIn("/// Sends it.\nvoid Send();\n", out)


if __name__ == "__main__":
    unittest.main()
