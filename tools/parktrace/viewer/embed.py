#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Makes one page of viewer.html, its style and scripts, as a C++ header.

usage: embed.py viewer.html viewer.css SCRIPT.js... > viewer_page.h

The page has three places: STYLE and SCRIPT are filled here, TITLE and DATA
stay open, so the header has the three pieces between them.
"""

import re
import sys

DELIMITER = "PARKOUR"


def literal(text):
    # In pieces: compilers limit the length of one literal.
    pieces = [text[i:i + 8000] for i in range(0, len(text), 8000)]
    return "\n".join(f'    R"{DELIMITER}({p}){DELIMITER}"' for p in pieces)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def without_licence(text):
    """Stands once in the page, not once per file."""
    return re.sub(r"^(//|/\*) Copyright[^\n]*\n[^\n]*\n", "", text)


def main():
    html, css, *scripts = sys.argv[1:]
    page = read(html)
    page = page.replace("@STYLE@", without_licence(read(css)))
    script = "\n".join(
        without_licence(read(s)).replace("'use strict';\n", "")
        for s in scripts)
    assert "</script" not in script
    page = page.replace("@SCRIPT@", "'use strict';\n" + script)
    before, rest = page.split("@TITLE@")
    between, after = rest.split("@DATA@")
    print("// Made by viewer/embed.py.\n")
    print("namespace parkour {\nnamespace parktrace {\n")
    for name, text in (("BeforeTitle", before), ("BeforeData", between),
                       ("AfterData", after)):
        print(f"inline constexpr char kPage{name}[] =\n{literal(text)};\n")
    print("}  // namespace parktrace\n}  // namespace parkour")


main()
