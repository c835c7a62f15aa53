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


def functions_of(text):
    """(first line, last line, signature) of function bodies, lambdas too.

    A brace opens a function if what stands before it, back to the last ; { or
    }, has a parameter list and is no control statement and no initialiser.
    """
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                  lambda m: _blank(m.group()), code_of(text), flags=re.M)
    stack = []  # (is function, first line, signature)
    start = 0   # of the statement at hand
    for i, c in enumerate(code):
        if c == "{":
            head = code[start:i]
            signature = " ".join(head.split())
            signature = re.sub(r"^(public|private|protected) ?: ?", "",
                               signature)
            signature = re.sub(r"^template ?<[^{}]*?> (?=\w)", "", signature)
            is_function = ("(" in signature and not signature.endswith("=")
                           and not NOT_A_FUNCTION.match(signature))
            first = start + len(head) - len(head.lstrip())
            stack.append((is_function, code.count("\n", 0, first) + 1,
                          signature))
        elif c == "}" and stack:
            is_function, first, signature = stack.pop()
            if is_function:
                yield first, code.count("\n", 0, i) + 1, signature
        if c in ";{}":
            start = i + 1
