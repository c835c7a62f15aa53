#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every command in the documents is run by something: commands.txt says what.

usage: commands_test.py SERVER CAMPAIGN...

Those that are run here are run with the program of README.md, and with the
random tests of docs/TESTING.md.
"""

import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SERVER = ""
CAMPAIGNS = []

# How a command begins; by that it is told from code and from output.
BEGIN = re.compile(
    r"(?:tools|bench)/\w|tests/tidy/|bazel |cmake |export |g\+\+ |printf |"
    r"kill -|[A-Z_]+=\S+ ?\S*/|PATH=|gdb -|parktrace |go tool |bpftrace |"
    r"\.ci/run|seq |bazel-bin/")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)


def documents():
    names = ["README.md"]
    for pattern in ("*/README.md", "*/*/README.md", "docs/*.md"):
        names += glob.glob(pattern, root_dir=ROOT)
    for name in sorted(set(names)):
        if not name.startswith("bazel-"):
            with open(os.path.join(ROOT, name), encoding="utf-8") as f:
                yield name, f.read()


def tried():
    """(file, command): what an example's head says behind "Try it:"."""
    for path in sorted(glob.glob("examples/*/*.cc", root_dir=ROOT)):
        with open(os.path.join(ROOT, path), encoding="utf-8") as f:
            head = f.read().partition("#include")[0]
        text = " ".join(re.sub(r"^//", "", head, flags=re.M).split())
        match = re.search(r"Try it[^:]*: (.*)", text)
        if match:
            yield path, match.group(1)


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
        commands = [(name, command) for name, text in documents()
                    for command in commands_of(text)] + list(tried())
        for name, command in commands:
            with self.subTest(name):
                matching = [pattern for pattern, _ in table()
                            if re.fullmatch(pattern, command)]
                self.assertTrue(matching, f"{name}: who runs: {command}")
                unused -= set(matching)
                for label in re.findall(r"(?<![\w:])//([\w/]*)(:\w+)?",
                                        command):
                    if label != ("", ":server"):  # the reader's own
                        self.check_label(*label)
                found += 1
        self.assertEqual(unused, set())
        self.assertGreater(found, 40)

    def check_label(self, package, name):
        """//PACKAGE:NAME is one of a BUILD file."""
        with open(os.path.join(ROOT, package, "BUILD.bazel"),
                  encoding="utf-8") as f:
            build = f.read()
        if package:
            name = name[1:] or os.path.basename(package)
            self.assertIn(f'"{name}"', build, package)

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

    def script(self, name, *args, **programs):
        """Runs tools/NAME where Bazel and what it builds only say what they
        are given; the programs' exit statuses are theirs. Returns what was
        said, and the script's exit status."""
        folder = os.path.join(os.environ["TEST_TMPDIR"], name)
        os.makedirs(os.path.join(folder, "tools"))
        shutil.copy(os.path.join(ROOT, "tools", name), folder + "/tools")
        said = os.path.join(folder, "said")
        for path, status in {"bazel": 0, **programs}.items():
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(f'#!/bin/sh\necho "$0" "$@" >> {said}\nexit {status}\n')
            os.chmod(path, 0o755)
        for target in os.listdir(os.path.join(ROOT, "tests/fuzz/corpus")):
            os.makedirs(os.path.join(folder, "tests/fuzz/corpus", target))
        done = subprocess.run([os.path.join(folder, "tools", name), *args],
                              env={**os.environ, "BAZEL": folder + "/bazel",
                                   "TMPDIR": folder},
                              stdout=subprocess.PIPE, text=True, check=False)
        with open(said, encoding="utf-8") as f:
            return f.read(), done.returncode

    def test_soak(self):
        said, status = self.script("soak", "30", **{
            "bazel-bin/tests/soak/soak": 0})
        self.assertEqual(status, 0)
        self.assertRegex(said, r"/bazel build //tests/soak\n"
                               r".*/bazel-bin/tests/soak/soak 1800\n$")

    def test_fuzz(self):
        targets = sorted(os.listdir(os.path.join(ROOT, "tests/fuzz/corpus")))
        self.assertGreater(len(targets), 3)
        said, status = self.script("fuzz", "--seconds=3600", **{
            f"bazel-bin/tests/fuzz/{target}_fuzzer": target == targets[1]
            for target in targets})
        # One has found something; the others have their turn all the same.
        self.assertEqual(status, 1)
        lines = said.splitlines()
        self.assertEqual(len(lines), 1 + len(targets))
        for target, line in zip(targets, lines[1:]):
            self.assertIn(f"//tests/fuzz:{target}_fuzzer", lines[0])
            self.assertIn(f"/{target}_fuzzer -max_total_time=3600", line)

    def test_random_tests(self):
        for program in CAMPAIGNS:
            out = subprocess.run(
                [program, "--minutes=0.01", "--seed=1000000"], check=True,
                text=True, stdout=subprocess.PIPE).stdout
            self.assertIn("[  PASSED  ]", out)

    def test_bench_help(self):
        out = subprocess.run([os.path.join(ROOT, "bench/run.py"), "--help"],
                             check=True, text=True, stdout=subprocess.PIPE)
        self.assertIn("--rounds", out.stdout)


if __name__ == "__main__":
    SERVER, *CAMPAIGNS = map(os.path.abspath, sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
