#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Go's tests, and what became of each: writes README.md from catalogue.txt.

    tests/conformance/table.py

catalogue.txt is the list, kept by hand; which test answers for an entry, and
whether there is such a test, is read from the sources. See there for the form
of an entry. table_test.py holds all three together.
"""

import os
import re
import sys

HERE = "tests/conformance/"
CATALOGUE = HERE + "catalogue.txt"
README = HERE + "README.md"
CRASH = "tests/crash/"

MARKS = ("PORTABLE", "PARTLY", "NO")
STATES = ("passes", "differs", "not-applicable")

TEST = re.compile(r"^(?:GO_)?(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)",
                  re.M)
CRASH_CASE = re.compile(r'^\s*\{"(\w+)",\s*-?\d', re.M)
ENTRY = re.compile(r"(?P<name>\w+) (?P<mark>\S+) (?P<state>[\w-]+)"
                   r"(?: \[(?P<by>[^\]]*)\])?(?:: (?P<why>.*))?")


class Entry:
    """One of Go's tests."""

    def __init__(self, line, go_file, files, match):
        self.line = line        # in the catalogue
        self.go_file = go_file
        self.files = files      # where a test of the same name is looked for
        self.name = match["name"]
        self.mark = match["mark"]
        self.state = match["state"]
        self.by = [x.strip() for x in (match["by"] or "").split(",") if x]
        self.why = (match["why"] or "").strip()
        self.covers = []        # (path, suite.name), once resolved


class Catalogue:
    """The list as it is written, and what is wrong with its form."""

    def __init__(self, text):
        self.sections = []  # (title, [(go file, [Entry])])
        self.findings = []  # (line, message)
        seen = set()
        for line, row in enumerate(text.splitlines(), start=1):
            row = row.strip()
            if not row or row.startswith("#"):
                continue
            kind, _, rest = row.partition(" ")
            if kind == "section":
                self.sections.append((rest, []))
            elif not self.sections:
                self.findings.append((line, "before the first section"))
            elif kind == "file":
                go_file, _, files = rest.partition(" = ")
                files = [HERE + f for f in files.split()]
                self.sections[-1][1].append((go_file, []))
            elif not self.sections[-1][1]:
                self.findings.append((line, "before the first file"))
            else:
                match = ENTRY.fullmatch(row)
                if match is None:
                    self.findings.append((line, "no entry: " + row[:60]))
                    continue
                entry = Entry(line, go_file, files, match)
                if (go_file, entry.name) in seen:
                    self.findings.append((line, entry.name + " again"))
                seen.add((go_file, entry.name))
                self.sections[-1][1][-1][1].append(entry)

    def entries(self):
        return [e for _, files in self.sections for _, entries in files
                for e in entries]


class Sources:
    """The tests as text: {path: text} of the files in question."""

    def __init__(self, files):
        self.files = files
        self.tests = {
            path: [f"{m[1]}.{m[2]}" for m in TEST.finditer(text)]
            for path, text in files.items() if path.endswith(".cc")}
        self.crash_cases = {
            m[1]: path for path, text in sorted(files.items())
            if path.startswith(CRASH) for m in CRASH_CASE.finditer(text)}

    @staticmethod
    def load(root):
        files = {}
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f not in (
                ".git", "__pycache__") and not f.startswith("bazel-")]
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), root)
                if name.endswith("_test.cc") or name == "BUILD.bazel" or (
                        path in (CATALOGUE, README)):
                    with open(os.path.join(root, path),
                              encoding="utf-8") as f:
                        files[path] = f.read()
        return Sources(files)

    def find(self, path, name):
        """The tests of that name, "suite.name" or "name", in a file."""
        return [(path, t) for t in self.tests.get(path, ())
                if name in (t, t.split(".")[1])]

    def resolve(self, entry):
        """Fills in entry.covers; yields what does not exist."""
        entry.covers = []
        for path in entry.files:
            entry.covers += self.find(path, entry.name)
        for ref in entry.by:
            path, _, name = ref.partition(":")
            if path == "crash":
                found = [(self.crash_cases[name], name)
                         ] if name in self.crash_cases else []
            else:
                found = self.find(path, name)
            if not found:
                yield f"{ref} does not exist"
            entry.covers += [c for c in found if c not in entry.covers]


