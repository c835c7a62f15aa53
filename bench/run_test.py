#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""run.py runs every workload, tiny."""

import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
# Not the real path: beside the links to the sources lie the built programs.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import run  # noqa: E402
import workloads  # noqa: E402

TINY = """--rounds 1 --seconds 0.2 --warmup 0.1 --hogs 20 --hog-ms 2
          --goroutines 200 --connections 200 --quiet 0.5 --stable 0.2
          --small-seconds 0.01 --at-once 1000 --sleepers 100
          --parked 1000 --many 100 --most 200""".split()


def rows(text):
    """{first column: the others} of all tables."""
    cells = [[c.strip() for c in line.strip("|").split("|")]
             for line in text.splitlines() if line.startswith("| ")]
    return {c[0]: c[1:] for c in cells if c[0]}


class TheCommand(unittest.TestCase):
    def run_it(self, *arguments):
        done = subprocess.run(
            [sys.executable, os.path.join(HERE, "run.py"), *arguments],
            stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout

    def test_every_workload(self):
        status, out = self.run_it(
            "--bin", os.environ.get("BENCH_BIN", HERE), *TINY)
        self.assertEqual(status, 0, out)
        for name in workloads.WORKLOADS:
            self.assertIn(f"## {name}\n", out)
        table = rows(out)
        for row in ("a switch, 1w: time", "a round trip, 2w: time",
                    "4 to 4, an item, 2w: time", "by 1,000, each, 1w: time",
                    "1,000 at once, each, 2w: time",
                    "1,000 leaves, 1w: time", "nobody else, 1w: time",
                    "10 goroutines, a yield inside, 1w: time",
                    "one of two, 1w: time",
                    "1,000 goroutines, 1w: late, p99",
                    "64 connections, 64 B, 2w: requests",
                    "100 connections, 64 B, 1w: requests",
                    "200 connections, 64 B, 2w: requests",
                    "8 connections, 64 KiB, 1w: echoed",
                    "64 at once, 2w: connections",
                    "200 connections: resident, over the limit's",
                    "200 connections: system calls",
                    "256 connections, 1w: requests",
                    "burn, 1w: p99", "burn, 2w: p99", "usleep, 1w: p99",
                    "usleep, 2w: p99", "20 x 2 ms, 2w: wall",
                    "20 x 2 ms, 2w: threads",
                    "200 goroutines, 100 KiB each: peak",
                    "200 connections: after", "1,000 parked, 1w: create",
                    "64 B, 1w: a message, 64 at once"):
            self.assertTrue(any(c[:1].isdigit() for c in table[row][1:]), row)

    def test_no_such_workload(self):
        for arguments in (["nonsense"], ["--but", "nonsense"]):
            status, _ = self.run_it(*arguments)
            self.assertEqual(status, 2)

    def test_all_but_some(self):
        self.assertEqual(run.parse(["--but", "hogs", "spike"]).workload,
                         [name for name in workloads.WORKLOADS
                          if name not in ("hogs", "spike")])
        self.assertEqual(run.parse(["hog", "hogs", "--but", "hogs"]).workload,
                         ["hog"])


if __name__ == "__main__":
    unittest.main()
