# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The machine that is measured on: what it is, and how much fits."""

import os
import platform
import resource
import subprocess

# Left to the rest of the machine.
SPARE_KB = 4 << 20


def cpus():
    """The CPUs this process may use."""
    return sorted(os.sched_getaffinity(0))


def number_in(path, name):
    """A number of a file such as /proc/meminfo; None if it is not there."""
    try:
        with open(path, encoding="utf-8") as f:
            for line in f:
                key, _, rest = line.partition(":")
                if key == name:
                    return int(rest.split()[0])
    except OSError:
        pass
    return None


def resident_kb(pid):
    return number_in(f"/proc/{pid}/status", "VmRSS") or 0


def fitting(wanted, kb_each):
    """How many things of that size fit into memory, at most `wanted`."""
    available = number_in("/proc/meminfo", "MemAvailable") or 0
    return min(wanted, max((available - SPARE_KB) // kb_each, 1))


def raise_file_limit(wanted):
    """Raises the limit of open files, which children inherit; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (max(wanted, hard), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return limit
        except (ValueError, OSError):
            pass  # only root may raise the hard limit
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def first_line(command):
    try:
        out = subprocess.run(command, capture_output=True, text=True,
                             check=False).stdout
        return out.splitlines()[0] if out else "none"
    except OSError:
        return "none"


def description(go):
    """[(what, which)]; `go` is the command, or None."""
    model = "unknown CPU"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = (number_in("/proc/meminfo", "MemTotal") or 0) / (1 << 20)
    compiler = os.environ.get("CC", "gcc")
    here = os.path.dirname(os.path.abspath(__file__))
    commit = first_line(["git", "-C", here, "describe", "--always", "--dirty"])
    return [
        ("CPU", f"{len(cpus())} x {model}"),
        ("memory", f"{memory:.0f} GiB"),
        ("kernel", platform.release()),
        ("compiler", first_line([compiler, "--version"])),
        ("Go", first_line([go, "version"]) if go else "none"),
        ("Parkour", commit),
    ]
