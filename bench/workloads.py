# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The workloads: what runs, and what is read from it.

A workload is a function of a Bench that yields cases; a case runs one system
once and returns its figures by name.
"""

import contextlib
import threading
import time
from dataclasses import dataclass

import machine
import micro
import syscalls
from micro import Case
from programs import PATIENCE, Program
from report import Metric


@dataclass
class Bench:
    programs: object
    options: object  # of run.py
    notes: list      # what the table must say besides

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def note_speed(self):
        """Were it not 1, the same rounds would not be the same work."""
        speed = self.programs.go_speed
        if speed is not None and abs(speed - 1) > 0.05:
            self.note(f"Go computes {speed:.2f} times as fast: what hogs do "
                      "is not the same work.")

    def cores(self, procs):
        """(of the server, of the load); None: anywhere.

        Pinned with one P, each to its own, and not with two: then neither has
        a CPU to itself.
        """
        cpus = machine.cpus()
        if procs > 1:
            return None, None
        if len(cpus) < 2:
            self.note("One CPU only: server and load share it.")
            return None, None
        return cpus[0], cpus[1]

    @contextlib.contextmanager
    def echo_server(self, system, procs, flags=(), env=None):
        """Yields the program and its address."""
        argv = self.programs.argv(system, "echo") + list(flags)
        if system != "raw":
            argv += [f"-procs={procs}",
                     f"-rounds_per_ms={self.programs.rounds_per_ms}"]
        with Program(argv, self.cores(procs)[0], env) as server:
            yield server, server.expect("listening on ")

    def load(self, address, procs, seconds, connections, size):
        """A load generator; seconds 0: until its input ends."""
        cpu = self.cores(procs)[1]
        return Program(self.programs.tool("loadgen") + [
            f"-address={address}", f"-connections={connections}",
            f"-bytes={size}", f"-seconds={seconds}",
            f"-warmup={self.options.warmup}",
            f"-cpu={-1 if cpu is None else cpu}"])

    def echo(self, system, procs, connections, size, flags=(), env=None):
        """An echo server under load; with its CPU time per request."""
        seconds = self.options.seconds
        with self.echo_server(system, procs, flags, env) as (server, address):
            with self.load(address, procs, seconds, connections,
                           size) as load:
                load.expect("counting")
                cpu = server.cpu_seconds()
                figures = load.values(seconds + PATIENCE)
                cpu = server.cpu_seconds() - cpu
        figures["cpu_us"] = cpu * 1e6 / max(figures["requests"], 1)
        return figures


LOAD_CPU = Metric("cpu", "CPUs", name="load generator")


def echo(bench):
    """TCP echo: round trips over persistent connections."""
    for connections, size, procs, goals in (
            (64, 64, 1, (1.40, None, 0.70)), (64, 64, 2, (1.3, 0.5, None))):
        rate, p99, cpu = goals
        yield Case(
            f"{connections} connections, {size} B, {procs}w",
            ("raw", "parkour", "go"),
            lambda system, n=connections, size=size, procs=procs:
            bench.echo(system, procs, n, size),
            (Metric("per_second", "/s", at_least=rate, name="requests"),
             Metric("p50_us", "us", name="p50"),
             Metric("p99_us", "us", at_most=p99, name="p99"),
             Metric("cpu_us", "us", at_most=cpu, name="CPU per request"),
             LOAD_CPU))


def flight(bench):
    """The echo with the flight recorder; the limit is the same without."""
    bench.note("limit: the same server with PARKOUR_FLIGHT=off.")
    for procs in (1, 2):
        yield Case(
            f"64 connections, 64 B, {procs}w", ("raw", "parkour"),
            lambda system, procs=procs:
            bench.echo("parkour", procs, 64, 64, (),
                       {"PARKOUR_FLIGHT": "off" if system == "raw" else "8M"}),
            (Metric("per_second", "/s", goal=">= 0.98 x limit",
                    name="requests"),
             Metric("cpu_us", "us", goal="<= 1.02 x limit",
                    name="CPU per request"),
             LOAD_CPU))


def hog(bench):
    """The echo beside a goroutine that computes, or blocks its thread."""
    bench.note_speed()
    goals = {("burn", 1): (0.1, 0.45), ("burn", 2): (None, 0.4),
             ("usleep", 1): (None, 1), ("usleep", 2): (None, 1)}
    for (kind, procs), (p50, p99) in goals.items():
        yield Case(
            f"{kind}, {procs}w", ("parkour", "go"),
            lambda system, kind=kind, procs=procs:
            bench.echo(system, procs, 64, 64, [f"-hog={kind}"]),
            (Metric("per_second", "/s", name="requests"),
             Metric("p50_us", "ms", at_most=p50, scale=1e-3, name="p50"),
             Metric("p99_us", "ms", at_most=p99, scale=1e-3, name="p99"),
             Metric("max_us", "ms", scale=1e-3, name="max"),
             LOAD_CPU))


class ThreadWatch:
    """The most threads a process has had, looked at now and then."""

    def __init__(self, pid):
        self.most = 0
        self.path = f"/proc/{pid}/status"
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while True:
            n = machine.number_in(self.path, "Threads") or 0
            self.most = max(self.most, n)
            if self.ended.wait(0.05):
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def hogs(bench):
    """The echo beside very many goroutines that compute a little each."""
    options = bench.options
    bench.note_speed()

    def run(system):
        flags = [f"-hogs={options.hogs}", f"-hog_ms={options.hog_ms}"]
        # Of CPU time, so three times that with one CPU for it and a load.
        patience = PATIENCE + 3 * options.hogs * options.hog_ms / 1e3
        with bench.echo_server(system, 2, flags) as (server, address):
            with bench.load(address, 2, 0, 64, 64) as load:
                load.expect("counting")
                with ThreadWatch(server.pid) as threads:
                    server.tell("hogs")
                    wall = server.values(patience)["hogs_s"]
                load.end_input()
                figures = load.values()
        return dict(figures, hogs_s=wall, threads=threads.most)

    yield Case(
        f"{options.hogs:,} x {options.hog_ms} ms, 2w", ("parkour", "go"), run,
        (Metric("hogs_s", "s", at_most=1.05, name="wall"),
         Metric("p50_us", "ms", scale=1e-3, name="echo p50"),
         Metric("p99_us", "ms", at_most=1, scale=1e-3, name="echo p99"),
         Metric("per_second", "/s", name="echo"),
         Metric("threads", "", goal="< 100"),
         LOAD_CPU))


def resident_kb(pid):
    return machine.number_in(f"/proc/{pid}/status", "VmRSS") or 0


def watch_memory(pid, options):
    """(resident KiB, after how many seconds) when it no longer changes.

    Unchanged within 1 MiB for a while; at most `options.quiet` seconds.
    """
    begin = time.monotonic()
    since, kb = begin, resident_kb(pid)
    while time.monotonic() - begin < options.quiet:
        time.sleep(min(0.5, options.quiet / 10))
        now = resident_kb(pid)
        if abs(now - kb) > 1024:
            since, kb = time.monotonic(), now
        elif time.monotonic() - since >= options.stable:
            break
    return resident_kb(pid), since - begin


def memory(before_kb, peak_kb, pid, options):
    after_kb, seconds = watch_memory(pid, options)
    allowed_kb = 1.1 * before_kb + 20 * 1024
    return {"before": before_kb, "peak": peak_kb, "after": after_kb,
            "seconds": seconds, "allowed": allowed_kb,
            "over": max(after_kb - allowed_kb, 0)}


MEMORY = (
    Metric("before", "MiB", scale=1 / 1024),
    Metric("peak", "MiB", scale=1 / 1024),
    Metric("after", "MiB", scale=1 / 1024),
    Metric("over", "MiB", scale=1 / 1024, goal="0",
           name="more than 1.1 x before + 20 MiB"),
    Metric("seconds", "s", name="until stable"))


def spike(bench):
    """What is resident before, during and after very many goroutines."""
    options = bench.options
    # Go's stacks are powers of two: 100 KiB take 128.
    batch = machine.fitting(options.goroutines, 144)
    if batch < options.goroutines:
        bench.note(f"Memory allows {batch:,} goroutines at once: in batches.")

    def goroutines(system):
        argv = bench.programs.argv(system, "spike")
        with Program(argv + [f"-goroutines={options.goroutines}",
                             f"-batch={batch}", "-procs=2"]) as p:
            before = p.values()["before_kb"]
            peak = p.values(10 * PATIENCE)["peak_kb"]
            p.expect("quiet")
            return memory(before, peak, p.pid, options)

    # Either end of a connection is a descriptor of another process.
    fit = machine.raise_file_limit(options.connections + 100) - 100
    connections = min(options.connections, fit)
    if connections < options.connections:
        bench.note(f"The limit of open files allows {connections:,} "
                   "connections.")

    def held(system):
        with bench.echo_server(system, 2) as (server, address):
            before = resident_kb(server.pid)
            with Program(bench.programs.tool("hold")
                         + [f"-address={address}",
                            f"-connections={connections}"]) as client:
                client.expect(f"holding={connections}", 10 * PATIENCE)
                peak = resident_kb(server.pid)
            return memory(before, peak, server.pid, options)

    yield Case(f"{options.goroutines:,} goroutines, 100 KiB each",
               ("parkour", "go"), goroutines, MEMORY)
    yield Case(f"{connections:,} connections", ("raw", "parkour", "go"), held,
               MEMORY)


def million(bench):
    """Very many goroutines parked on a channel, then woken."""
    n = machine.fitting(bench.options.parked, 10)
    if n < bench.options.parked:
        bench.note(f"Memory allows {n:,} goroutines.")

    def run(system, procs):
        argv = bench.programs.argv(system, "million")
        with Program(argv + [f"-goroutines={n}", f"-procs={procs}"]) as p:
            return p.values(10 * PATIENCE)

    for procs, create, wake in ((1, 0.85, 0.5), (2, None, None)):
        yield Case(
            f"{n:,} parked, {procs}w", ("parkour", "go"),
            lambda system, procs=procs: run(system, procs),
            (Metric("create_ns", "ns each", at_most=create, name="create"),
             Metric("wake_ns", "ns each", at_most=wake, name="wake"),
             Metric("rss_b", "B each", goal="<= 4,700", name="resident"),
             Metric("pte_b", "B each", name="page tables")))


def calls(bench):
    """System calls of an echo server, by message and by connection."""
    if not syscalls.available():
        bench.note("strace is not installed: nothing was counted.")
        return

    def run(system):
        argv = bench.programs.argv(system, "echo")
        if system != "raw":
            argv = argv + ["-procs=1"]
        return syscalls.per_unit(argv)

    yield Case("64 B, 1w", ("raw", "parkour", "go"), run, syscalls.METRICS)


WORKLOADS = {**micro.WORKLOADS,
             **{f.__name__: f for f in (echo, flight, hog, hogs, spike,
                                        million, calls)}}
