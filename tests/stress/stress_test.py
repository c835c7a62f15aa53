#!/usr/bin/env python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""tools/stress counts right, keeps what failed, and stops what hangs."""

import os
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
STRESS = os.path.join(HERE, "../../tools/stress")

# Fails in every third run; the count is a file's length.
EVERY_THIRD = """
printf x >> "$0.count"
n=$(wc -c < "$0.count")
echo "this is run $n"
[ $((n % 3)) != 0 ]
"""


class StressTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.keep = os.path.join(self.folder.name, "keep")

    def script(self, text):
        path = os.path.join(self.folder.name, "program")
        with open(path, "w") as f:
            f.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return path

    def stress(self, *args):
        return subprocess.run(
            ["python3", STRESS, "--keep=" + self.keep, *args],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=200)

    def logs(self):
        texts = []
        for name in sorted(os.listdir(self.keep)):
            with open(os.path.join(self.keep, name)) as f:
                texts.append(f.read())
        return texts

    def test_keeps_failures_only(self):
        done = self.stress("--runs=9", "--jobs=1", self.script(EVERY_THIRD))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("9 runs so far, 3 failures", done.stdout)
        self.assertEqual([t.split("\n")[0] for t in self.logs()],
                         [f"this is run {n}" for n in (3, 6, 9)])

    def test_until_fail(self):
        done = self.stress("--until-fail", "--jobs=1",
                           self.script(EVERY_THIRD))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("3 runs so far, 1 failures", done.stdout)

    def test_success_says_how_much_it_means(self):
        done = self.stress("--runs=12", self.script("exit 0\n"))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("12 runs so far, 0 failures", done.stdout)
        self.assertIn("less often than 1 in 4", done.stdout)
        self.assertEqual(self.logs(), [])

    def test_stops_what_hangs(self):
        hangs = "trap 'echo asked; exit 3' QUIT\n" + \
                "while :; do sleep 0.1; done\n"
        done = self.stress("--runs=1", "--timeout=4", self.script(hangs))
        self.assertEqual(done.returncode, 1, done.stdout)
        (log,) = self.logs()
        self.assertIn("asked", log)
        self.assertIn("not done after 4 s", log)

    # A short stress of the real thing: what parks and wakes most.
    def test_of_hot_tests(self):
        for name in ("chan/chan_test", "sync/mutex_test",
                     "runtime/timers_test"):
            program = os.path.join(HERE, "../..", name)
            done = self.stress("--runs=8", "--jobs=4", "--timeout=120",
                               program)
            self.assertEqual(done.returncode, 0,
                             done.stdout + "\n".join(self.logs()))


if __name__ == "__main__":
    unittest.main()
