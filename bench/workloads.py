# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The workloads: what runs, and what is read from it.

A workload is a function of a Bench that yields cases; a case runs one system
once and returns its figures by name. Here are those with bad neighbours and
with very many goroutines.
"""

import threading
import time

import machine
import micro
import network
import syscalls
from bench import ALL, LOAD_CPU, TWO, Case
from programs import PATIENCE, Program
from report import Metric


def hog(bench):
    """The echo beside a goroutine that computes, or blocks its thread."""
    bench.note_speed()
    goals = {("burn", 1): ("<= 0.1 x Go", "<= 0.45 x Go"),
             ("burn", 2): ("", "<= 0.4 x Go"),
             ("usleep", 1): ("", "<= 1 x Go"),
             ("usleep", 2): ("", "<= 1 x Go")}
    for (kind, procs), (p50, p99) in goals.items():
        yield Case(
            f"{kind}, {procs}w", TWO,
            lambda system, kind=kind, procs=procs:
            bench.echo(system, procs, 64, 64, [f"-hog={kind}"]),
            (Metric("per_second", "/s", name="requests"),
             Metric("p50_us", "ms", p50, 1e-3, "p50"),
             Metric("p99_us", "ms", p99, 1e-3, "p99"),
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
        f"{options.hogs:,} x {options.hog_ms} ms, 2w", TWO, run,
        (Metric("hogs_s", "s", "<= 1.05 x Go", name="wall"),
         Metric("p50_us", "ms", scale=1e-3, name="echo p50"),
         Metric("p99_us", "ms", "<= 1 x Go", 1e-3, "echo p99"),
         Metric("per_second", "/s", name="echo"),
         Metric("threads", "", "< 100"),
         LOAD_CPU))


def watch_memory(pid, options):
    """(resident KiB, after how many seconds) when it no longer changes.

    Unchanged within 1 MiB for a while; at most `options.quiet` seconds.
    """
    begin = time.monotonic()
    since, kb = begin, machine.resident_kb(pid)
    while time.monotonic() - begin < options.quiet:
        time.sleep(min(0.5, options.quiet / 10))
        now = machine.resident_kb(pid)
        if abs(now - kb) > 1024:
            since, kb = time.monotonic(), now
        elif time.monotonic() - since >= options.stable:
            break
    return machine.resident_kb(pid), since - begin


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
    Metric("over", "MiB", "<= 0", 1 / 1024,
           "more than 1.1 x before + 20 MiB"),
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
            before = machine.resident_kb(server.pid)
            with Program(bench.programs.tool("hold")
                         + [f"-address={address}",
                            f"-connections={connections}"]) as client:
                client.expect(f"holding={connections}", 10 * PATIENCE)
                peak = machine.resident_kb(server.pid)
            return memory(before, peak, server.pid, options)

    yield Case(f"{options.goroutines:,} goroutines, 100 KiB each",
               TWO, goroutines, MEMORY)
    yield Case(f"{connections:,} connections", ALL, held,
               MEMORY)


def million(bench):
    """Very many goroutines parked on a channel, then woken."""
    most = machine.fitting(bench.options.parked, 10)
    if most < bench.options.parked:
        bench.note(f"Memory allows {most:,} goroutines.")

    def run(system, n, procs):
        argv = bench.programs.argv(system, "million") + [f"-goroutines={n}"]
        if system != "raw":
            argv += [f"-procs={procs}"]
        with Program(argv) as p:
            return p.values(10 * PATIENCE)

    goals = ("<= 0.85 x Go", "<= 0.5 x Go")
    for n, procs, systems, (create, wake) in (
            (most // 10, 1, ALL, goals), (most, 1, ALL, goals),
            (most, 2, TWO, ("", ""))):
        yield Case(
            f"{n:,} parked, {procs}w", systems,
            lambda system, n=n, procs=procs: run(system, n, procs),
            (Metric("create_ns", "ns each", create, name="create"),
             Metric("wake_ns", "ns each", wake, name="wake"),
             Metric("rss_b", "B each", "<= 4,700", name="resident"),
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

    yield Case("64 B, 1w", ALL, run, syscalls.METRICS)


WORKLOADS = {
    **micro.WORKLOADS,
    **{f.__name__: f for f in (
        million, network.echo, network.bulk, network.churn, network.idle,
        network.http, network.flight, calls, hog, hogs, spike)}}
