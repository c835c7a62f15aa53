#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of docs/DEBUGGING.md that begin with parktrace."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
PARKTRACE = SIMULATE = ""


class DocumentsTest(unittest.TestCase):
    def test_the_commands_work(self):
        path = os.path.join(HERE, "../../docs/DEBUGGING.md")
        with open(path, encoding="utf-8") as f:
            commands = re.findall(r"^    (parktrace .*)$", f.read(), re.M)
        self.assertGreaterEqual(len(commands), 5)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([SIMULATE + " 3000 > x.trace"], shell=True,
                           cwd=folder, check=True)
            env = {"PATH": os.path.dirname(PARKTRACE) + ":/usr/bin:/bin"}
            for command in commands:
                result = subprocess.run(
                    ["bash", "-c", command], cwd=folder, env=env, check=False,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertEqual((result.returncode, result.stderr), (0, b""),
                                 command)
            for name in ("x.html", "x.pftrace", "x.json"):
                size = os.path.getsize(os.path.join(folder, name))
                self.assertGreater(size, 10000)


if __name__ == "__main__":
    PARKTRACE, SIMULATE = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
