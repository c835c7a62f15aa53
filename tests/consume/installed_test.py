#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Programs built with CMake and pkg-config against an installed Parkour.

The project's files and the commands are those of docs/INSTALL.md.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
# The runfiles' folder, where the test finds itself.
ROOT = os.getcwd()
sys.path.insert(0, os.path.join(ROOT, "tests/consume"))

import project  # noqa: E402

DOCUMENT = os.path.join(ROOT, "docs/INSTALL.md")
ECHO = os.path.join(ROOT, "examples/echo/echo_server.cc")
# Three tests with room testing.
TEST = os.path.join(ROOT, "tests/headers/testing_test.cc")
# Has no parkour::Main, by which the linker would find everything.
LIBRARY_USER = os.path.join(ROOT, "examples/embedding/embedding.cc")
PREFIX = "/opt/parkour"


@contextlib.contextmanager
def running(argv):
    """A program that does not outlive a failure."""
    with subprocess.Popen(argv, text=True, stdout=subprocess.PIPE) as program:
        try:
            yield program
        finally:
            program.kill()


def thread_names(pid):
    folder = f"/proc/{pid}/task"
    names = []
    for thread in os.listdir(folder):
        with open(f"{folder}/{thread}/comm", encoding="utf-8") as f:
            names.append(f.read().strip())
    return names


class InstalledTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"])
        self.prefix = os.path.join(self.folder, "a place")
        shutil.copytree(os.path.join(ROOT, "dist"), self.prefix)

    def make(self, title, source):
        text = project.section(DOCUMENT, title)
        return project.Project(text, os.path.join(self.folder, "server"),
                               source)

    def test_cmake(self):
        made = self.make("CMake", ECHO)
        made.run({f"={PREFIX}": f"='{self.prefix}'"})
        project.check_echo(os.path.join(made.folder, "build/server"))

    def test_cmake_of_a_test(self):
        made = self.make("CMake", ECHO)
        shutil.copy(TEST, os.path.join(made.folder, "server_test.cc"))
        with open(os.path.join(made.folder, "CMakeLists.txt"), "a",
                  encoding="utf-8") as f:
            f.write("include(tests.cmake)\n")
        made.run({f"={PREFIX}": f"='{self.prefix}'",
                  "--build build": "--build build --target server_test"})
        test = os.path.join(made.folder, "build/server_test")
        out = subprocess.run([test], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        self.assertIn("[  PASSED  ] 3 tests.", out)

    def test_pkg_config_of_a_test(self):
        plain = os.path.join(self.folder, "plain")
        os.rename(self.prefix, plain)
        script = ("g++ -O0 {} $(pkg-config --cflags --libs parkour_testing) "
                  "-lgtest_main -lgtest -o test && ./test").format(TEST)
        subprocess.run(["bash", "-c", script], cwd=self.folder, check=True,
                       env={**os.environ,
                            "PKG_CONFIG_PATH": plain + "/lib/pkgconfig"})

    def test_pkg_config(self):
        made = self.make("pkg-config", LIBRARY_USER)
        # The compiler's line has no quotes, as nobody's has.
        plain = os.path.join(self.folder, "plain")
        os.rename(self.prefix, plain)
        made.run({f"={PREFIX}": f"={plain}"})
        program = os.path.join(made.folder, "server")
        with running([program, "127.0.0.1:0"]) as server:
            port = server.stdout.readline().rsplit(":", 1)[1].strip()
            # The whole of the runtime, without anybody's naming boot. A thread
            # gives itself its name, a moment after it was made.
            until = time.monotonic() + 60
            while ("parkour-sysmon" not in thread_names(server.pid)
                   and time.monotonic() < until):
                time.sleep(0.01)
            self.assertIn("parkour-sysmon", thread_names(server.pid))
            answer = subprocess.run(["nc", "-N", "127.0.0.1", port],
                                    input="2 3\nend\n", text=True, check=True,
                                    stdout=subprocess.PIPE, timeout=60).stdout
            self.assertEqual(answer, "6\n")
            self.assertEqual(server.wait(60), 0)

    def test_a_later_version_is_not_there(self):
        made = self.make("CMake", ECHO)
        lists = os.path.join(made.folder, "CMakeLists.txt")
        with open(lists, encoding="utf-8") as f:
            text = f.read()
        with open(lists, "w", encoding="utf-8") as f:
            f.write(text.replace("parkour 0.1", "parkour 99"))
        with self.assertRaises(subprocess.CalledProcessError):
            made.run({f"={PREFIX}": f"='{self.prefix}'"})


if __name__ == "__main__":
    unittest.main()
