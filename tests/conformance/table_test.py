#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The catalogue, the table and the tests agree; disagreement is found."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import table  # noqa: E402


class TheTable(unittest.TestCase):
    sources = table.Sources.load(os.path.dirname(os.path.dirname(HERE)))

    def test_the_workspace_was_found(self):
        self.assertIn("BUILD.bazel", self.sources.files)
        self.assertGreater(len(self.sources.tests), 50)
        self.assertGreater(len(self.sources.crash_cases), 20)

    def test_is_complete(self):
        findings = [f"{p}:{n}: {m}" for p, n, m in table.check(self.sources)]
        self.assertFalse(findings, "\n" + "\n".join(findings))

    def test_is_what_the_script_writes(self):
        self.assertTrue(
            self.sources.files.get(table.README) == table.readme(self.sources),
            f"run {table.HERE}table.py: {table.README} is another one's")


TEST_FILE = "tests/conformance/sync/a_test.cc"
CRASH_FILE = "tests/crash/crash_test.cc"
BUILD = 'parkour_test(name = "a_test"), "crash_test"'
FILES = {
    TEST_FILE: "GO_TEST(A, TestOne) {\n}\nTEST_F(A,\n       TestTwo) {\n}\n"
               "TEST(A, Other) {}\n",
    "tests/conformance/sync/BUILD.bazel": BUILD,
    CRASH_FILE: '      {"dies", 2, {}},\n',
    "tests/crash/BUILD.bazel": BUILD,
}
GOOD = """\
# A comment.
section 3. sync
file src/sync/a_test.go = sync/a_test.cc
TestOne PORTABLE passes
TestTwo PARTLY differs: another order
TestThree PORTABLE passes [crash:dies, tests/conformance/sync/a_test.cc:A.Other]
TestFour NO not-applicable: there is none
"""


def find(catalogue, files=None):
    sources = table.Sources({**(files or FILES), table.CATALOGUE: catalogue})
    return [message for _, _, message in table.check(sources)]


class Findings(unittest.TestCase):
    def expect(self, words, old, new, files=None):
        self.assertIn(old, GOOD)
        findings = find(GOOD.replace(old, new), files)
        self.assertEqual(len(findings), 1, findings)
        self.assertIn(words, findings[0])

    def test_good(self):
        self.assertEqual(find(GOOD), [])

    def test_claims(self):
        self.expect("there is no test", "TestFour NO not-applicable: there",
                    "TestFour NO passes: there")
        self.expect("A.Gone does not exist", "A.Other", "A.Gone")
        self.expect("crash:lives does not exist", "dies", "lives")
        self.expect("but there is a test", "differs: another",
                    "not-applicable: another")

    def test_what_is_missing(self):
        self.expect("A.TestOne is not in", "TestOne PORTABLE passes\n", "")
        self.expect("without a reason", ": there is none", "")
        self.expect("without a reason", ": another order", "")
        self.expect("state perhaps?", "NO not-applicable", "NO perhaps")
        self.expect("mark MAYBE?", "NO not-applicable", "MAYBE not-applicable")
        self.expect("no entry", "TestFour NO not-applicable: there is none",
                    "TestFour NO")
        self.expect("again", "TestFour", "TestOne PORTABLE passes\nTestFour")

    def test_where_entries_belong(self):
        self.assertIn("before the first section", find("TestX NO passes")[0])
        self.assertIn("before the first file",
                      find("section 1\nTestX NO passes")[0])

    def test_a_file_that_nobody_builds(self):
        files = {**FILES, "tests/conformance/sync/BUILD.bazel": ""}
        self.assertEqual(find(GOOD, files), ["is in no target"])


class Readme(unittest.TestCase):
    def test_rows(self):
        sources = table.Sources({**FILES, table.CATALOGUE: GOOD})
        rows = table.readme(sources).splitlines()
        for row in (
                "| 3. sync | 4 | 2 | 1 | 1 |",
                "| all | 4 | 2 | 1 | 1 |",
                "### src/sync/a_test.go",
                "| `TestOne` | PORTABLE | passes | `sync:a_test` `A.TestOne` |",
                "| `TestTwo` | PARTLY | differs | `sync:a_test` `A.TestTwo`; "
                "another order |",
                "| `TestThree` | PORTABLE | passes | "
                "`//tests/crash:crash_test` case `dies`, `sync:a_test` "
                "`A.Other` |",
                "| `TestFour` | NO | not applicable | there is none |"):
            self.assertIn(row, rows)


if __name__ == "__main__":
    unittest.main()
