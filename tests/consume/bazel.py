#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Builds a workspace that has Parkour as a repository, and runs its server.

The files and the command are those of docs/INSTALL.md. Bazel in a test of
Bazel's would not be what a user does, so .ci/run runs this behind the suite.
Options are Bazel's.
"""

import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

import project  # noqa: E402


def main():
    folder = tempfile.mkdtemp(prefix="parkour-consume-")
    try:
        os.symlink(ROOT, os.path.join(folder, "parkour"))
        made = project.Project(
            project.section(os.path.join(ROOT, "docs/INSTALL.md"), "Bazel"),
            os.path.join(folder, "server"),
            os.path.join(ROOT, "examples/echo/echo_server.cc"))
        bazel = f"bazel --output_base={folder}/output"
        options = " ".join(["--color=no", "--curses=no", *sys.argv[1:]])
        try:
            made.run({"bazel build": f"{bazel} build {options}"})
            project.check_echo(os.path.join(made.folder, "bazel-bin/server"))
        finally:
            subprocess.run([*bazel.split(), "shutdown"], cwd=made.folder,
                           check=False)
    finally:
        # Bazel's outputs are read-only.
        subprocess.run(["chmod", "-R", "u+w", folder], check=False)
        shutil.rmtree(folder)
    print("tests/consume/bazel.py: passed")


if __name__ == "__main__":
    main()
