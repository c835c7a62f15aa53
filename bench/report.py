# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Figures of many rounds into tables: medians, spread, ratios."""

import re
import statistics
from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class Metric:
    """One figure of a case."""
    key: str
    unit: str
    goal: str = ""                    # as docs say it: "<= 0.4 x Go"
    at_most: Optional[float] = None   # ours over Go's, where that is the goal
    at_least: Optional[float] = None
    scale: float = 1                  # from what the programs print to `unit`
    name: str = ""                    # in the table; the key's, if empty


@dataclass
class Result:
    """What the rounds of one case have measured."""
    name: str
    metrics: tuple
    rounds: dict = field(default_factory=dict)  # {system: [{key: value}]}

    def add(self, system, values):
        self.rounds.setdefault(system, []).append(values)

    def samples(self, system, metric):
        return [values[metric.key] * metric.scale
                for values in self.rounds.get(system, ())
                if metric.key in values]


def number(x):
    """Three digits that matter, all of those before the point."""
    size = abs(x)
    if size >= 100 or x == int(x):
        return f"{x:,.0f}"
    return f"{x:.1f}" if size >= 10 else f"{x:.2f}"


def cell(samples):
    if not samples:
        return ""
    text = number(statistics.median(samples))
    if len(samples) > 1:
        text += f" ({number(min(samples))}..{number(max(samples))})"
    return text


def ratio(ours, theirs):
    """Of the medians; None where there is none."""
    if not ours or not theirs or statistics.median(theirs) == 0:
        return None
    return statistics.median(ours) / statistics.median(theirs)


def verdict(metric, r):
    if metric.at_most is None and metric.at_least is None or r is None:
        return ""
    met = ((metric.at_most is None or r <= metric.at_most)
           and (metric.at_least is None or r >= metric.at_least))
    return "met" if met else "**missed**"


def goal(metric):
    if metric.at_most is not None:
        return f"<= {metric.at_most:g} x Go"
    if metric.at_least is not None:
        return f">= {metric.at_least:g} x Go"
    return metric.goal


SYSTEMS = {"raw": "limit", "parkour": "Parkour", "go": "Go"}


def row(cells):
    return "".join(f"| {x} " if x else "| " for x in cells) + "|"


def table(results):
    """Markdown: median (min..max) of each figure."""
    systems = [s for s in SYSTEMS if any(s in r.rounds for r in results)]
    head = ["", "unit", *(SYSTEMS[s] for s in systems), "ratio", "goal", ""]
    lines = [row(head), "|---" * len(head) + "|"]
    for result in results:
        for metric in result.metrics:
            samples = {s: result.samples(s, metric) for s in SYSTEMS}
            r = ratio(samples["parkour"], samples["go"])
            lines.append(row((
                f"{result.name}: {metric.name or metric.key}", metric.unit,
                *(cell(samples[s]) for s in systems),
                "" if r is None else f"{r:.2f}", goal(metric),
                verdict(metric, r))))
    return "\n".join(lines) + "\n"


def section(description, rounds, notes, results):
    """What is printed, and what goes into the README."""
    machine = "; ".join(f"{what}: {which}" for what, which in description)
    text = (f"{machine}. Median (min..max); rounds: {rounds}, alternating; "
            "ratio: Parkour over Go.\n\n")
    text += "".join(f"{note}\n\n" for note in notes)
    return text + table(results)


def update(text, workload, new):
    """A README with the part between a workload's two marks replaced."""
    begin, end = (f"<!-- {word} {workload} -->" for word in ("begin", "end"))
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.S)
    if not pattern.search(text):
        raise ValueError(f"no place for {workload}: {begin} ... {end}")
    return pattern.sub(lambda _: f"{begin}\n{new}{end}", text)
