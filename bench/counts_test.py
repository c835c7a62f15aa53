#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Instructions of the hot paths are what README.md says, within 3 %.

    bazel test //bench:counts_test
    bazel run //bench:counts_test -- --update        # writes README.md

counts.cc runs under valgrind's callgrind, n times and 2 n times: the
difference is without the start. Only instructions of this process count, the
kernel's do not. The table is of one compiler; built by another, or without
optimisation, there is nothing to compare with.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import report  # noqa: E402

BAND = 0.03
N = 20000
# {workload of counts.cc: what one of it is}
PATHS = {
    "switch": "`Gosched`, and on in another goroutine",
    "pingpong": "a value sent, received and sent back, unbuffered",
    "buffered": "an item through a channel of 128",
    "spawn": "`go`, and the end of the goroutine",
    "select": "a receive from one of two channels, and the send",
    "read": "a `Write`, and the `Read` that was parked",
}
ROW = re.compile(r"^\| (\w+) \| .* \| ([\d,]+) \|$", re.M)
BUILD = re.compile(r"^Compiler: (.*)\.$", re.M)


def counted(workload, n):
    """(build, instructions) of a run."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind",
             f"--callgrind-out-file={folder}/out",
             f"--log-file={folder}/log", os.path.join(HERE, "counts"),
             f"-workload={workload}", f"-n={n}"],
            env={**os.environ, "PARKOUR_FLIGHT": "off"},
            stdout=subprocess.PIPE, text=True, check=False, timeout=300)
        with open(f"{folder}/log", encoding="utf-8") as f:
            log = f.read()
    total = re.search(r"Collected : (\d+)", log)
    if done.returncode != 0 or not total:
        raise RuntimeError(f"{workload}: exit status {done.returncode}\n{log}")
    return done.stdout.strip().partition("=")[2], int(total.group(1))


def build():
    """What it was built with: "gcc 12.2.0"."""
    return counted("switch", 2)[0]


def per_unit(workload):
    return (counted(workload, 2 * N)[1] - counted(workload, N)[1]) / N


def read_table(readme):
    """(build, {workload: instructions}) of README.md."""
    table = readme.partition("<!-- begin counts -->")[2]
    table = table.partition("<!-- end counts -->")[0]
    compiler = BUILD.search(table)
    return (compiler.group(1) if compiler else "",
            {name: int(count.replace(",", ""))
             for name, count in ROW.findall(table)})


def write_table(compiler, counts):
    lines = ["| | one of it | instructions |", "|---|---|---|"]
    lines += [f"| {name} | {PATHS[name]} | {counts[name]:,.0f} |"
              for name in PATHS]
    return f"Compiler: {compiler}.\n\n" + "\n".join(lines) + "\n"


def verdict(name, was, now):
    """What is wrong; "" if nothing is."""
    if abs(now - was) <= BAND * was:
        return ""
    return (f"{name}: {now:,.0f} instructions, {now / was - 1:+.1%}; the table "
            f"in bench/README.md says {was:,}. If that is meant: "
            "bazel run //bench:counts_test -- --update")


class Counts(unittest.TestCase):
    def test_the_hot_paths(self):
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as f:
            compiler, table = read_table(f.read())
        self.assertEqual(list(table), list(PATHS))
        here = build()
        if here != compiler:
            self.skipTest(f"built with {here}; the table is of {compiler}")
        for name, was in table.items():
            now = per_unit(name)
            print(f"{name}: {now:,.1f} instructions, {now / was - 1:+.2%}")
            with self.subTest(name):
                self.assertEqual(verdict(name, was, now), "")


class Tables(unittest.TestCase):
    def test_what_is_written_is_read(self):
        counts = {name: 1000 + i for i, name in enumerate(PATHS)}
        text = "<!-- begin counts -->\n<!-- end counts -->"
        text = report.update(text, "counts", write_table("gcc 1", counts))
        self.assertEqual(read_table(text), ("gcc 1", counts))

    def test_three_percent(self):
        self.assertEqual(verdict("x", 1000, 1030), "")
        self.assertEqual(verdict("x", 1000, 970), "")
        self.assertIn("+3.1%", verdict("x", 1000, 1031))
        self.assertIn("-3.1%", verdict("x", 1000, 969))


def update():
    path = os.path.join(
        os.environ.get("BUILD_WORKSPACE_DIRECTORY", os.path.dirname(HERE)),
        "bench", "README.md")
    compiler = build()
    if not compiler.startswith("gcc"):
        sys.exit(f"built with {compiler}: the table is of gcc, optimised")
    table = write_table(compiler, {name: per_unit(name) for name in PATHS})
    with open(path, encoding="utf-8") as f:
        readme = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(report.update(readme, "counts", table))
    print(table, end="")


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        unittest.main()
