#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The command parktrace, as a user runs it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

PARKTRACE = SIMULATE = ""


def run(*args, data=None):
    return subprocess.run([PARKTRACE, *args], input=data, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class CommandTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.file = os.path.join(cls.folder.name, "x.trace")
        cls.bytes = subprocess.run([SIMULATE, "5000", "50", "3"], check=True,
                                   stdout=subprocess.PIPE).stdout
        with open(cls.file, "wb") as f:
            f.write(cls.bytes)

    def succeed(self, *args, **more):
        result = run(*args, **more)
        self.assertEqual(result.stderr, b"")
        self.assertEqual(result.returncode, 0)
        return result.stdout.decode()

    def test_check(self):
        out = self.succeed("check", self.file)
        self.assertIn("x.trace: ok: 5000 events in 1 generation", out)
        self.assertIn("-: ok:", self.succeed("check", "-", data=self.bytes))

    def test_check_of_a_broken_file(self):
        cut = run("check", "-", data=self.bytes[:-1])
        self.assertEqual(cut.returncode, 1)
        self.assertRegex(cut.stderr.decode(),
                         r"byte \d+: the file ends in a batch: .*; without the "
                         r"rest, generation 1: failed to advance")
        other = run("check", "-", data=b"\x7fELF")
        self.assertEqual(other.returncode, 1)
        self.assertIn(b"not an execution trace", other.stderr)

    def test_strict_and_gos_rules(self):
        # Worked by hand: two goroutines running on thread 1.
        data = (b"go 1.23 trace\0\0\0" b"\1\1\0\1\2\x08\1"
                b"\1\1\1\1\x0e" b"\x0d\0\0\1" b"\x19\0\1\1\2" b"\x19\0\2\1\2")
        self.assertEqual(run("check", "-", data=data).returncode, 1)
        self.assertEqual(run("check", "--go", "-", data=data).returncode, 0)

    def test_summary(self):
        out = self.succeed("summary", "--rows=3", self.file)
        for heading in ("Processors", "Goroutines by what they run",
                        "Waiting, by reason", "Longest waits for a processor"):
            self.assertIn("\n" + heading + "\n", out)
        self.assertIn("  and 2 more", out)

    def test_summary_as_json(self):
        facts = json.loads(self.succeed("summary", "--json", self.file))
        self.assertEqual(facts["events"], 5000)
        counts = facts["counts"]
        self.assertEqual(counts["procs"], 3)
        self.assertEqual(
            counts["spans"],
            sum(counts[s + "_spans"]
                for s in ("running", "runnable", "syscall", "waiting")))
        self.assertEqual(sum(facts["functions"].values()),
                         counts["goroutines"])

    def test_a_cut_file_is_shown_as_far_as_it_goes(self):
        # The last batch is all that a thread did last.
        result = run("summary", "-", data=self.bytes + b"\1\1")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"the file ends in the header of a batch", result.stderr)
        self.assertIn(b"going on with what comes before", result.stderr)
        self.assertIn(b"5000 events", result.stdout)

    def test_chrome(self):
        trace = json.loads(self.succeed("chrome", self.file))
        facts = json.loads(self.succeed("summary", "--json", self.file))
        begins, ends, last = {}, {}, {}
        slices = [e for e in trace["traceEvents"] if e["ph"] == "X"]
        runtime = [e for e in slices if e["pid"] == 4]
        counts = facts["counts"]
        self.assertEqual(len(slices) - len(runtime),
                         counts["spans"] + counts["slices"])
        for e in sorted(slices, key=lambda e: e["ts"]):
            row = e["pid"], e["tid"]
            # Thousandths of microseconds, as whole numbers.
            begin = round(e["ts"] * 1000)
            self.assertGreaterEqual(begin, last.get(row, 0), "slices overlap")
            last[row] = begin + round(e["dur"] * 1000)
            if "sf" in e:
                self.assertIn(e["sf"], trace["stackFrames"])
        for e in trace["traceEvents"]:
            if e["ph"] == "s":
                self.assertNotIn(e["id"], begins)
                begins[e["id"]] = e
            if e["ph"] == "f":
                self.assertNotIn(e["id"], ends)
                ends[e["id"]] = e
        self.assertEqual(set(begins), set(ends))
        self.assertGreater(len(begins), counts["wakes"] / 2)
        for number, end in ends.items():
            self.assertLessEqual(begins[number]["ts"], end["ts"])
        for frame in trace["stackFrames"].values():
            if "parent" in frame:
                self.assertIn(frame["parent"], trace["stackFrames"])

    def test_perfetto(self):
        result = run("perfetto", self.file)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout[:1], b"\x0a")  # field 1: a packet

    def test_wrong_usage(self):
        for args in ([], ["check"], ["look", self.file], ["check", "--json",
                     self.file], ["summary", "--rows=0", self.file],
                     ["check", self.file, self.file], ["check", ""]):
            result = run(*args)
            self.assertEqual(result.returncode, 2, args)
            self.assertIn(b"usage: parktrace COMMAND", result.stderr)
        missing = run("check", "/nowhere")
        self.assertEqual(missing.returncode, 2)
        self.assertIn(b"cannot read /nowhere", missing.stderr)
        self.assertIn("usage: parktrace", self.succeed("help"))


if __name__ == "__main__":
    PARKTRACE, SIMULATE = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
