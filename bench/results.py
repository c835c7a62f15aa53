# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""What was measured last of each workload: results.json, and the documents
that are made of it. A run of a few workloads replaces only theirs; this file,
run by itself, makes the documents anew."""

import json
import os
from dataclasses import asdict

import front
import plots
import report

HERE = os.path.dirname(os.path.abspath(__file__))
HEAD = """\
# Results

Written by `bench/run.py --update`; [README.md](README.md) says what the
workloads do.
"""


def measured(description, rounds, notes, results):
    """A workload's part."""
    return {
        "machine": "; ".join(f"{what}: {which}" for what, which in description),
        "rounds": rounds, "notes": list(notes),
        "rows": [r.row(m) for r in results for m in r.metrics]}


def load(folder=HERE):
    """{workload: part}; none yet if there is no file."""
    path = os.path.join(folder, "results.json")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        parts = json.load(f)
    for part in parts.values():
        part["rows"] = [report.Row(**row) for row in part["rows"]]
    return parts


def as_json(parts):
    """A line for each row: what changed is what `git diff` shows."""
    texts = []
    for name, part in parts.items():
        rows = ",\n".join("    " + json.dumps(asdict(r)) for r in part["rows"])
        head = ",\n".join(f"   {json.dumps(k)}: {json.dumps(part[k])}"
                          for k in ("machine", "rounds", "notes"))
        texts.append(f"  {json.dumps(name)}: {{\n{head},\n"
                     f'   "rows": [\n{rows}]}}')
    return "{\n" + ",\n".join(texts) + "\n}\n"


def document(parts):
    """RESULTS.md."""
    return HEAD + "".join(f"\n## {name}\n\n{report.section(part)}"
                          for name, part in parts.items())


def summary(parts):
    """The table of README.md: every row with a goal."""
    rows = []
    for name, part in parts.items():
        rows += [report.Row(f"{name}: {r.name}", r.unit, r.goal, r.values)
                 for r in part["rows"] if r.goal]
    verdicts = [r.verdict() for r in rows]
    return (f"{verdicts.count('met')} of {len(rows)} are met, "
            f"{verdicts.count(report.BY_NOBODY)} are missed by the limit, too. "
            "Medians; ratio: Parkour over Go.\n\n"
            + report.table(rows, spread=False))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def update(new, order, folder=HERE):
    """Takes {workload: part} in, and writes all that is made of them."""
    parts = {**load(folder), **new}
    parts = {name: parts[name] for name in order if name in parts}
    write(os.path.join(folder, "results.json"), as_json(parts))
    write(os.path.join(folder, "RESULTS.md"), document(parts))
    for name, text in plots.drawn(parts).items():
        write(os.path.join(folder, "plots", name + ".svg"), text)
    readme = os.path.join(folder, "README.md")
    with open(readme, encoding="utf-8") as f:
        text = f.read()
    write(readme, report.update(text, "summary", summary(parts)))
    front.update(parts, os.path.join(folder, os.pardir, "README.md"))


if __name__ == "__main__":
    update({}, list(load()))
