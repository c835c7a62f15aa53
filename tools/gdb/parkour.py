# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""gdb commands for programs that use Parkour, live or as a core file.

  (gdb) source tools/gdb/parkour.py
  (gdb) info goroutines [-g] [REGEX]   all goroutines; -g: equal stacks as one
  (gdb) goroutine 17 bt                any command, as if 17 were a thread
  (gdb) goroutine 17 frame 3           and that frame stays 17's selected one
  (gdb) goroutine 17 info locals
  (gdb) goroutine all bt
  (gdb) info procs                     Ps and who runs on them
  (gdb) parkour-core FILE              generate-core-file, stacks included

The program is only read: no register is written and no function of it called.
Frames of a parked goroutine are numbered from 1 on; one that runs is a thread,
and its numbers begin at 0.

What the script knows of the library is a table in the program,
parkour_gdb_offsets (runtime/gdb_offsets.h).
"""

import collections
import os
import re
import struct
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from parkour_goroutines import *  # noqa: what follows is the same program

P_STATES = ["idle", "running", "syscall", "gcstop", "dead"]
PAGE = 4096


class Places:
    """Where goroutines are. Most of many stand at few places: the chain of
    return addresses, read by frame pointers, tells which have one in common."""

    def __init__(self):
        self.known = {}

    def chain(self, g):
        pcs, fp = [], g.fp
        if g.thread() is not None or g.unstarted():
            return None
        try:
            while g.lo <= fp <= g.hi - 16 and len(pcs) < MAX_FRAMES:
                up, pc = struct.unpack("<QQ", read(fp, 16))
                pcs.append(pc)
                if up <= fp:
                    break
                fp = up
        except gdb.MemoryError:
            pass
        return tuple(pcs)

    def of(self, g):
        """(text, functions)"""
        key = self.chain(g)
        if key is not None and key in self.known:
            return self.known[key]
        try:
            with inside(g) as first:
                frame = users_frame(first)
                answer = place_of(frame), names(frame)
        except (gdb.error, gdb.GdbError) as e:
            answer = str(e), ()
        if key is not None:
            self.known[key] = answer
        return answer


def names(frame):
    found = []
    while frame is not None and len(found) < MAX_FRAMES:
        if is_users(frame):
            found.append(short(frame.name()))
        frame = older(frame)
    return tuple(found)


# ---- Commands ----


class InfoGoroutines(gdb.Command):
    """All goroutines: number, state, for how long, place, name.
info goroutines [-g] [REGEX]
-g shows those with the same state and functions as one. With REGEX only those
in whose state, name, place or functions it is found."""

    def __init__(self):
        super().__init__("info goroutines", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        grouped = bool(re.match(r"-g\b", argument))
        wanted = re.compile(argument[2:].strip() if grouped else argument)
        table = Table()
        at, places = now(table), Places()
        rows = []
        for g in all_goroutines(table):
            place, functions = places.of(g)
            texts = (g.state(), g.name, place) + functions
            if any(wanted.search(text) for text in texts):
                rows.append((g, place, functions))
        if grouped:
            self.groups(rows, at)
        else:
            self.list(rows, at)

    @staticmethod
    def list(rows, at):
        here = gdb.selected_thread().ptid
        for g, place, _ in rows:
            thread, age = g.thread(), g.age(at)
            state = g.state()
            if thread is not None:
                state += f" (thread {thread.num})"
            mark = "*" if thread is not None and thread.ptid == here else " "
            name = f' "{g.name}"' if g.name else ""
            age = "" if age is None else duration(age)
            print(f"{mark} {g.goid:<7} {state:<24} {age:>8}  {place}{name}")
        print(f"{len(rows)} goroutines")

    @staticmethod
    def groups(rows, at):
        groups = collections.defaultdict(list)
        for g, place, functions in rows:
            groups[g.state(), place, functions].append(g)
        for (state, place, functions), gs in sorted(
                groups.items(), key=lambda item: -len(item[1])):
            ages = [a for a in (g.age(at) for g in gs) if a is not None]
            age = ""
            if ages:
                age = f", {duration(min(ages))} to {duration(max(ages))}"
            some = ", ".join(str(g.goid) for g in gs[:5])
            more = ", ..." if len(gs) > 5 else ""
            print(f"{len(gs)} goroutines [{state}{age}]: {some}{more}")
            print(f"    {place}")
            for function in functions[1:]:
                print(f"    {function}")
        print(f"{len(rows)} goroutines")


class GoroutineCommand(gdb.Command):
    """Runs a gdb command in a goroutine's frames.
