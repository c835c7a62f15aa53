#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Runs every check of tidy.py over the workspace."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import tidy  # noqa: E402
from tree import Tree  # noqa: E402


class TidyTest(unittest.TestCase):
    tree = Tree.load(os.path.dirname(os.path.dirname(HERE)))

    def test_the_workspace_was_found(self):
        self.assertIn("WORKSPACE", self.tree.files)
        self.assertGreater(len(self.tree.library()), 50)


def add(check):
    def test(self):
        findings = tidy.run(self.tree, check)
        self.assertFalse(findings, "\n" + "\n".join(findings))
    setattr(TidyTest, "test_" + check, test)


for name in tidy.CHECKS:
    add(name)

if __name__ == "__main__":
    unittest.main()
