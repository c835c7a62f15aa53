# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Figures of many rounds into tables: medians, spread, ratios, verdicts."""

import re
import statistics
from dataclasses import dataclass, field

# Who takes part, and what the tables call them.
SYSTEMS = {"raw": "limit", "parkour": "Parkour", "go": "Go",
           "nginx": "nginx"}
OF_NAME = {name: system for system, name in SYSTEMS.items()}
# "<= 0.7 x Go", ">= 0.98 x limit", "<= 4,700"; several are joined by " and ".
CLAUSE = re.compile(r"(<=|>=|<) ([\d.,]+)(?: x (\w+))?")


MISSED = "**missed**"
BY_NOBODY = "missed, as by the limit"


@dataclass(frozen=True)
class Metric:
    """One figure of a case."""
    key: str
    unit: str
    goal: str = ""     # what is wanted of ours; see CLAUSE
    scale: float = 1   # from what the programs print to `unit`
    name: str = ""     # in the table; the key's, if empty


@dataclass
class Result:
    """What the rounds of one case have measured."""
    name: str
    metrics: tuple
    rounds: dict = field(default_factory=dict)  # {system: [{key: value}]}

    def add(self, system, values):
        self.rounds.setdefault(system, []).append(values)

    def row(self, metric):
        """A Row of all that was measured."""
        row = Row(f"{self.name}: {metric.name or metric.key}", metric.unit,
                  metric.goal)
        for system in SYSTEMS:
            samples = [values[metric.key] * metric.scale
                       for values in self.rounds.get(system, ())
                       if metric.key in values]
            if samples:
                row.values[system] = [statistics.median(samples),
                                      min(samples), max(samples)]
        return row


@dataclass
class Row:
    """A line of a table: what is left of the rounds."""
    name: str
    unit: str
    goal: str = ""
    values: dict = field(default_factory=dict)  # {system: [median, min, max]}

    def median(self, system):
        return self.values.get(system, (None,))[0]

    def ratio(self, system="go", whose="parkour"):
        """Ours over theirs; None where there is none."""
        ours, theirs = self.median(whose), self.median(system)
        return None if ours is None or not theirs else ours / theirs

    def clauses(self):
        """[(relation, number, system or "")] of the goal."""
        return [(relation, float(x.replace(",", "")), OF_NAME.get(of, ""))
                for relation, x, of in CLAUSE.findall(self.goal)]

    def met(self, whose="parkour"):
        """[True, False, or None where somebody is missing] of the clauses."""
        met = []
        for relation, wanted, system in self.clauses():
            x = self.ratio(system, whose) if system else self.median(whose)
            met.append(x if x is None else
                       x >= wanted if relation == ">=" else
                       x < wanted if relation == "<" else x <= wanted)
        return met

    def verdict(self):
        """Empty when somebody to compare with is missing. What the limit
        misses, too, nobody can reach on this machine."""
        met = self.met()
        if False in met:
            limit = self.met("raw")
            reachable = any(ours is False and theirs is not False
                            for ours, theirs in zip(met, limit))
            return MISSED if reachable else BY_NOBODY
        return "met" if met and None not in met else ""


def number(x):
    """Three digits that matter, all of those before the point."""
    size = abs(x)
    if size >= 100 or x == int(x):
        return f"{x:,.0f}"
    return f"{x:.1f}" if size >= 10 else f"{x:.2f}"


def cell(value, spread=True):
    if value is None:
        return ""
    median, least, most = value
    text = number(median)
    if spread and least != most:
        text += f" ({number(least)}..{number(most)})"
    return text


def ratios(row):
    """Over Go's, and over whom else the goal names; the limit's if there is
    nothing else."""
    others = [system for _, _, system in row.clauses()
              if system not in ("", "go")]
    texts = []
    if row.ratio() is not None:
        texts.append(f"{row.ratio():.2f}")
    else:
        others = others or ["raw"]
    for system in others:
        if row.ratio(system) is not None:
            texts.append(f"{row.ratio(system):.2f} x {SYSTEMS[system]}")
    return ", ".join(texts)


def line(cells):
    return "".join(f"| {x} " if x else "| " for x in cells) + "|"


def table(rows, spread=True):
    """Markdown: median (min..max) of each figure."""
    systems = [s for s in SYSTEMS if any(s in r.values for r in rows)]
    head = ["", "unit", *(SYSTEMS[s] for s in systems), "ratio", "goal", ""]
    lines = [line(head), "|---" * len(head) + "|"]
    for r in rows:
        lines.append(line((
            r.name, r.unit, *(cell(r.values.get(s), spread) for s in systems),
            ratios(r), r.goal, r.verdict())))
    return "\n".join(lines) + "\n"


def section(measured):
    """What is printed, and what goes into RESULTS.md; see results.py."""
    text = (f"{measured['machine']}. Median (min..max); rounds: "
            f"{measured['rounds']}, alternating; ratio: Parkour over Go.\n\n")
    text += "".join(f"{note}\n\n" for note in measured["notes"])
    return text + table(measured["rows"])


def update(text, what, new):
    """A document with the part between two marks replaced."""
    begin, end = (f"<!-- {word} {what} -->" for word in ("begin", "end"))
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.S)
    if not pattern.search(text):
        raise ValueError(f"no place for {what}: {begin} ... {end}")
    return pattern.sub(lambda _: f"{begin}\n{new}{end}", text)
