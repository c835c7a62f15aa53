# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG: how much better than Go, row by row, and how much better it
is meant to be. Every ratio is turned so that more is better."""

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

import report

# {plot: (title, workloads)}
PLOTS = {
    "small": ("What the runtime does all the time", (
        "switch", "pingpong", "buffered", "spawn", "skynet", "mutex",
        "select", "timers", "million")),
    "network": ("Servers", ("echo", "bulk", "churn", "idle", "http", "hog",
                            "hogs")),
}
LEFT, BAR, RIGHT, LINE, TOP = 420, 360, 90, 22, 64
# The scale, of the logarithm: a quarter of Go to 16 times.
LOW, HIGH = 0.25, 16
MET, MISSED, INK, FAINT = "#2a7f62", "#c8553d", "#222222", "#bbbbbb"


@dataclass(frozen=True)
class Bar:
    name: str
    better: float  # than Go: 2 is twice as fast, or half as much
    goal: float
    verdict: str


def bars(parts, workloads):
    """Of the rows whose goal is a multiple of Go's."""
    found = []
    for workload in workloads:
        for row in parts[workload]["rows"] if workload in parts else ():
            r = row.ratio()
            for relation, wanted, system in row.clauses():
                if system != "go" or not r or not wanted:
                    continue
                up = relation == ">="
                found.append(Bar(f"{workload}: {row.name}", r if up else 1 / r,
                                 wanted if up else 1 / wanted, row.verdict()))
    return found


def x_of(better):
    """Where on the scale, clipped to it."""
    share = math.log(better / LOW) / math.log(HIGH / LOW)
    return LEFT + BAR * min(max(share, 0), 1)


def text(x, y, words, anchor="start", size=12, weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" '
            f'font-weight="{weight}" text-anchor="{anchor}" '
            f'fill="{INK}">{escape(words)}</text>')


def tick(x, top, bottom, color, width=1, dashes=""):
    style = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (f'<line x1="{x:.1f}" y1="{top:.0f}" x2="{x:.1f}" '
            f'y2="{bottom:.0f}" stroke="{color}" '
            f'stroke-width="{width}"{style}/>')


def plot(title, found):
    """An SVG document."""
    bottom = TOP + LINE * len(found)
    width, height = LEFT + BAR + RIGHT, bottom + 16
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
           f'height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif">',
           f'<rect width="{width}" height="{height}" fill="white"/>',
           text(12, 22, title, size=16, weight="bold"),
           text(12, 42, "times better than Go; the black mark is the goal")]
    better = LOW
    while better <= HIGH:
        out.append(tick(x_of(better), TOP - 6, bottom, FAINT))
        out.append(text(x_of(better), TOP - 10, f"{better:g}", "middle", 11))
        better *= 2
    for i, bar in enumerate(found):
        y = TOP + LINE * i
        one, end = x_of(1), x_of(bar.better)
        color = MISSED if "missed" in bar.verdict else MET
        out.append(text(LEFT - 8, y + 15, bar.name, "end", 11))
        out.append(f'<rect x="{min(one, end):.1f}" y="{y + 4}" '
                   f'width="{abs(end - one):.1f}" height="{LINE - 8}" '
                   f'fill="{color}"/>')
        out.append(tick(x_of(bar.goal), y + 1, y + LINE - 1, "black", 2))
        out.append(text(LEFT + BAR + 8, y + 15,
                        f"{report.number(bar.better)} x", size=11))
    out.append(tick(x_of(1), TOP - 6, bottom, INK, 1.5))
    return "\n".join(out + ["</svg>"]) + "\n"


def drawn(parts):
    """{name: SVG} of all plots that have something to show."""
    return {name: plot(title, bars(parts, workloads))
            for name, (title, workloads) in PLOTS.items()
            if bars(parts, workloads)}
