# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The table of the workspace's README.md: a few of the results, in words for
somebody who has seen nothing else yet. Rows where Go is better belong to it."""

import os
import re
from dataclasses import dataclass

import report

HEADS = {"raw": "epoll", "parkour": "Parkour", "go": "Go"}
# What counts as better, and not as the machine's mood.
CLEARLY = 1.05
VERSION = re.compile(r"Parkour: (\S+)")


@dataclass(frozen=True)
class Line:
    """A row, found by its workload and a pattern for its name; "{}" in the
    text is what the pattern's group has found."""
    text: str
    workload: str
    name: str
    unit: str = ""
    scale: float = 1
    better: str = "less"


LINES = (
    Line("echo, {} connections, one processor: requests per second", "echo",
         r"(64) connections, 64 B, 1w: requests", better="more"),
    Line("the same: 99th percentile", "echo",
         r"64 connections, 64 B, 1w: p99", "ms", 1e-3),
    Line("the same, two processors: requests per second", "echo",
         r"64 connections, 64 B, 2w: requests", better="more"),
    Line("the same, two processors: 99th percentile", "echo",
         r"64 connections, 64 B, 2w: p99", "ms", 1e-3),
    Line("beside a goroutine that computes 100 ms at a time, one processor: "
         "99th percentile", "hog", r"burn, 1w: p99", "ms"),
    Line("the same, two processors: 99th percentile", "hog",
         r"burn, 2w: p99", "ms"),
    Line("system calls for a short connection", "calls",
         r"64 B, 1w: a connection with one message"),
    Line("{} parked goroutines: to create one", "million",
         r"(1,000,000) parked, 2w: create", "µs", 1e-3),
    Line("the same: memory of each", "million",
         r"1,000,000 parked, 2w: resident", "KiB", 1 / 1024),
    Line("memory after {} goroutines used 100 KiB of stack each", "spike",
         r"([\d,]+) goroutines, 100 KiB each: after", "MiB"),
)


def find(parts, line):
    """(row, what the group matched); None if that was not measured."""
    for row in parts.get(line.workload, {}).get("rows", ()):
        match = re.fullmatch(line.name, row.name)
        if match:
            return row, match.groups()
    return None


def cells(row, line):
    """The medians; the clearly better one of Parkour's and Go's is bold."""
    values = {s: None if row.median(s) is None else row.median(s) * line.scale
              for s in HEADS}
    texts = {s: "" if v is None else f"{report.number(v)} {line.unit}".strip()
             for s, v in values.items()}
    ranked = sorted((v, s) for s, v in values.items()
                    if s != "raw" and v is not None)
    if len(ranked) == 2 and ranked[1][0] >= CLEARLY * ranked[0][0]:
        best = ranked[0 if line.better == "less" else 1][1]
        texts[best] = f"**{texts[best]}**"
    return texts.values()


def versions(parts):
    """Which Parkour each workload of the table measured."""
    found = {}
    for line in LINES:
        match = VERSION.search(parts.get(line.workload, {}).get("machine", ""))
        names = found.setdefault(match.group(1) if match else "unknown", [])
        if line.workload not in names:
            names.append(line.workload)
    return "; ".join(f"{', '.join(names)}: {version}"
                     for version, names in found.items())


def table(parts):
    """Markdown. A row that was not measured is left out."""
    lines = [report.line(["", *HEADS.values()]),
             "|---" * (1 + len(HEADS)) + "|"]
    for line in LINES:
        found = find(parts, line)
        if found:
            row, groups = found
            lines.append(report.line(
                [line.text.format(*groups), *cells(row, line)]))
    return ("\n".join(lines) + "\n\nBold: Parkour or Go is better by 5 % "
            "at least.\nVersions of Parkour: "
            f"{versions(parts)}.\n")


def update(parts, path):
    """Writes the table into the document; nothing if there is none."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(report.update(text, "figures", table(parts)))
