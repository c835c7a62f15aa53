# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The examples in the public headers are code that a test runs.

An example is what stands behind "//   " in a header's top comment, after an
empty line. (A table is told from it by having none: it follows its sentence.)
Its lines have to occur, in this order, in the header's section of one of
tests/headers/*.cc, which begins with "// ---- room/name.h ----". White space
and comments do not count; "..." stands for anything.
"""

import re

import cpp
from tree import HERE, lines_of

PLACE = "tests/headers/"
RUN = re.compile(r"^(TEST(_F)?|PARKOUR_TEST|int main)\(", re.M)
SECTION = re.compile(r"^// -+ (\S+\.h) -+$")


def top_comment(text):
    """(line number, line) of the comment at the top, without the licence."""
    for number, line in lines_of(text):
        if not line.startswith("//"):
            return
        if number > 2:
            yield number, line


def example_of(text):
    """(line number, code) of the header's example."""
    inside = False
    after_empty = False
    for number, line in top_comment(text):
        if line == "//":
            after_empty = True
            continue
        inside = line.startswith("//   ") and (inside or after_empty)
        after_empty = False
        if inside:
            yield number, line[len("//   "):]


def essence(code):
    """The code without comments and white space."""
    def drop(m):
        return "" if m.group("line") or m.group("block") else m.group()
    return re.sub(r"\s+", "", cpp.TOKEN.sub(drop, code))


def sections_of(text):
    """(line number, header, code) of a test's sections."""
    lines = text.splitlines()
    starts = [(i, m.group(1)) for i, line in enumerate(lines)
              for m in [SECTION.match(line)] if m]
    ends = [i for i, _ in starts[1:]] + [len(lines)]
    for (start, header), end in zip(starts, ends):
        yield start + 1, header, "\n".join(lines[start + 1:end])


def missing_lines(example, code):
    """The lines of the example that the code does not have where it should."""
    text = essence(code)
    place = 0
    for number, line in example:
        for piece in filter(None, essence(line).split("...")):
            found = text.find(piece, place)
            if found < 0:
                yield number, line.strip()
                break
            place = found + len(piece)


def examples(tree):
    """Each public header has an example, and a test that contains it."""
    public = tree.read_list(HERE + "public_headers.txt")
    sections = {}
    for path, text in tree.select(
            lambda p: p.startswith(PLACE) and p.endswith(".cc")):
        for line, header, code in sections_of(text):
            if header in sections:
                yield path, line, f"{header} has a section already"
            elif header not in public:
                yield path, line, f"{header} is no public header"
            elif not RUN.search(code):
                yield path, line, f"nothing here runs {header}'s example"
            sections[header] = path, code
    for header in public:
        example = list(example_of(tree.files.get(header, "")))
        if not any(essence(code) for _, code in example):
            yield header, 1, "has no example"
        elif header not in sections:
            yield header, 1, f"its example is in no section of {PLACE}*.cc"
        else:
            path, code = sections[header]
            for line, text in missing_lines(example, code):
                yield header, line, f"{path} does not have: {text}"
