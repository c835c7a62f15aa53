# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The sources as text: what the checks of tidy.py look at."""

import os
import re

HERE = "tests/tidy/"

ROOMS = ("base", "trace", "runtime", "poll", "sysmon", "chan", "sync", "time",
         "context", "errgroup", "signal", "io", "bufio", "net", "boot")

TEXT = (".h", ".cc", ".py", ".sh", ".md", ".txt", ".bzl", ".bazel", ".BUILD",
        ".bazelrc", ".gitignore", ".clang-format")


class Tree:
    """Paths, relative to the workspace, and the texts under them."""

    def __init__(self, files, root=None):
        self.files = files  # {path: text}
        self.root = root    # None: the files are not on a disk

    @staticmethod
    def load(root):
        files = {}
        for folder, folders, names in os.walk(root):
            folders[:] = [
                f for f in folders
                if f not in (".git", "__pycache__")
                and not f.startswith("bazel-")
            ]
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path) or not Tree.is_text(path, name):
                    continue
                with open(path, encoding="utf-8") as f:
                    files[os.path.relpath(path, root)] = f.read()
        return Tree(files, root)

    @staticmethod
    def is_text(path, name):
        if name in ("WORKSPACE", "LICENSE") or name.endswith(TEXT):
            return True
        with open(path, "rb") as f:
            return f.read(2) == b"#!"

    def cpp(self):
        return self.select(lambda p: p.endswith((".h", ".cc")))

    def headers(self):
        return self.select(lambda p: p.endswith(".h"))

    def scripts(self):
        return self.select(
            lambda p: p.endswith((".py", ".sh"))
            or self.files[p].startswith("#!"))

    def markdown(self):
        return self.select(lambda p: p.endswith(".md"))

    def library(self):
        """The C++ of the rooms, without their tests."""
        return self.select(
            lambda p: p.endswith((".h", ".cc")) and not is_test(p)
            and room_of(p) in ROOMS)

    def select(self, wanted):
        return [(p, self.files[p]) for p in sorted(self.files) if wanted(p)]

    def exists(self, path):
        """Whether a file or a folder of that path is there."""
        path = os.path.normpath(path)
        if path in self.files or path == ".":
            return True
        if any(p.startswith(path + "/") for p in self.files):
            return True
        return (self.root is not None
                and os.path.exists(os.path.join(self.root, path)))

    def read_list(self, path):
        """The lines of a data file, without comments and empty ones."""
        lines = [re.sub(r"#.*", "", line).strip()
                 for line in self.files.get(path, "").splitlines()]
        return [line for line in lines if line]


def room_of(path):
    return path.split("/")[0]


def is_test(path):
    """A test, or what only tests use."""
    return (path.endswith(("_test.cc", "/testing.h", "/test_util.h"))
            or room_of(path) == "tests")


def lines_of(text):
    return enumerate(text.splitlines(), start=1)


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1
