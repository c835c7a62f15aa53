#!/usr/bin/env python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Who gets at what belongs to a thread, in the machine code of programs.

A goroutine may go on on another thread after any call into the runtime; what a
function learned of its thread before is then wrong. So the library's functions
get at thread_locals, errno and the exception state only through a few small
functions that are never inlined. Optimised at link time the compiler sees
through everything, and only the code itself can tell whether they still are.

  machine_code_test.py PROGRAM...
"""

import re
import subprocess
import sys

# By what the machine code says: the functions of the library that may.
THREAD_POINTER = r"%fs:"
CANARY = re.compile(r"%fs:0x28\b")
ALLOWED = {
    "a thread_local": {"runtime::setm",
                       "base::LockRankAcquire", "base::LockRankRelease",
                       "runtime::(anonymous namespace)::Note",
                       "runtime::(anonymous namespace)::Forget",
                       "runtime::(anonymous namespace)::Latest"},
    "errno": {"base::sys::(anonymous namespace)::Errno",
              "base::sys::(anonymous namespace)::ClearErrno",
              "base::WriteStderr", "base::SleepFor"},
    "the exception state": {"runtime::ThreadEhGlobals"},
    "the thread's own name": {"base::(anonymous namespace)::RunThread",
                              "runtime::gobufInitThread"},
}
# These must be there, or nothing was looked at.
NEEDED = ("runtime::setm",
          "base::sys::(anonymous namespace)::Errno",
          "runtime::ThreadEhGlobals")
CALLS = {"__errno_location": "errno",
         "__cxa_get_globals": "the exception state",
         "__cxa_get_globals_fast": "the exception state",
         "pthread_self": "the thread's own name",
         "__tls_get_addr": "a thread_local"}

LABEL = re.compile(r"^[0-9a-f]+ <(.*)>:$")
CALL = re.compile(r"\b(?:call|jmp)q?\s.*<(\w+)(?:@plt)?(?:@@?[\w.]+)?>")


def functions(program):
    """(name, its lines) of the library's functions."""
    text = subprocess.run(
        ["objdump", "-d", "-C", "--no-show-raw-insn", program],
        check=True, capture_output=True, text=True).stdout
    name, lines = None, []
    for line in text.splitlines():
        label = LABEL.match(line)
        if label:
            if name:
                yield name, lines
            name, lines = label.group(1), []
        elif name:
            lines.append(line)
    if name:
        yield name, lines


def plain(name):
    """'runtime::getm' of 'parkour::runtime::getm() [clone .lto_priv.0]'."""
    name = re.sub(r" \[clone .*", "", name)
    name = name.replace("(anonymous namespace)", "\0")
    return name.split("(")[0].replace("\0", "(anonymous namespace)").replace(
        "parkour::", "", 1)


# The two instructions of runtime/m.h's getm, which no compiler takes apart; the
# linker may have put the offset into the first.
GETM = (re.compile(r"mov\s+(?:\$0x[0-9a-f]+|0x[0-9a-f]+\(%rip\)),%(r\w+)"),
        re.compile(r"mov\s+%fs:(?:0x0)?\(%(r\w+)\),%(r\w+)"))


def is_getm(before, line):
    first, second = GETM[0].search(before), GETM[1].search(line)
    return (first and second and
            first.group(1) == second.group(1) == second.group(2))


def accesses(lines):
    """What of a thread's own the code gets at."""
    before = ""
    for line in lines:
        if (THREAD_POINTER in line and not CANARY.search(line)
                and not is_getm(before, line)):
            yield "a thread_local", line
        before = line
        call = CALL.search(line)
        if call and call.group(1) in CALLS:
            yield CALLS[call.group(1)], line


def check(program):
    seen = set()
    bad = 0
    for name, lines in functions(program):
        if not name.startswith("parkour::") or "parkour::truths::" in name:
            continue
        short = plain(name)
        seen.add(short)
        for what, line in accesses(lines):
            if short not in ALLOWED[what]:
                bad += 1
                print(f"{program}: {name} gets at {what}: {line.strip()}")
    for name in NEEDED:
        if name not in seen:
            bad += 1
            print(f"{program}: {name} is not there: inlined, or renamed")
    print(f"{program}: {len(seen)} functions of the library")
    return bad


if __name__ == "__main__":
    sys.exit(1 if len(sys.argv) < 2 or sum(map(check, sys.argv[1:])) else 0)
