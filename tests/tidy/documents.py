# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The checks of tidy.py that hold documents and comments to the code."""

import os
import re

import cpp
from examples import essence
from tree import HERE, ROOMS, line_at, lines_of, room_of


def first_column(tree, path):
    """(line, cell) of a document's tables, the code in the first column."""
    for line, row in lines_of(tree.files.get(path, "")):
        m = re.match(r"\| `([^`]+)` \|", row)
        if m:
            yield line, m.group(1)


def names(tree):
    """Every name of docs/NAMES.md is one of the code's."""
    path = "docs/NAMES.md"
    code = "\n".join(cpp.code_of(text) for _, text in tree.library())
    words = set(re.findall(r"\w+", code))
    for line, name in first_column(tree, path):
        if name not in words:
            yield path, line, f"{name} does not occur in the code"


TOP = ROOMS + ("docs", "examples", "tests", "third_party", "tools", "bench",
               "parkour")
FILE = re.compile(
    r"(?<![\w/<\"$~.{}*-])((?:[\w.-]+/)*[\w.-]+\.(?:h|cc|md|py|txt|bzl|bazel"
    r"|BUILD))(#[\w-]+)?(?![\w/*}>-])")
PLACE = re.compile(r"(?<![\w/<\"$~.:-])((?:tests|tools|docs|examples|bench"
                   r"|\.ci|third_party)/[\w./-]*\w)")
LINK = re.compile(r"\]\(([^)#:\s]*)(#[\w-]+)?\)")


def anchors_of(markdown):
    result = set()
    for heading in re.findall(r"^#+ +(.*)$", markdown, re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        result.add("#" + slug)
    return result


def find_file(tree, folder, name):
    """The path that a mention of `name` in a file of `folder` means."""
    if name.startswith("parkour/"):
        name = name[len("parkour/"):]
    for candidate in (os.path.normpath(os.path.join(folder, name)), name):
        if tree.exists(candidate):
            return candidate
    if "/" not in name and name != "README.md":
        for path in sorted(tree.files):
            if os.path.basename(path) == name:
                return path
    return None


def mentions_in(tree, path, text):
    folder = os.path.dirname(path)
    for line, content in lines_of(text):
        found = [(m.group(1), m.group(2)) for m in FILE.finditer(content)]
        found += [(m.group(1), None) for m in PLACE.finditer(content)]
        if path.endswith(".md"):
            found += [(m.group(1) or os.path.basename(path), m.group(2))
                      for m in LINK.finditer(content)]
        for name, anchor in found:
            if "/" in name and name.split("/")[0] not in TOP + (
                    ".ci", "..", "."):
                continue  # somebody else's: src/runtime/proc.go, sys/epoll.h
            target = find_file(tree, folder, name)
            if target is None:
                yield path, line, f"{name} does not exist"
            elif anchor and anchor not in anchors_of(
                    tree.files.get(target, "")):
                yield path, line, f"{target} has no heading {anchor}"


def mentions(tree):
    """What comments and documents name exists."""
    for path, text in sorted(tree.files.items()):
        if path.startswith(HERE) and path.endswith(".py"):
            continue  # its samples name what does not exist
        if path.endswith((".h", ".cc")):
            text = cpp.comments_of(text)
        elif path.endswith(".md"):
            pass
        elif path.endswith((".bazel", ".bzl", ".BUILD", ".py", ".txt")) or (
                text.startswith("#!") or path in (".bazelrc", "WORKSPACE")):
            text = "\n".join(re.sub(r"^[^#]*", "", x)
                             for x in text.splitlines())
        else:
            continue
        yield from mentions_in(tree, path, text)


def documents(tree):
    """Every document can be found from docs/README.md."""
    index = "docs/README.md"
    linked = {m.group(1) for m in LINK.finditer(tree.files.get(index, ""))}
    for path, _ in tree.markdown():
        name = os.path.relpath(path, "docs")
        if room_of(path) == "docs" and path != index and name not in linked:
            yield index, 1, f"does not lead to {path}"


def snippets(tree):
    """The C++ of the guides is code that a test runs."""
    for name in ("go", "asio"):
        page = f"docs/FROM_{name.upper()}.md"
        code = "".join(essence(text) for path, text in tree.cpp()
                       if path.startswith(f"docs/from_{name}_"))
        text = tree.files.get(page, "")
        for block in re.finditer(r"^```c\+\+\n(.*?)^```", text, re.M | re.S):
            if essence(block.group(1)) not in code:
                yield (page, line_at(text, block.start()),
                       f"not in docs/from_{name}_*.cc")


def tables(tree):
    """Tables in documents that repeat the code say what the code says."""
    # The errnos.
    source, page = "base/error.cc", "docs/GUARANTEES.md"
    code = re.findall(r'\{(E\w+),\s*absl::StatusCode::(k\w+),\s*"([^"]*)"\}',
                      tree.files.get(source, ""))
    rows = re.findall(r"^\| `(E[A-Z0-9]+)` \| `(\w+)` \| (.*) \|$",
                      tree.files.get(page, ""), re.M)
    for row in sorted(set(code) ^ set(rows)):
        yield page, 1, f"{row} is not both there and in {source}"
    # The packages.
    source, page = "tools/setup", "docs/DEPENDENCIES.md"
    lists = re.findall(r"^(?:packages|more)=\((.*?)^\)",
                       tree.files.get(source, ""), re.M | re.S)
    code = set(re.sub(r"#.*", "", "".join(lists)).split())
    rows = {cell for _, cell in first_column(tree, page)}
    for package in sorted(code ^ rows):
        yield page, 1, f"{package} is not both there and in {source}"
    # The layering.
    source, page = HERE + "layering.txt", "docs/ARCHITECTURE.md"
    text = [" ".join(x.split())
            for x in tree.files.get(page, "").splitlines()]
    for row in tree.read_list(source):
        if " ".join(row.split()) not in text:
            yield page, 1, f"does not show {row} of {source}"
    # The program.
    source, page = "docs/readme_example.cc", "README.md"
    for block in re.findall(r"^```c\+\+\n(.*?)^```", tree.files.get(page, ""),
                            re.M | re.S):
        if block not in tree.files.get(source, ""):
            yield page, 1, f"its program is not that of {source}"
