# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""As much of C++ as the checks of tidy.py need."""

import re

TOKEN = re.compile(
    r'(?P<line>//[^\n]*)'
    r'|(?P<block>/\*.*?\*/)'
    r'|(?P<raw>R"(?P<delim>[^()\s\\]{0,16})\(.*?\)(?P=delim)")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+')",
    re.DOTALL)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_of(text):
    """The text with comments, strings and characters blanked out."""
    return TOKEN.sub(lambda m: _blank(m.group()), text)


def comments_of(text):
    """The text with all but comments blanked out."""
    out = []
    end = 0
    for m in TOKEN.finditer(text):
        out.append(_blank(text[end:m.start()]))
        is_comment = m.group("line") or m.group("block")
        out.append(m.group() if is_comment else _blank(m.group()))
        end = m.end()
    out.append(_blank(text[end:]))
    return "".join(out)


def includes_of(text):
    """(line number, path) of all #include "path" and #include <path>."""
    pattern = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]')
    for number, line in enumerate(text.splitlines(), start=1):
        m = pattern.match(line)
        if m:
            yield number, m.group(1)


NOT_A_FUNCTION = re.compile(
    r"^(namespace|class|struct|union|enum|extern|if|for|while|switch|do|else"
    r"|try|catch|return|case|default)\b")


IS_DATA = re.compile(r"=$|^return\b[^()]*$")


def functions_of(text):
    """(first line, number of lines, signature) of functions, lambdas too.

    A brace opens a function if what stands before it, back to the last ; { or
    }, has a parameter list and is no control statement and no initialiser.
    The lines of a table, an initialiser inside a function, do not count.
    """
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                  lambda m: _blank(m.group()), code_of(text), flags=re.M)
    stack = []  # [kind, first line, signature, lines of tables inside]
    start = 0   # of the statement at hand
    for i, c in enumerate(code):
        if c == "{":
            head = code[start:i]
            signature = " ".join(head.split())
            signature = re.sub(r"^(public|private|protected) ?: ?", "",
                               signature)
            signature = re.sub(r"^template ?<[^{}]*?> (?=\w)", "", signature)
            kind = "other"
            if IS_DATA.search(signature):
                kind = "data"
            elif "(" in signature and not NOT_A_FUNCTION.match(signature):
                kind = "function"
            first = start + len(head) - len(head.lstrip())
            stack.append([kind, code.count("\n", 0, first) + 1, signature, 0])
        elif c == "}" and stack:
            kind, first, signature, tables = stack.pop()
            lines = code.count("\n", 0, i) + 1 - first + 1
            if kind == "function":
                yield first, lines - tables, signature
            elif kind == "data":
                tables = lines
            if stack:
                stack[-1][3] += tables
        if c in ";{}":
            start = i + 1
