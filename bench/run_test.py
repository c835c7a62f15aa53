#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""run.py runs every workload, tiny; its tables say what was measured."""

import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
# Not the real path: beside the links to the sources lie the built programs.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import report  # noqa: E402
import workloads  # noqa: E402

TINY = """--rounds 1 --seconds 0.2 --warmup 0.1 --hogs 20 --hog-ms 2
          --goroutines 200 --connections 200 --quiet 0.5 --stable 0.2
          --small-seconds 0.01 --at-once 1000 --sleepers 100
          --parked 1000""".split()


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
                    "burn, 1w: p99", "burn, 2w: p99", "usleep, 1w: p99",
                    "usleep, 2w: p99", "20 x 2 ms, 2w: wall",
                    "20 x 2 ms, 2w: threads",
                    "200 goroutines, 100 KiB each: peak",
                    "200 connections: after", "1,000 parked, 1w: create",
                    "64 B, 1w: a message, 64 at once"):
            self.assertTrue(any(c[:1].isdigit() for c in table[row][1:]), row)

    def test_no_such_workload(self):
        status, _ = self.run_it("nonsense")
        self.assertEqual(status, 2)


RATE = report.Metric("rate", "/s", at_least=1.5, name="requests")
P99 = report.Metric("p99_us", "ms", at_most=0.5, scale=1e-3)
PLAIN = report.Metric("threads", "", goal="< 100")


class Tables(unittest.TestCase):
    def result(self):
        r = report.Result("echo", (RATE, P99, PLAIN))
        for rate, p99 in ((30, 4000), (10, 6000), (20, 5000)):
            r.add("parkour", {"rate": rate, "p99_us": p99, "threads": 3})
        for rate in (10, 10, 11):
            r.add("go", {"rate": rate, "p99_us": 8000, "threads": 4})
        return r

    def test_medians_spread_ratios_and_verdicts(self):
        self.assertEqual(report.table([self.result()]), """\
| | unit | Parkour | Go | ratio | goal | |
|---|---|---|---|---|---|---|
| echo: requests | /s | 20 (10..30) | 10 (10..11) | 2.00 | >= 1.5 x Go | met |
| echo: p99_us | ms | 5 (4..6) | 8 (8..8) | 0.62 | <= 0.5 x Go | **missed** |
| echo: threads | | 3 (3..3) | 4 (4..4) | 0.75 | < 100 | |
""")

    def test_without_go_there_is_no_ratio(self):
        r = report.Result("echo", (RATE,))
        r.add("parkour", {"rate": 1234.5})
        r.add("raw", {"rate": 0.5})
        self.assertEqual(report.table([r]).splitlines()[2],
                         "| echo: requests | /s | 0.50 | 1,234 | "
                         "| >= 1.5 x Go | |")

    def test_the_readme_is_updated_where_it_says(self):
        text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n"
        new = report.update(text, "x", "new\n")
        self.assertEqual(new, text.replace("old", "new"))
        self.assertRaises(ValueError, report.update, text, "y", "new\n")

    def test_the_readme_has_a_place_for_every_workload(self):
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as f:
            readme = f.read()
        for name in workloads.WORKLOADS:
            self.assertIn("new table", report.update(readme, name,
                                                     "new table\n"))


if __name__ == "__main__":
    unittest.main()
