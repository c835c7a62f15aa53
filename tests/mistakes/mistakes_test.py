#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The mistakes of docs/MISTAKES.md are answered in the words shown there.

usage: mistakes_test.py MISTAKES TRUTHS

TRUTHS is tests/truths as a debug build, which makes one of the mistakes.
Behind "`mistakes CASE`" the document shows what that says: its lines occur in
this order; numbers are any, but for the line of a place in mistakes.cc, which
has to be in the function above it; "..." is any number of lines.
"""

import os
import re
import subprocess
import sys
import threading
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MISTAKES = ""
TRUTHS = ""
SOURCES = ("mistakes.cc", "std_mutex.cc", "loop_variable_test.cc")

CASE = re.compile(r"`mistakes\s(\w+)`[^\n]*\n(?:[^\n]+\n)*\n"
                  r"((?:    [^\n]*\n|\n)+)")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def plain(text):
    """White space, numbers and addresses do not count."""
    text = re.sub(r"0x[0-9a-f]+|\d+", "#", text)
    return re.sub(r" \+#$", "", " ".join(text.split()))


def run(case):
    """What a case writes, until it ends or has said all there is."""
    env = {**os.environ, "GOTRACEBACK": "all",
           "GODEBUG": "lockholders=1", "TEST_PREMATURE_EXIT_FILE": "",
           "MAKE_MISTAKES": "1"}
    argv = [MISTAKES, case]
    if case == "std_mutex":
        argv = [TRUTHS, "--gtest_filter=Mistakes.StdMutex"]
    with subprocess.Popen(argv, text=True, env=env,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as child:
        lines = []
        # One that would say nothing, and go on, is a failure like another.
        limit = threading.Timer(120, child.kill)
        limit.start()
        for line in child.stdout:
            lines.append(line)
            # It does not end: it has to be found running.
            if case == "end_of_input" and "EndOfInput" in line:
                child.kill()
        child.wait(60)
        limit.cancel()
    return child.returncode, "".join(lines)


class MistakesTest(unittest.TestCase):
    cases = CASE.findall(read("docs/MISTAKES.md"))

    def test_they_are_all_there(self):
        self.assertEqual(len(self.cases), 9)

    def test_the_code_is_what_is_shown(self):
        def essence(text):
            return re.sub(r"\s+|FRAME", "", text)
        code = essence("".join(read("tests/mistakes/" + name)
                               for name in SOURCES))
        blocks = re.findall(r"^```c\+\+\n(.*?)^```", read("docs/MISTAKES.md"),
                            re.M | re.S)
        self.assertEqual(len(blocks), 9)
        for block in blocks:
            self.assertIn(essence(block), code)

    def check(self, case, shown):
        status, said = run(case)
        lines = [plain(line) for line in said.splitlines()]
        at = 0
        for want in filter(None, map(plain, shown.splitlines())):
            if want == "...":
                continue
            found = [i for i in range(at, len(lines)) if want in lines[i]]
            self.assertTrue(found, f"{case}: {want}\nis not said by\n{said}")
            at = found[0] + 1
        self.assertNotEqual(status, 0, said)

    def test_what_is_said(self):
        for case, shown in self.cases:
            with self.subTest(case):
                self.check(case, shown)

    def test_the_places(self):
        """The lines shown are those of the sources."""
        places = re.findall(r"tests/mistakes/(\w+\.cc):(\d+)",
                            read("docs/MISTAKES.md"))
        wanted = ("second(to)", "for (int n", "results.Send",
                  "connections.Wait", "char copy", "conn.Read",
                  "answers.Send", "answers.Send", "out.Send(1)", "out.Send(i)")
        self.assertEqual(len(places), len(wanted))
        for (name, line), want in zip(places, wanted):
            lines = read("tests/mistakes/" + name).splitlines()
            self.assertIn(want, lines[int(line) - 1], (name, line))

    def test_what_tools_lint_says(self):
        source = "tests/mistakes/loop_variable_test.cc"
        said = subprocess.run(["tools/lint", source], cwd=ROOT, text=True,
                              stdout=subprocess.PIPE, check=False)
        self.assertEqual(said.returncode, 1, said.stdout)
        shown = [line for line in read("docs/MISTAKES.md").splitlines()
                 if line.startswith("    " + source)]
        self.assertEqual(["    " + said.stdout.rstrip("\n")], shown)
        good = subprocess.run(["tools/lint", "tests/mistakes/mistakes.cc"],
                              cwd=ROOT, text=True, stdout=subprocess.PIPE,
                              check=True)
        self.assertEqual(good.stdout, "")


if __name__ == "__main__":
    MISTAKES, TRUTHS = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
