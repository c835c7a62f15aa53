#!/usr/bin/env python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Measures Parkour beside Go and beside the least a machine can do.

    bench/run.py                       # everything
    bench/run.py hog million           # these
    bench/run.py --but hogs spike      # all others
    bench/run.py hog --rounds 1 --seconds 1      # does it work?

Builds everything first, Go's twins only where there is a Go: $GO, or go on the
PATH. Prints a Markdown table for each workload; --update writes results.json,
RESULTS.md, plots/ and the tables of two README.md, the one beside this file and
the workspace's. Exit status 0 if everything has run; how fast it was does not
matter.
"""

import argparse
import os
import shutil
import sys
import time

sys.dont_write_bytecode = True

import machine  # noqa: E402
from bench import Bench  # noqa: E402
import programs  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import workloads  # noqa: E402


def parse(argv):
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Workloads: " + "; ".join(
            f"{name}: {f.__doc__.splitlines()[0].rstrip('.')}"
            for name, f in workloads.WORKLOADS.items()) + ".")

    def option(name, default, text):
        parser.add_argument("--" + name, type=type(default), default=default,
                            metavar="X", help=f"{text} ({default})")

    parser.add_argument("workload", nargs="*", metavar="WORKLOAD")
    option("rounds", 5, "each round runs all systems in turn")
    option("seconds", 3.0, "of load that count, in a round")
    option("warmup", 0.5, "seconds of load before")
    option("hogs", 10000, "goroutines that compute")
    option("hog-ms", 50, "that each of them computes")
    option("goroutines", 100000, "of a spike")
    option("connections", 100000, "of a spike")
    option("many", 1000, "connections of echo; and 64, and --most")
    option("most", 10000, "the same; also of idle")
    option("quiet", 60.0, "seconds at most for all to settle")
    option("stable", 15.0, "seconds without change that mean it has")
    option("small-seconds", 0.5, "of a small workload, in a round")
    option("at-once", 1000000, "goroutines of spawn and of skynet")
    option("sleepers", 10000, "goroutines of timers; and ten times as many")
    option("parked", 1000000, "goroutines on a channel; and a tenth")
    option("bazel", "bazel", "the command to build with")
    parser.add_argument("--but", nargs="+", default=[], metavar="WORKLOAD",
                        help="not these")
    parser.add_argument("--bin", metavar="DIR",
                        help="do not build; the programs are there")
    parser.add_argument("--no-go", action="store_true", help="without Go")
    parser.add_argument("--update", action="store_true",
                        help="write results.json, and what is made of it")
    options = parser.parse_args(argv)
    for name in options.workload + options.but:
        if name not in workloads.WORKLOADS:
            parser.error(f"no such workload: {name}")
    options.workload = [
        name for name in options.workload or workloads.WORKLOADS
        if name not in options.but]
    return options


def say(text):
    print(text, file=sys.stderr, flush=True)


def measure(bench, workload):
    """The results of all its cases."""
    results = []
    for case in workloads.WORKLOADS[workload](bench):
        result = report.Result(case.name, case.metrics)
        systems = [s for s in case.systems
                   if s != "go" or bench.programs.go_binary]
        for i in range(bench.options.rounds):
            # Whoever comes first meets what the round before left behind.
            turn = i % len(systems)
            for system in systems[turn:] + systems[:turn]:
                values = case.run(system)
                missing = {m.key for m in case.metrics} - set(values)
                if missing:
                    raise programs.Failure(f"{case.name}: no {missing}")
                result.add(system, values)
                say(f"{workload}: {case.name}, round {i + 1}, {system}: "
                    + " ".join(f"{k}={report.number(v)}"
                               for k, v in values.items()))
        results.append(result)
    return results


def main(argv):
    options = parse(argv)
    go = None if options.no_go else programs.find_go()
    if go is None:
        say("without Go: neither $GO nor go on the PATH")
    folder = options.bin or programs.build(options.bazel)
    go_binary = programs.build_go(go) if go else None
    try:
        built = programs.Programs(os.path.abspath(folder), go_binary)
        built.calibrate()
        description = machine.description(go)
        for name in options.workload:
            began = time.monotonic()
            run = Bench(built, options, [])
            part = results.measured(description, options.rounds, run.notes,
                                    measure(run, name))
            say(f"{name}: {time.monotonic() - began:.0f} s")
            print(f"## {name}\n\n{report.section(part)}", flush=True)
            if options.update:
                results.update({name: part}, workloads.WORKLOADS)
    finally:
        if go_binary:
            shutil.rmtree(os.path.dirname(go_binary))


if __name__ == "__main__":
    main(sys.argv[1:])
