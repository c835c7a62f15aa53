#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""filter.py HEADER: the header as Doxygen wants it, on standard output.

Comments become Doxygen's, word for word: what would be a command or a tag in
them is escaped; what is indented by three spaces or more, code or a table, is
set as it stands. Lines stay where they are, but for one at the top.
"""

import re
import sys

SPECIAL = re.compile(r"[\\@<>&#$%\"]|::")


def prose(text):
    return SPECIAL.sub(lambda m: "\\" + m.group(), text)


def verbatim_lines(lines):
    """Which lines are set as they stand: a block that is indented, behind an
    empty line or a colon. Others that are indented go on a paragraph."""
    result = []
    before = ""
    for text in lines:
        indented = text.startswith("  ") and text.strip() != ""
        begins = before.strip() == "" or before.rstrip().endswith(":")
        result.append(indented and (begins or (result and result[-1])))
        before = text
    return result


def comment(lines, first):
    """Lines of one comment, without slashes, as Doxygen's; as many lines."""
    result = []
    verbatim = [False, *verbatim_lines(lines), False]
    for number, text in enumerate(lines):
        before, this, behind = verbatim[number:number + 3]
        body = text if this else prose(text.strip())
        if this and not before:
            body = "@verbatim " + body
        if this and not behind:
            body += " @endverbatim"
        if first and number == 0:
            body = "@file " + text.split(":")[0].strip() + "\n/// " + body
        result.append("/// " + body if body else "///")
    return result


def convert(text):
    lines = text.splitlines()
    # Behind the licence: two lines and an empty one.
    result = lines[:2]
    pending = []
    file_comment = True
    rest = lines[3:] if lines[2:3] == ["//"] else lines[2:]

    def flush(is_doc):
        nonlocal pending, file_comment
        if pending:
            texts = [re.sub(r"^\s*// ?", "", x) for x in pending]
            if is_doc:
                result.extend(comment(texts, file_comment))
            else:
                result.extend(pending)
            file_comment = False
        pending = []

    for line in rest:
        if re.match(r"\s*//", line) and not re.match(r"\s*///", line):
            pending.append(line)
            continue
        # A comment with a space behind it belongs to nothing but the file.
        flush(file_comment or line.strip() not in ("", "}"))
        result.append(line)
    flush(False)
    return "\n".join(result) + "\n"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        sys.stdout.write(convert(f.read()))


if __name__ == "__main__":
    main()
