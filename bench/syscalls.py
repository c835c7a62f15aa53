# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a message and a short connection cost in system calls of the server.

strace counts the calls of a whole process. Two runs that differ only in how
much they do give the cost of the difference: what start and end take is in
both.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from programs import Failure, Program
from report import Metric

MESSAGE = b"x" * 64


def connect(address):
    host, _, port = address.rpartition(":")
    sock = socket.create_connection((host, int(port)))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def receive(sock):
    left = len(MESSAGE)
    while left > 0:
        got = sock.recv(left)
        if not got:
            raise EOFError("the server has closed the connection")
        left -= len(got)


def messages(address, connections, rounds):
    """In each round, one on every connection, then all answers."""
    socks = [connect(address) for _ in range(connections)]
    for _ in range(rounds):
        for sock in socks:
            sock.sendall(MESSAGE)
        for sock in socks:
            receive(sock)
    for sock in socks:
        sock.close()


def short_connections(address, count):
    """One after another: a message, its answer, the end."""
    for _ in range(count):
        with connect(address) as sock:
            sock.sendall(MESSAGE)
            receive(sock)


def total(summary):
    """The last line of strace's summary: "  1234 total"."""
    for line in reversed(summary.splitlines()):
        words = line.split()
        if words[-1:] == ["total"]:
            return int(words[0])
    raise ValueError("no total in " + repr(summary))


def count(argv, drive):
    """System calls of a server during its life, with drive(address)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "summary")
        strace = ["strace", "-f", "-q", "-c", "-U", "calls,name", "-o", path]
        with Program(strace + argv) as server:
            drive(server.expect("listening on "))
        with open(path, encoding="utf-8") as f:
            return total(f.read())


# (key, few, many, how many units more): each is run twice.
KINDS = (
    ("message", lambda a: messages(a, 1, 200), lambda a: messages(a, 1, 2200),
     2000),
    ("message_of_64", lambda a: messages(a, 64, 10),
     lambda a: messages(a, 64, 60), 50 * 64),
    ("connection", lambda a: short_connections(a, 100),
     lambda a: short_connections(a, 1100), 1000),
)

METRICS = (
    Metric("message", "calls", name="a message, alone"),
    Metric("message_of_64", "calls", name="a message, 64 at once"),
    Metric("connection", "calls", name="a connection with one message"),
)


def available():
    return shutil.which("strace") is not None


def per_unit(argv):
    """{key: system calls} of the server that argv starts."""
    return {key: (count(argv, many) - count(argv, few)) / units
            for key, few, many, units in KINDS}


# ---- Of a process that has nothing to do ----

WINDOW = 2  # seconds


def entered_after(log, begin):
    """Lines of `strace -ttt` from `begin` on, without returns of earlier
    calls, signals and ends of threads."""
    calls = 0
    for line in log.splitlines():
        words = line.split()
        if len(words) > 2 and float(words[1]) >= begin \
                and "resumed>" not in line and "(" in words[2]:
            calls += 1
    return calls


def when_idle(pid, patience):
    """System calls in two seconds, and after how long they were so few.

    What there is to do after the last connection, such as giving memory back,
    may take a while: waits for fewer than ten, at most for `patience`.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log")
        begin = time.monotonic()
        with subprocess.Popen(["strace", "-f", "-q", "-ttt", "-p", str(pid),
                               "-o", path]) as strace:
            try:
                while True:
                    since = time.time()
                    seconds = time.monotonic() - begin
                    time.sleep(WINDOW)
                    if strace.poll() is not None:
                        raise Failure("strace may not look at the server")
                    with open(path, encoding="utf-8",
                              errors="replace") as f:
                        calls = entered_after(f.read(), since)
                    # The first window sees strace itself come.
                    if seconds >= patience or calls < 10 and seconds > 0.5:
                        return {"calls": calls, "seconds": seconds}
            finally:
                strace.send_signal(signal.SIGINT)
