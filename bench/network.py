# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Servers and their connections: cases as of workloads.py."""

import machine
import syscalls
import webserver
from bench import ALL, LOAD_CPU, Case
from micro import Small, run_small
from programs import PATIENCE, Program
from report import Metric


def fitting(bench, connections):
    """So many, or as many as either end may have open."""
    fit = machine.raise_file_limit(connections + 100) - 100
    if fit < connections:
        bench.note(f"The limit of open files allows {fit:,} connections.")
    return min(connections, fit)


def echo(bench):
    """TCP echo: round trips over persistent connections."""
    many, most = bench.options.many, bench.options.most
    for connections, procs, rate, p99, cpu in (
            (64, 1, ">= 1.4 x Go and >= 0.98 x limit", "<= 1.1 x limit",
             "<= 0.7 x Go"),
            (64, 2, ">= 1.3 x Go", "<= 0.5 x Go", ""),
            (many, 1, ">= 1.25 x Go", "<= 1 x limit", ""),
            (many, 2, ">= 1.35 x Go", "", ""),
            (most, 1, ">= 1.2 x Go", "", ""),
            (most, 2, ">= 1.3 x Go", "", "")):
        connections = fitting(bench, connections)
        yield Case(
            f"{connections:,} connections, 64 B, {procs}w", ALL,
            lambda system, n=connections, procs=procs:
            bench.echo(system, procs, n, 64),
            (Metric("per_second", "/s", rate, name="requests"),
             Metric("p50_us", "us", name="p50"),
             Metric("p99_us", "us", p99, name="p99"),
             Metric("cpu_us", "us", cpu, name="CPU per request"),
             LOAD_CPU))


def bulk(bench):
    """Messages of 64 KiB, echoed on eight connections."""
    size = 64 << 10
    yield Case(
        "8 connections, 64 KiB, 1w", ALL,
        lambda system: bench.echo(system, 1, 8, size, [f"-buffer={size}"]),
        (Metric("per_second", "GB/s", ">= 1.4 x Go and >= 1.1 x limit",
                size / 1e9, "echoed"),
         Metric("cpu_us", "us", name="CPU per message"),
         LOAD_CPU))


def churn(bench):
    """Connect, one message, close; 64 at once."""
    for procs, rate, cpu in ((1, ">= 1.2 x Go", "<= 0.74 x Go"),
                             (2, ">= 1.25 x Go", "")):
        yield Case(
            f"64 at once, {procs}w", ALL,
            lambda system, procs=procs:
            bench.echo(system, procs, 64, 64, churn=True),
            (Metric("per_second", "/s", rate, name="connections"),
             Metric("p99_us", "us", name="p99"),
             Metric("cpu_us", "us", cpu, name="CPU per connection"),
             LOAD_CPU))


def idle(bench):
    """Very many connections on which nothing happens."""
    n = fitting(bench, bench.options.most)

    def held(address):
        return Program(bench.programs.tool("hold")
                       + [f"-address={address}", f"-connections={n}"])

    raw = {"each": 0}  # as last measured

    def memory(system, flags=()):
        with bench.echo_server(system, 2, flags) as (server, address):
            before = machine.resident_kb(server.pid)
            with held(address) as client:
                client.expect(f"holding={n}", 10 * PATIENCE)
                grown = machine.resident_kb(server.pid) - before
        each = grown * 1024 / n
        if system == "raw":
            raw["each"] = each
        return {"each": each, "over": each - raw["each"]}

    yield Case(f"{n:,} connections", ALL, memory,
               (Metric("each", "B each", name="resident"),
                Metric("over", "B each", "<= 5,500",
                       name="resident, over the limit's")))
    yield Case(f"{n:,} connections without buffers", ("raw", "parkour"),
               lambda system: memory(
                   system, ["-lend=1"] if system == "parkour" else []),
               (Metric("each", "B each", name="resident"),
                Metric("over", "B each", "<= 5,500",
                       name="resident, over the limit's")))
    if not syscalls.available():
        bench.note("strace is not installed: calls were not counted.")
        return

    def quiet(system):
        with bench.echo_server(system, 2) as (server, address):
            with held(address) as client:
                client.expect(f"holding={n}", 10 * PATIENCE)
                return syscalls.when_idle(server.pid, bench.options.quiet)

    yield Case(f"{n:,} connections", ALL, quiet,
               (Metric("calls", "in 2 s", "< 10", name="system calls"),
                Metric("seconds", "s", name="until they are so few")))


def http(bench):
    """HTTP hello under wrk, beside net/http and nginx."""
    if not webserver.wrk_available():
        bench.note("wrk is not installed: nothing was measured.")
        return
    bench.note("limit: raw_echo -http=1, which answers without reading what "
               "is asked.")
    systems = ALL
    if webserver.nginx_available():
        systems += ("nginx",)
    else:
        bench.note("nginx is not installed.")

    def run(system, connections):
        server, load = bench.cores(1)
        with webserver.running(bench.programs, system, server) as address:
            return webserver.wrk(address, connections, load,
                                 bench.options.warmup, bench.options.seconds)

    for connections in (64, 256):
        yield Case(
            f"{connections} connections, 1w", systems,
            lambda system, n=connections: run(system, n),
            (Metric("per_second", "/s", ">= 1.9 x Go and >= 0.95 x nginx",
                    name="requests"),
             Metric("p99_us", "us", name="p99")))


def flight(bench):
    """What the flight recorder costs; the limit is the same without."""
    bench.note("limit: the same program with PARKOUR_FLIGHT=off.")
    systems = ("raw", "parkour")

    def env(system):
        return {"PARKOUR_FLIGHT": "off" if system == "raw" else "8M"}

    for procs in (1, 2):
        yield Case(
            f"64 connections, 64 B, {procs}w", systems,
            lambda system, procs=procs:
            bench.echo("parkour", procs, 64, 64, (), env(system)),
            (Metric("per_second", "/s", ">= 0.98 x limit", name="requests"),
             Metric("cpu_us", "us", "<= 1.02 x limit",
                    name="CPU per request"),
             LOAD_CPU))
    for name, what in (("switch", "a switch"), ("pingpong", "a round trip"),
                       ("spawn", "goroutines by 1,000, each")):
        small = Small(name, 1, what)
        yield Case(
            f"{what}, 1w", systems,
            lambda system, small=small:
            run_small(bench, "parkour", small, env(system)),
            (Metric("ns", "ns", name="time"),))
