# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""What workloads are made of: cases, and echo servers under load."""

import contextlib
from dataclasses import dataclass
from typing import Callable

import machine
from programs import PATIENCE, Program
from report import Metric

ALL = ("raw", "parkour", "go")
TWO = ("parkour", "go")


@dataclass(frozen=True)
class Case:
    name: str
    systems: tuple
    run: Callable  # run(system) -> {key: value}
    metrics: tuple


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

    def load(self, address, procs, seconds, connections, size, churn=False):
        """A load generator; seconds 0: until its input ends."""
        cpu = self.cores(procs)[1]
        return Program(self.programs.tool("loadgen") + [
            f"-address={address}", f"-connections={connections}",
            f"-bytes={size}", f"-seconds={seconds}",
            f"-warmup={self.options.warmup}", f"-churn={int(churn)}",
            f"-cpu={-1 if cpu is None else cpu}"])

    def echo(self, system, procs, connections, size, flags=(), env=None,
             churn=False):
        """An echo server under load; with its CPU time per request."""
        seconds = self.options.seconds
        with self.echo_server(system, procs, flags, env) as (server, address):
            with self.load(address, procs, seconds, connections, size,
                           churn) as load:
                load.expect("counting")
                cpu = server.cpu_seconds()
                figures = load.values(seconds + PATIENCE)
                cpu = server.cpu_seconds() - cpu
        figures["cpu_us"] = cpu * 1e6 / max(figures["requests"], 1)
        return figures


LOAD_CPU = Metric("cpu", "CPUs", name="load generator")
