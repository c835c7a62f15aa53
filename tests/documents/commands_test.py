#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every command in the documents is run by something: commands.txt says what.

usage: commands_test.py SERVER

Those that are run here are run with the program of README.md.
"""

import glob
import os
import re
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SERVER = ""

# How a command begins; by that it is told from code and from output.
BEGIN = re.compile(
    r"(?:tools|bench)/\w|tests/tidy/|bazel |cmake |export |g\+\+ |printf |"
    r"kill -|[A-Z_]+=\S+ ?\S*/|PATH=|gdb -|parktrace |go tool |bpftrace |"
    r"\.ci/run")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)


def documents():
    names = ["README.md", *glob.glob("*/README.md", root_dir=ROOT),
             *glob.glob("docs/*.md", root_dir=ROOT)]
    for name in sorted(set(names)):
        with open(os.path.join(ROOT, name), encoding="utf-8") as f:
            yield name, f.read()


def commands_of(text):
    """Those in ```sh blocks, and indented lines that begin like one."""
    lines = [line for block in BLOCK.findall(text) if block[0] != "#"
             for line in block.replace("\\\n", " ").splitlines()]
    indented = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for line in indented.replace("\\\n", " ").splitlines():
        if line.startswith("    ") and BEGIN.match(line.strip(" $")):
            lines.append(line)
    for line in lines:
        command = re.sub(r"(?<!\S)# .*", "", line).strip(" $")
        if command:
            yield " ".join(command.split())


def table():
    with open(os.path.join(HERE, "commands.txt"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                pattern, _, how = line.rpartition(" | ")
                yield pattern.strip(), how.split()


class CommandsTest(unittest.TestCase):
    def test_the_table_is_complete(self):
        unused = {pattern for pattern, _ in table()}
        found = 0
        for name, text in documents():
            for command in commands_of(text):
                matching = [pattern for pattern, _ in table()
                            if re.fullmatch(pattern, command)]
                self.assertTrue(matching, f"{name}: who runs: {command}")
                unused -= set(matching)
                for package in re.findall(r"//([\w/]*)", command):
                    self.assertTrue(
                        os.path.isdir(os.path.join(ROOT, package)), command)
                found += 1
        self.assertEqual(unused, set())
        self.assertGreater(found, 40)

    def test_what_runs_them_is_there(self):
        for _, hows in table():
            for how in hows:
                self.assertTrue(how == "here"
                                or os.path.exists(os.path.join(ROOT, how)),
                                how)

    def start(self, **env):
        server = subprocess.Popen(
            [SERVER, "127.0.0.1:0"], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, **env})
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        port = server.stdout.readline().rsplit(":", 1)[1].strip()
        return server, port

    def ping(self, port):
        answer = subprocess.run(
            ["bash", "-c", f"printf ping | nc -N 127.0.0.1 {port}"],
            check=True, text=True, stdout=subprocess.PIPE).stdout
        self.assertEqual(answer, "ping")

    def test_the_echo_server(self):
        server, port = self.start()
        self.ping(port)
        # Ctrl-C stops it.
        server.send_signal(signal.SIGINT)
        self.assertEqual(server.wait(60), -signal.SIGINT)

    def test_kill_quit(self):
        server, _ = self.start()
        subprocess.run(["kill", "-QUIT", str(server.pid)], check=True)
        line = server.stderr.readline()
        self.assertRegex(line, r"^SIGQUIT: \d+ goroutine")

    def test_schedtrace(self):
        server, _ = self.start(GODEBUG="schedtrace=1000")
        self.assertRegex(server.stderr.readline(), "^SCHED 0ms: gomaxprocs=")

    def test_trace_from_the_environment(self):
        path = os.path.join(os.environ["TEST_TMPDIR"], "x.trace")
        self.start(PARKOUR_TRACE=path)
        for _ in range(600):
            if os.path.exists(path) and os.path.getsize(path) > 0:
                break
            time.sleep(0.1)
        with open(path, "rb") as f:
            self.assertEqual(f.read(13), b"go 1.23 trace")

    def test_bench_help(self):
        out = subprocess.run([os.path.join(ROOT, "bench/run.py"), "--help"],
                             check=True, text=True, stdout=subprocess.PIPE)
        self.assertIn("--rounds", out.stdout)


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
