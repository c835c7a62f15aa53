# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The programs of bench/ and their Go twins: built, started, talked to."""

import os
import select
import shlex
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# For what takes a moment; whatever takes longer than this is broken.
PATIENCE = 120
HTTP = "//examples/http"
NAMES = ("calibrate", "echo", "hold", "loadgen", "micro", "million",
         "raw_echo", "raw_micro", "raw_million", "raw_timers", "spike",
         "timers")
TICKS = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """A program did not do what it should."""


class Programs:
    """Where the programs are. Systems: "parkour", "go" and "raw"."""

    def __init__(self, folder, go_binary):
        self.folder = folder
        self.go_binary = go_binary  # None: without Go
        self.rounds_per_ms = None   # of Burn; see calibrate
        self.go_speed = None        # Go's over ours

    def argv(self, system, name):
        if system == "go":
            return [self.go_binary, name]
        if system == "raw":
            name = "raw_" + name
        return [os.path.join(self.folder, name)]

    def tool(self, name):
        if name == "http":
            name = "../examples/http/http"
        return [os.path.join(self.folder, name)]

    def calibrate(self):
        """Measures the rounds of Burn in a millisecond, once for all."""
        with Program(self.tool("calibrate")) as p:
            self.rounds_per_ms = int(p.values()["rounds_per_ms"])
        if self.go_binary:
            with Program(self.argv("go", "calibrate")) as p:
                theirs = p.values()["rounds_per_ms"]
                self.go_speed = theirs / self.rounds_per_ms


def build(bazel):
    """Builds ours with Bazel; returns the folder they are in."""
    bazel = shlex.split(bazel)
    subprocess.run(bazel + ["build", "-c", "opt"]
                   + [HTTP] + ["//bench:" + name for name in NAMES],
                   cwd=HERE, check=True)
    folder = subprocess.run(bazel + ["info", "-c", "opt", "bazel-bin"],
                            cwd=HERE, check=True, capture_output=True,
                            text=True).stdout.strip()
    return os.path.join(folder, "bench")


def find_go():
    """$GO, or go on the PATH; None if there is none."""
    return shutil.which(os.environ.get("GO", "go"))


def build_go(go):
    """Builds the twins; returns the binary, in a folder that stays."""
    folder = tempfile.mkdtemp(prefix="parkour-bench-")
    env = dict(os.environ, GOTOOLCHAIN="local", GO111MODULE="on",
               CGO_ENABLED="0", GOFLAGS="")
    if "GOCACHE" not in env and "HOME" not in env:
        env["GOCACHE"] = os.path.join(folder, "cache")
    binary = os.path.join(folder, "bench-go")
    subprocess.run([go, "build", "-buildvcs=false", "-o", binary, "."],
                   cwd=os.path.join(HERE, "go"), env=env, check=True)
    return binary


class Program:
    """A running program: one that ends when its standard input does, or, if
    it is said not to, is ended."""

    def __init__(self, argv, cpu=None, env=None, ends_with_input=True):
        def pin():
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})
        self.argv = argv
        self.ends_with_input = ends_with_input
        # preexec_fn: pinned before it can start a thread.
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            env=dict(os.environ, **(env or {})), preexec_fn=pin)
        self.pid = self.process.pid
        self.buffered = b""

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.end_input()
        if not self.ends_with_input:
            self.process.terminate()
        try:
            self.process.wait(PATIENCE if kind is None else 1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            if kind is None:
                raise self.failure("did not end with its input") from None
        finally:
            self.process.stdout.close()
        if kind is None and self.ends_with_input \
                and self.process.returncode != 0:
            raise self.failure(f"exit status {self.process.returncode}")

    def failure(self, what):
        return Failure(" ".join(self.argv) + ": " + what)

    def line(self, patience=PATIENCE):
        """The next line of its standard output."""
        deadline = time.monotonic() + patience
        while b"\n" not in self.buffered:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [],
                                        max(left, 0))
            if not ready:
                raise self.failure("no answer in time")
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                raise self.failure("ended early")
            self.buffered += data
        line, _, self.buffered = self.buffered.partition(b"\n")
        return line.decode()

    def expect(self, words, patience=PATIENCE):
        """The rest of the next line, which must begin with these words."""
        line = self.line(patience)
        if not line.startswith(words):
            raise self.failure(f"printed {line!r} instead of {words!r}")
        return line[len(words):].strip()

    def values(self, patience=PATIENCE):
        """The next line as numbers: "a=1 b=2.5"."""
        line = self.line(patience)
        try:
            return {key: float(value) for key, value in
                    (word.split("=") for word in line.split())}
        except ValueError:
            raise self.failure(f"printed {line!r}") from None

    def tell(self, word):
        self.process.stdin.write(word.encode() + b"\n")

    def end_input(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()

    def cpu_seconds(self):
        """CPU time of all its threads so far, to a clock tick."""
        with open(f"/proc/{self.pid}/stat", encoding="utf-8") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
