# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The house rules that a program can check.

A check takes a Tree and yields findings, (path, line, message). CHECKS lists
them; exceptions.txt says what is excused and why. docs/STYLE.md has the rules.
"""

import fnmatch
import os
import re
import shutil
import subprocess

import cpp
from documents import documents, mentions, names, snippets, tables
from examples import examples
from loops import loops
from tree import HERE, ROOMS, is_test, line_at, lines_of, room_of

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70
MAX_PUBLIC_HEADER_LINES = 300
MAX_COLUMNS = 80
MAX_EXAMPLE_LINES = 79


# ---- Layering ----


def parse_layering(lines):
    """{room: all rooms it may include} of the table; ValueError if cyclic."""
    direct = {}
    for line in lines:
        groups = [[r.strip() for r in g.split(",")] for g in line.split("<")]
        for lower, upper in zip(groups, groups[1:]):
            for b in upper:
                direct.setdefault(b, set()).update(
                    a for a in lower if a != "NONE")
    closure = {}

    def close(room, path):
        if room in path:
            raise ValueError("cycle: " + " < ".join(path + [room]))
        if room not in closure:
            below = set()
            for a in direct.get(room, ()):
                below |= {a} | close(a, path + [room])
            closure[room] = below
        return closure[room]

    for room in sorted(direct):
        close(room, [])
    return closure


def layering(tree):
    table = HERE + "layering.txt"
    try:
        allowed = parse_layering(tree.read_list(table))
    except ValueError as e:
        yield table, 1, str(e)
        return
    for path, text in tree.cpp():
        room = "tests" if is_test(path) else room_of(path)
        if room not in allowed:
            yield path, 1, f"{room} is not in {table}"
            continue
        for line, included in cpp.includes_of(text):
            parts = included.split("/")
            if parts[0] in ROOMS and tree.exists(included):
                yield path, line, f'include it as "parkour/{included}"'
            if parts[0] != "parkour":
                continue
            if parts[1] != room and parts[1] not in allowed[room]:
                yield path, line, f"{room} may not include {parts[1]}"


def third_party(tree):
    """Boost and spdlog are known to one file each."""
    homes = {"boost": "runtime/gobuf_switch.h", "spdlog": "runtime/log.cc"}
    for path, text in tree.cpp():
        if is_test(path):
            continue
        for line, included in cpp.includes_of(text):
            home = homes.get(included.split("/")[0])
            if home not in (None, path):
                yield path, line, f"only {home} may include {included}"


# ---- The five doors ----

CALL = r"(?<![\w.>:])(?:::)?(?:%s)\s*\("
# Rooms whose API gives times as absl::Time: somebody must read that clock.
WALL_CLOCK = "base/clock.h: only context, net and time read the wall clock"
WALL_CLOCK_ROOMS = ("context", "net", "time")
DOORS = [
    (r"std::atomic\w*", "base/atomic.h"),
    (r"\batomic_(?:thread|signal)_fence\b|\b__(?:atomic|sync)_\w+",
     "base/atomic.h"),
    (r"std::j?thread\b|std::this_thread|\bpthread_create\b",
     "base/thread.h"),
    (r"std::(?:\w+_)?mutex\b|std::condition_variable", "base/lock.h"),
    (r"std::chrono::\w+_clock|\bclock_gettime\b|\bnanosleep\b"
     r"|\bgettimeofday\b|" + CALL % "time", "base/clock.h"),
    (r"absl::Now\b", WALL_CLOCK),
    (r"std::random_device|std::mt19937\w*|\bgetrandom\b|std::s?rand\b",
     "base/rand.h"),
    (CALL % ("read|write|readv|writev|pread|pwrite|recv|recvfrom|recvmsg|send"
             "|sendto|sendmsg|accept|accept4|connect|bind|listen|socket"
             "|shutdown|open|openat|close|dup|dup2|dup3|fcntl|ioctl|poll"
             "|mmap|munmap|madvise|mprotect|epoll_\\w+|eventfd|syscall"
             "|setsockopt|getsockopt|getsockname|getpeername"),
     "base/sys.h"),
    (r"(?<![\w.>])errno\b(?!\.h)", "base/sys.h, which returns -errno"),
]
# <mutex> is not among them: std::lock_guard lives there.
DOOR_INCLUDES = {"atomic", "thread", "chrono", "condition_variable", "random",
                 "semaphore", "stop_token"}


def doors(tree):
    """Threads, time, chance and the kernel enter through room base only."""
    for path, text in tree.library():
        if room_of(path) == "base":
            continue
        code = cpp.code_of(text)
        for pattern, door in DOORS:
            if door == WALL_CLOCK and room_of(path) in WALL_CLOCK_ROOMS:
                continue
            for m in re.finditer(pattern, code):
                yield (path, line_at(code, m.start()),
                       f"{m.group().strip('( ')}: use {door}")
        for line, included in cpp.includes_of(text):
            if included in DOOR_INCLUDES:
                yield path, line, f"<{included}>: use a door of room base"


def thread_locals(tree):
    allowed = ("runtime/tls.cc", "base/lockrank.cc",
               "runtime/heldlocks.cc")
    for path, text in tree.library():
        code = cpp.code_of(text)
        for m in re.finditer(r"\b(?:thread_local|__thread)\b", code):
            if path not in allowed:
                yield (path, line_at(code, m.start()),
                       "thread_local: only in " + " and ".join(allowed))


# ---- Sizes and forms ----


def file_size(tree):
    for path, text in tree.cpp() + tree.scripts():
        n = len(text.splitlines())
        if n > MAX_FILE_LINES:
            yield path, n, f"{n} lines; {MAX_FILE_LINES} are allowed"


def example_size(tree):
    """Examples can be read at a glance."""
    for path, text in tree.select(lambda p: p.startswith("examples/")
                                  and p.endswith((".cc", ".h"))):
        n = len(text.splitlines())
        if n > MAX_EXAMPLE_LINES:
            yield path, n, f"{n} lines; {MAX_EXAMPLE_LINES} are allowed"


def function_size(tree):
    for path, text in tree.cpp():
        for first, n, signature in cpp.functions_of(text):
            if n > MAX_FUNCTION_LINES:
                yield (path, first, f"{n} lines; {MAX_FUNCTION_LINES} are "
                       f"allowed: {signature[:60]}")


def columns(tree):
    for path, text in tree.cpp() + tree.scripts():
        for number, line in lines_of(text):
            is_include = line.startswith("#include")
            if len(line) > MAX_COLUMNS and not is_include:
                yield path, number, f"{len(line)} columns"


def whitespace(tree):
    for path, text in sorted(tree.files.items()):
        if text and not text.endswith("\n"):
            yield path, len(text.splitlines()), "no newline at the end"
        for number, line in lines_of(text):
            if line != line.rstrip():
                yield path, number, "space at the end of the line"
            if "\t" in line:
                yield path, number, "a tab"


def licence(tree):
    want = ["Copyright 2026 The Parkour Authors.",
            "SPDX-License-Identifier: Apache-2.0"]
    for path, text in tree.cpp() + tree.scripts():
        mark = "//" if path.endswith((".h", ".cc")) else "#"
        lines = [x for x in text.splitlines()[:3] if not x.startswith("#!")]
        if lines[:2] != [f"{mark} {w}" for w in want]:
            yield path, 1, "does not begin with the licence's two lines"


def guards(tree):
    for path, text in tree.headers():
        # A stand-in has the guard of the header whose place it takes.
        path_named = path.split("/standin/")[-1]
        name = "PARKOUR_" + re.sub(
            r"[^A-Z0-9]", "_", path_named.upper()) + "_"
        code = [x for x in cpp.code_of(text).splitlines() if x.strip()]
        if code[:2] != [f"#ifndef {name}", f"#define {name}"]:
            yield path, 1, f"the include guard should be {name}"
        elif text.splitlines()[-1] != f"#endif  // {name}":
            yield (path, len(text.splitlines()),
                   f"should end with #endif  // {name}")
        if re.search(r"^\s*#\s*pragma\s+once", text, re.M):
            yield path, 1, "#pragma once beside the guard"


def header_comment(tree):
    """The third line of a header says what it is: "// g.h: a goroutine."."""
    for path, text in tree.headers():
        lines = text.splitlines() + [""] * 4
        name = os.path.basename(path)
        if "/standin/" in path:
            continue
        if lines[2] != "//" or not lines[3].startswith(f"// {name}: "):
            yield path, 4, f'the header comment should begin "// {name}: "'


# But for context's function of that name, which is Go's.
UNFINISHED = re.compile(
    r"(?<!context\.)(?<!context::)\b(%s)\b(?!\(\))" % "|".join(
        ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")))


def unfinished(tree):
    for path, text in sorted(tree.files.items()):
        for number, line in lines_of(text):
            if UNFINISHED.search(line):
                yield path, number, "unfinished: " + line.strip()[:60]


def citations(tree):
    """Comments cite Go's file and function, not a private list's numbers."""
    number = re.compile(
        r"(?<![\w-])(?!L[123] (?:cache|and|or))[A-Z]{1,2}[0-9]{1,2}[a-z]?"
        r"(?:\.[0-9]+)?\b(?!\+)")
    for path, text in tree.cpp():
        for line, comment in lines_of(cpp.comments_of(text)):
            m = number.search(comment)
            if m:
                yield path, line, f"what is {m.group()}? cite Go's function"


# ---- Build files and lists ----


def build_file_of(tree, path):
    folder = os.path.dirname(path)
    while True:
        build = os.path.join(folder, "BUILD.bazel")
        if build in tree.files or folder == "":
            return build, os.path.relpath(path, folder or ".")
        folder = os.path.dirname(folder)


def in_build_files(tree):
    """No file that nobody builds."""
    for path, _ in tree.cpp():
        build, name = build_file_of(tree, path)
        text = re.sub(r"#.*", "", tree.files.get(build, ""))
        stem = os.path.splitext(name)[0]
        names = [name] if path.endswith(".h") else [name, stem]
        patterns = re.findall(r'"([^"]*[*][^"]*)"', text)  # of a glob
        if not (any(f'"{n}"' in text for n in names)
                or any(fnmatch.fnmatch(name, g) for g in patterns)):
            yield path, 1, f"{build} does not mention {name}"


def own_includes(text):
    for line, included in cpp.includes_of(text):
        if included.startswith("parkour/"):
            yield line, included[len("parkour/"):]


def public_headers(tree):
    list_path = HERE + "public_headers.txt"
    public = tree.read_list(list_path)
    if public != sorted(set(public)):
        yield list_path, 1, "not sorted, or something twice"
    for header in public:
        text = tree.files.get(header)
        if text is None:
            yield list_path, 1, f"{header} does not exist"
            continue
        n = len(text.splitlines())
        if n > MAX_PUBLIC_HEADER_LINES:
            yield header, n, (f"a public header of {n} lines; "
                              f"{MAX_PUBLIC_HEADER_LINES} are allowed")
    users = [("parkour.h", tree.files.get("parkour.h", ""))]
    users += tree.select(
        lambda p: room_of(p) == "examples" and p.endswith((".h", ".cc")))
    for path, text in users:
        for line, header in own_includes(text):
            if header not in public:
                yield path, line, f"{header} is not in {list_path}"


# ---- Formatting ----


def formatting(tree):
    """clang-format has nothing to change; needs files on a disk."""
    tool = shutil.which("clang-format")
    paths = [path for path, _ in tree.cpp()]
    if tool is None or tree.root is None or not paths:
        return
    out = subprocess.run(
        [tool, "--dry-run", "--style=file", "--ferror-limit=1", *paths],
        cwd=tree.root, stderr=subprocess.PIPE, text=True, check=False).stderr
    pattern = re.compile(r"^(\S+?):(\d+):\d+: \w+: code should be clang-form")
    for line in out.splitlines():
        m = pattern.match(line)
        if m:
            yield m.group(1), int(m.group(2)), "clang-format would change it"


CHECKS = {
    f.__name__: f
    for f in (layering, third_party, doors, thread_locals, file_size,
              function_size, columns, whitespace, licence, guards,
              header_comment, unfinished, citations, in_build_files,
              public_headers, examples, example_size, names, mentions,
              documents, snippets, tables, loops, formatting)
}


# ---- Exceptions ----


def read_exceptions(tree):
    """{(check, path): reason}; a line without a reason is a ValueError."""
    result = {}
    for line in tree.read_list(HERE + "exceptions.txt"):
        parts = line.split(None, 2)
        if len(parts) != 3 or parts[0] not in CHECKS:
            raise ValueError("exceptions.txt: " + line)
        result[parts[0], parts[1]] = parts[2]
    return result


def run(tree, check):
    """Findings of one check as text, exceptions applied."""
    exceptions = {path for name, path in read_exceptions(tree)
                  if name == check}
    findings = []
    used = set()
    for path, line, message in CHECKS[check](tree):
        finding = f"{path}:{line}: {message}"
        if path in exceptions:
            used.add(path)
        elif finding not in findings:
            findings.append(finding)
    for path in sorted(exceptions - used):
        findings.append(f"{HERE}exceptions.txt: {check} {path} is no longer "
                        "needed")
    return findings