goroutine N [COMMAND]     bt if none is given
goroutine all [COMMAND]
The selected frame is the innermost one of the user's own code; "frame", "up"
and "down" select another one, until the program goes on."""

    def __init__(self):
        super().__init__("goroutine", gdb.COMMAND_STACK)
        # goid: (sp, level)
        self.levels = {}
        gdb.events.cont.connect(lambda event: self.levels.clear())

    def invoke(self, argument, from_tty):
        which, _, command = argument.strip().partition(" ")
        command = command.strip() or "bt"
        if which != "all" and not which.isdigit():
            raise gdb.GdbError("goroutine N|all [COMMAND]")
        table = Table()
        at = now(table)
        gs = all_goroutines(table)
        if which != "all":
            gs = [g for g in gs if g.goid == int(which)]
            if not gs:
                raise gdb.GdbError(f"There is no goroutine {which}.")
            self.run(gs[0], command, from_tty)
            return
        for g in gs:
            print(f"\n{g.header(at)}")
            try:
                self.run(g, command, from_tty)
            except (gdb.error, gdb.GdbError) as e:
                print(e)

    def run(self, g, command, from_tty):
        is_trace = command.split()[0] in ("bt", "backtrace", "where")
        with inside(g) as first:
            sp, level = self.levels.get(g.goid, (None, None))
            if sp == g.sp:
                select(level)
            else:
                users_frame(first).select()
            gdb.execute(command, from_tty)
            self.levels[g.goid] = g.sp, gdb.selected_frame().level()
        if is_trace and g.created_by():
            print(g.created_by())


class InfoProcs(gdb.Command):
    """Ps: the right to run goroutines; who has it."""

    def __init__(self):
        super().__init__("info procs", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        table = Table()
        sched = table["sched"]
        for i in range(half(sched + table["sched.gomaxprocs"])):
            p = word(sched + table["sched.allp"] + 8 * i)
            line = f"P{i} {P_STATES[half(p + table['p.status'])]:<8}"
            line += f" schedtick {half(p + table['p.schedtick'])}"
            m = word(p + table["p.m"])
            if m != 0:
                line += f", M{word(m + table['m.id'])}"
                line += f" (LWP {half(m + table['m.tid'])})"
                g = word(m + table["m.curg"])
                if g != 0:
                    line += f" runs goroutine {word(g + table['g.goid'])}"
            print(line)


class ParkourCore(gdb.Command):
    """generate-core-file, and the stacks of all goroutines in it.
parkour-core FILE
gdb gives up on a mapping where it meets a page that cannot be read, and on
Linux 6.13 and newer each stack begins with such guard pages."""

    def __init__(self):
        super().__init__("parkour-core", gdb.COMMAND_SUPPORT,
                         gdb.COMPLETE_FILENAME)

    def invoke(self, argument, from_tty):
        if not argument.strip():
            raise gdb.GdbError("parkour-core FILE")
        table = Table()
        gs = [g for g in slots(table) if g is not None]
        # Its warnings are about what is mended next.
        gdb.execute(f"generate-core-file {argument}", to_string=True)
        with open(argument.strip(), "r+b") as core:
            loads = self.loads(core)
            for g in gs:
                self.mend(core, loads, g)
        print(f"Saved corefile {argument.strip()}, {len(gs)} goroutines")

    @staticmethod
    def loads(core):
        """(from, to, offset in the file) of what a core has room for."""
        core.seek(0)
        header = core.read(64)
        at, = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<HH", header, 54)
        found = []
        for i in range(count):
            core.seek(at + i * size)
            kind, _, offset, start, _, length = struct.unpack(
                "<IIQQQQ", core.read(40))
            if kind == 1:
                found.append((start, start + length, offset))
        return found

    @staticmethod
    def mend(core, loads, g):
        table = g.table
        # Below a parked goroutine's stack pointer lies nothing of its own, and
        # of a dead one only the descriptor counts.
        lowest = g.lo if g.live() else g.address
        if g.live() and g.lo < g.sp < g.hi and g.registers():
            lowest = g.sp
        page = lowest // PAGE * PAGE
        end = (g.address + table["g.size"] + PAGE - 1) // PAGE * PAGE
        for start, stop, offset in loads:
            if start <= page and end <= stop:
                core.seek(offset + page - start)
                core.write(read(page, end - page))


for command in (InfoGoroutines, GoroutineCommand, InfoProcs, ParkourCore):
    command()
