# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The small workloads, what the runtime does all the time: cases as of
workloads.py. Here stand who takes part and which ratios are wanted."""

from dataclasses import dataclass

import machine
from bench import ALL, TWO, Case
from programs import PATIENCE, Program
from report import Metric


@dataclass(frozen=True)
class Small:
    """One row: `micro -workload=...`, which prints what one of them costs."""
    workload: str
    procs: int
    what: str
    at_most: float = 0     # times Go's
    unit: str = "ns"
    systems: tuple = TWO
    at_once: bool = False  # options.at_once of them, in a fresh process


# {workload of run.py: (what it is, rows)}
SMALL = {
    "switch": ("Two goroutines that yield to each other", (
        Small("switch", 1, "a switch", 0.20, systems=ALL),)),
    "pingpong": ("Round trips over two unbuffered channels", (
        Small("pingpong", 1, "a round trip", 0.25, systems=ALL),
        Small("pingpong", 2, "a round trip", 0.35))),
    "buffered": ("Items through a channel of 128", (
        Small("buffered", 1, "1 to 1, an item", 0.5, systems=ALL),
        Small("buffered", 2, "1 to 1, an item", 0.7, systems=ALL),
        Small("buffered4", 1, "4 to 4, an item", 0.6),
        Small("buffered4", 2, "4 to 4, an item", 0.8))),
    "spawn": ("Goroutines started and ended", (
        Small("spawn", 1, "by 1,000, each", 0.25, systems=ALL),
        Small("spawn", 2, "by 1,000, each", 0.35, systems=ALL),
        Small("spawnall", 1, "{n:,} at once, each", 0.12, at_once=True),
        Small("spawnall", 2, "{n:,} at once, each", 0.4, at_once=True))),
    # Nanoseconds of a leaf are milliseconds of a million.
    "skynet": ("A tree of goroutines, ten to a node", (
        Small("skynet", 1, "{n:,} leaves", 0.25, "ns each", at_once=True),
        Small("skynet", 2, "{n:,} leaves", 0.3, "ns each", at_once=True))),
    "mutex": ("Lock and Unlock", (
        Small("mutex", 1, "nobody else", 1.0),
        Small("mutex1000", 2, "1,000 goroutines", 0.8),
        Small("mutexyield", 1, "10 goroutines, a yield inside", 0.4))),
    "select": ("Receives from either of two channels", (
        Small("select", 1, "one of two", 0.35),)),
}


def run_small(bench, system, small, env=None):
    """The figures of one program's run."""
    options = bench.options
    argv = bench.programs.argv(system, "micro") + [
        f"-workload={small.workload}", f"-procs={small.procs}",
        f"-seconds={options.small_seconds}"]
    if small.at_once:
        argv.append(f"-n={options.at_once}")
    with Program(argv, env=env) as p:
        return p.values(PATIENCE)


def small_workload(name):
    """The function of a Bench that yields the cases of one of SMALL."""
    text, rows = SMALL[name]

    def cases(bench):
        for small in rows:
            what = small.what.format(n=bench.options.at_once)
            yield Case(
                f"{what}, {small.procs}w", small.systems,
                lambda system, small=small: run_small(bench, system, small),
                (Metric("ns", small.unit, f"<= {small.at_most:g} x Go",
                        name="time"),))

    cases.__name__, cases.__doc__ = name, text + "."
    return cases


def timers(bench):
    """Very many goroutines that sleep for 1 to 100 ms, ten times each."""
    def run(system, n):
        argv = bench.programs.argv(system, "timers")
        if system != "raw":
            argv = argv + ["-procs=1"]
        with Program(argv + [f"-goroutines={n}", "-times=10"]) as p:
            return p.values(10 * PATIENCE)

    few, many = bench.options.sleepers, 10 * bench.options.sleepers
    for n, p50, p99, cpu, wall in (
            (few, "<= 0.1 x Go", "<= 0.25 x Go", "<= 0.8 x Go", ""),
            (many, "", "<= 0.2 x Go", "", "<= 0.4 x Go")):
        fit = machine.fitting(n, 10)
        if fit < n:
            bench.note(f"Memory allows {fit:,} goroutines.")
        yield Case(
            f"{fit:,} goroutines, 1w", ALL,
            lambda system, n=fit: run(system, n),
            (Metric("wall_ms", "ms", wall, name="wall"),
             Metric("p50_us", "us", p50, name="late, p50"),
             Metric("p99_us", "us", p99, name="late, p99"),
             Metric("cpu_ms", "ms", cpu, name="CPU"),
             Metric("early", "", "<= 0", name="woken early")))


WORKLOADS = {**{name: small_workload(name) for name in SMALL},
             "timers": timers}