def check(sources):
    """Yields (path, line, message)."""
    catalogue = Catalogue(sources.files.get(CATALOGUE, ""))
    yield from ((CATALOGUE, *f) for f in catalogue.findings)
    covered = set()
    for e in catalogue.entries():
        for message in sources.resolve(e):
            yield CATALOGUE, e.line, f"{e.name}: {message}"
        covered.update(e.covers)
        if e.mark not in MARKS:
            yield CATALOGUE, e.line, f"{e.name}: mark {e.mark}?"
        if e.state not in STATES:
            yield CATALOGUE, e.line, f"{e.name}: state {e.state}?"
        if e.state == "passes" and not e.covers:
            yield CATALOGUE, e.line, f"{e.name} passes, but there is no test"
        if e.state != "passes" and not e.why:
            yield CATALOGUE, e.line, f"{e.name}: {e.state} without a reason"
        if e.state == "not-applicable" and e.covers:
            yield (CATALOGUE, e.line,
                   f"{e.name} is not applicable, but there is a test")
    for path, tests in sorted(sources.tests.items()):
        for test in tests:
            if (path.startswith(HERE)
                    and re.fullmatch(r"\w+\.Test[A-Z]\w*", test)
                    and (path, test) not in covered):
                yield path, 1, f"{test} is not in {CATALOGUE}"
    for path in sorted({path for path, _ in covered}):
        if target_of(sources, path) is None:
            yield path, 1, "is in no target"


def target_of(sources, path):
    """The label of the test made of a file."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    build = sources.files.get(os.path.join(folder, "BUILD.bazel"), "")
    return f"//{folder}:{stem}" if f'"{stem}"' in build else None


# ---- README.md ----

HEAD = """\
# Go's tests

Go's own tests of what Parkour has too, ported by meaning, and what became of
each. The names are Go's, the files are named as Go's are. Written by
[table.py](table.py) from [catalogue.txt](catalogue.txt) and from the tests
themselves: change those, not this, and run the script. `table_test` fails if
the three do not agree.

* **passes**: a test says the same, of the target and the name given; targets
  without `//` lie in `//tests/conformance`. A case is one of `crash_test`'s.
* **differs**: the behaviour is another one on purpose; where there is a test,
  it says what holds here.
* **not applicable**: what it tests is not there.

The second column says what was expected of the test before it was ported:
PORTABLE, PARTLY (a part of it makes sense here), NO.
"""


def plural(state):
    return state.replace("-", " ")


def summary(catalogue):
    rows = ["| Section | Tests | " + " | ".join(map(plural, STATES)) + " |",
            "|---|--:|" + "--:|" * len(STATES)]
    total = [0] * (len(STATES) + 1)
    for title, files in catalogue.sections:
        states = [e.state for _, entries in files for e in entries]
        counts = [len(states)] + [states.count(s) for s in STATES]
        total = [a + b for a, b in zip(total, counts)]
        rows.append(f"| {title} | " + " | ".join(map(str, counts)) + " |")
    rows.append("| all | " + " | ".join(map(str, total)) + " |")
    return rows


def cover_text(sources, path, test):
    label = target_of(sources, path) or path
    label = re.sub("^//" + HERE, "", label)
    if path.startswith(CRASH) and "." not in test:
        return f"`{label}` case `{test}`"
    return f"`{label}` `{test}`"


def row_of(sources, e):
    what = ", ".join(cover_text(sources, *c) for c in e.covers)
    text = "; ".join(x for x in (what, e.why.replace("|", "\\|")) if x)
    return f"| `{e.name}` | {e.mark} | {plural(e.state)} | {text} |"


def readme(sources):
    catalogue = Catalogue(sources.files.get(CATALOGUE, ""))
    for e in catalogue.entries():
        for _ in sources.resolve(e):
            pass  # check() reports it
    lines = [HEAD] + summary(catalogue)
    for title, files in catalogue.sections:
        lines += ["", f"## {title}"]
        for go_file, entries in files:
            lines += ["", f"### {go_file}", "",
                      "| Test | | | By, why |", "|---|---|---|---|"]
            lines += [row_of(sources, e) for e in entries]
    return "\n".join(lines) + "\n"


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.realpath(__file__))))
    sources = Sources.load(root)
    findings = list(check(sources))
    for path, line, message in findings:
        print(f"{path}:{line}: {message}", file=sys.stderr)
    with open(os.path.join(root, README), "w", encoding="utf-8") as f:
        f.write(readme(sources))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
