# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Goroutines that capture a loop's variable by reference: it goes on changing,
and it has gone when the loop has.

    for (int i = 0; i < 3; ++i) go([&] { Use(i); });

Read as text: what a goroutine is handed by another function is not seen. A
loop's reference (for (auto& x : xs)) is no mistake, it captures the element;
nor is a loop that waits behind the goroutine, in each round.
"""

import re

import cpp

LOOP = re.compile(r"\bfor\s*\(")
START = re.compile(r"(?:\bgo|[.>]Go|[.>]TryGo|\bspawn)\s*\(")
CLOSURE = re.compile(r"(?<=[(,])\s*\[([^\[\]]*)\]")
WAITS = re.compile(r"(?:\.|->)(?:Wait|Recv)\s*\(")
PAIRS = {"(": ")", "{": "}", "[": "]"}


def behind(code, start):
    """Where the bracket at `start` is closed, and one further."""
    open_, close = code[start], PAIRS[code[start]]
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] == open_) - (code[i] == close)
        if depth == 0:
            return i + 1
    return len(code)


def variables(head):
    """The names that a loop's parentheses declare, but for references."""
    if ";" in head:
        first = head.split(";")[0]
        if "=" not in first and "{" not in first:
            return []
        # "int i = 0, n = Size(a, b)"
        flat = re.sub(r"[({\[<][^()\[\]{}<>]*[)}\]>]", "", first)
        parts = [part.split("=")[0] for part in flat.split(",")]
        if not re.search(r"[\w>*] +\*?\w+\s*$", parts[0]):
            return []  # no declaration
        return [m.group(1) for part in parts if "&" not in part
                for m in [re.search(r"(\w+)\s*$", part)] if m]
    declaration, colon, _ = head.replace("::", "  ").partition(":")
    if not colon or "&" in declaration:
        return []
    bound = re.search(r"\[([^\]]*)\]\s*$", declaration)
    return re.findall(r"\w+", bound.group(1) if bound else
                      declaration.split()[-1])


def body_end(code, start):
    """Behind the statement that begins at `start`."""
    i = start
    while i < len(code):
        if code[i] == "{" and not code[start:i].strip():
            return behind(code, i)
        if code[i] == ";":
            return i + 1
        i = behind(code, i) if code[i] in PAIRS else i + 1
    return i


def by_reference(captures, name):
    items = [item.strip() for item in captures.split(",")]
    if f"&{name}" in items:
        return True
    copied = any(re.match(rf"{name}\b", item) for item in items)
    return "&" in items and not copied


def captured(text):
    """(line, name) of loop variables that a goroutine has by reference."""
    code = cpp.code_of(text)
    for loop in LOOP.finditer(code):
        body = behind(code, loop.end() - 1)
        names = variables(code[loop.end():body - 1])
        end = body_end(code, body)
        for start in START.finditer(code, body, end):
            args_end = behind(code, start.end() - 1)
            closure = CLOSURE.search(code, start.end() - 1, args_end)
            if not closure or WAITS.search(code, args_end, end):
                continue
            for name in names:
                if (by_reference(closure.group(1), name)
                        and re.search(rf"(?<![.\w]){name}\b",
                                      code[closure.end():args_end])):
                    yield code.count("\n", 0, closure.start(1)) + 1, name


def message(name):
    return (f"the goroutine has the loop variable {name} by reference: it "
            f"changes, and ends with the loop; capture it by value, "
            f"[&, {name}]")


def loops(tree):
    """No goroutine has a loop's variable by reference."""
    for path, text in tree.select(lambda p: p.endswith((".cc", ".h"))):
        for line, name in captured(text):
            yield path, line, message(name)
