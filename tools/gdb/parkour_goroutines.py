# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Goroutines of a process or a core, and their frames, for parkour.py.

The program is only read: no register is written and no function of it called.
A parked goroutine's registers lie on its stack. While a command runs "in" it,
an unwinder pretends that the selected thread's innermost frame was called by
the function that the goroutine parked in, and a frame filter hides that one
frame.
"""

import contextlib
import re
import struct
import time

import gdb
import gdb.unwinder

VERSION = 1
RUNNABLE, RUNNING, SYSCALL, WAITING = 1, 2, 3, 4
STATES = {RUNNABLE: "runnable", RUNNING: "running", SYSCALL: "syscall",
          WAITING: "waiting"}
REGISTERS = ("r12", "r13", "r14", "r15", "rbx", "rbp", "rip")
# What is not the user's own code: a goroutine's place is its innermost other
# frame.
LIBRARY = re.compile(
    r"(virtual thunk to |non-virtual thunk to )?"
    r"(parkour::(?!(examples|tests|bench|\(anonymous namespace\))::)|std::"
    r"|__gnu_cxx::|absl::)|(make|jump)_fcontext|__|_Z|_start$|clone")
SYSTEM = ("/usr/include/", "/usr/lib/", "../sysdeps/")
MAX_FRAMES = 200


# ---- Memory ----


def read(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def word(address):
    return struct.unpack("<Q", read(address, 8))[0]


def half(address):
    return struct.unpack("<I", read(address, 4))[0]


def text_at(address):
    data = b""
    while b"\0" not in data and len(data) < 128:
        data += read(address + len(data), 8)
    return data.split(b"\0")[0].decode("utf-8", "replace")


class Table:
    """parkour_gdb_offsets of the selected program."""

    def __init__(self):
        try:
            at = int(gdb.parse_and_eval("(unsigned long)&parkour_gdb_offsets"))
        except gdb.error:
            raise gdb.GdbError("This program has no Parkour, or no symbols.")
        if not gdb.selected_inferior().threads():
            raise gdb.GdbError("The program is not being run.")
        magic, version, count = struct.unpack("<16sQQ", read(at, 32))
        if magic.rstrip(b"\0") != b"parkour-gdb" or version != VERSION:
            raise gdb.GdbError(
                f"The program's Parkour has version {version} of the table "
                f"for gdb, and this script knows {VERSION}.")
        rows = read(at + 32, 32 * count)
        self.values = {}
        for i in range(count):
            name, value = struct.unpack_from("<24sQ", rows, 32 * i)
            self.values[name.rstrip(b"\0").decode()] = value
        reasons = self["wait_reasons"]
        addresses = [word(reasons + 8 * i)
                     for i in range(self["wait_reasons.count"])]
        self.reasons = [text_at(a) if a else "" for a in addresses]

    def __getitem__(self, name):
        return self.values[name]


def now(table):
    """On the runtime's clock."""
    connection = gdb.selected_inferior().connection
    if connection is not None and connection.type == "native":
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    return word(table["sched"] + table["sched.coarse_now"])


# ---- Goroutines ----


def duration(seconds):
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes = int(seconds) // 60
    if minutes < 60:
        return f"{minutes}m{int(seconds) % 60}s"
    return f"{minutes // 60}h{minutes % 60}m"


class Goroutine:
    def __init__(self, table, address):
        self.table = table
        self.address = address
        data = read(address, table["g.size"])

        def field(name, form="<Q"):
            return struct.unpack_from(form, data, table[name])[0]

        self.status = field("g.status", "<I") & ~table["g.scan_bit"]
        self.goid = field("g.goid")
        self.sp = field("g.sp")
        self.fp = field("g.fp")
        self.m = field("g.m")
        self.locked = field("g.lockedm") != 0
        self.since = field("g.waitsince", "<q")
        self.gopc = field("g.gopc")
        self.parent = field("g.parent_goid")
        self.lo = field("g.stack_lo")
        self.hi = field("g.stack_hi")
        self.reason = field("g.waitreason", "<B")
        at = table["g.name"]
        name = data[at:at + table["g.name.size"]].split(b"\0")[0]
        self.name = name.decode("utf-8", "replace")

    def live(self):
        return self.status in STATES

    def state(self):
        if self.status == WAITING and self.reason < len(self.table.reasons):
            return self.table.reasons[self.reason] or "waiting"
        if self.status == SYSCALL and not self.in_syscall():
            return "running"
        return STATES[self.status]

    def in_syscall(self):
        """One that computes may have lost its processor, and has the status of
        those in system calls then."""
        bits = half(self.m + self.table["m.attention"]) if self.m else 0
        return bits & self.table["m.attention.syscall"] != 0

    def age(self, at):
        """Seconds since it parked; None: it has not."""
        if self.status != WAITING or self.since == 0:
            return None
        return max(0, at - self.since) / 1e9

    def header(self, at):
        notes = [self.state()]
        age = self.age(at)
        if age is not None:
            notes.append(duration(age))
        if self.locked:
            notes.append("locked to thread")
        if self.name:
            notes.append(f'name "{self.name}"')
        return f"goroutine {self.goid} [{', '.join(notes)}]:"

    def created_by(self):
        if self.gopc == 0:
            return None
        return (f"created by {function_at(self.gopc - 1)} in goroutine "
                f"{self.parent}{line_at(self.gopc - 1)}")

    def unstarted(self):
        """It has not had its first turn: its context has no frame yet."""
        return self.fp == 0

    def registers(self):
        """The saved ones, or None while it is not parked."""
        table = self.table
        try:
            saved = {r: word(self.sp + table["saved." + r]) for r in REGISTERS}
        except gdb.MemoryError:
            return None
        # The frame it left from; something else there: not saved yet.
        if saved["rbp"] != self.fp:
            return None
        saved["rsp"] = self.sp + table["saved.size"]
        return saved

    def thread(self):
        """The gdb thread on whose stack it runs, or None."""
        if self.status not in (RUNNING, SYSCALL) or self.m == 0:
            return None
        tid = half(self.m + self.table["m.tid"])
        for thread in gdb.selected_inferior().threads():
            if thread.ptid[1] == tid:
                with selected(thread):
                    return thread if self.owns_frame() else None
        return None

    def owns_frame(self):
        frame, n = gdb.newest_frame(), 0
        while frame is not None and n < MAX_FRAMES:
            # One in a signal handler may be on another stack just now.
            if self.lo <= int(frame.read_register("rsp")) <= self.hi:
                return True
            frame, n = older(frame), n + 1
        return False


def slots(table):
    """All that have ever been used, dead ones included; None where this core
    has no memory of one."""
    for i in range(word(table["nslabs"])):
        slab = word(table["slabs"] + 8 * i)
        base = word(slab + table["slab.base"])
        size = word(slab + table["slab.slot_size"])
        count = word(slab + table["slab.slots"])
        states = read(word(slab + table["slab.state"]), count)
        for index, state in enumerate(states):
            if state != table["slot.made"]:
                continue
            line = table["slot.cache_line"]
            at = base + index * size
            if size >= table["slot.smallest_stack"]:
                top = at + size - table["g.size"]
                at = (top - index % table["slot.colours"] * line) // line * line
            try:
                g = Goroutine(table, at)
                yield g if g.hi != 0 else None
            except gdb.MemoryError:
                yield None


def all_goroutines(table):
    found = list(slots(table))
    missing = found.count(None)
    if missing:
        print(f"warning: this core lacks {missing} goroutines' stacks: gdb's "
              "generate-core-file leaves out what has guard pages; parkour-core"
              " does not, nor does the kernel")
    return sorted((g for g in found if g is not None and g.live()),
                  key=lambda g: g.goid)


# ---- Frames ----


class FrameId:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class Parked(gdb.unwinder.Unwinder):
    """Makes a parked goroutine the caller of one thread's innermost frame."""

    def __init__(self):
        super().__init__("parkour goroutine")
        self.saved = None
        self.ptid = None

    def arm(self, saved):
        self.saved = saved
        self.ptid = gdb.selected_thread().ptid
        gdb.invalidate_cached_frames()

    def disarm(self):
        if self.saved is not None:
            self.saved = None
            gdb.invalidate_cached_frames()

    def armed(self):
        return (self.saved is not None and
                gdb.selected_thread().ptid == self.ptid)

    def __call__(self, pending):
        if not self.armed() or pending.level() != 0:
            return None
        # Its own place would not do: callers must lie above their callees, or
        # gdb takes the stack for corrupt.
        pc = pending.read_register("rip")
        sp = pending.read_register("rsp")
        inner = gdb.Value(self.saved["rsp"] - 8).cast(sp.type)
        info = pending.create_unwind_info(FrameId(inner, pc))
        for name, value in self.saved.items():
            kind = pending.read_register(name).type
            info.add_saved_register(name, gdb.Value(value).cast(kind))
        return info


class HideInnermost:
    """Leaves the thread's own frame out of a goroutine's bt."""

    def __init__(self):
        self.name = "parkour goroutine"
        self.enabled = True
        self.priority = 1000

    def filter(self, frames):
        if not parked.armed():
            return frames
        return (f for f in frames if f.inferior_frame().level() != 0)


@contextlib.contextmanager
def selected(thread):
    """With another thread selected; and back to frame and thread."""
    before = gdb.selected_thread()
    level = gdb.selected_frame().level()
    try:
        thread.switch()
        yield
    finally:
        before.switch()
        select(level)


def older(frame):
    try:
        return frame.older()
    except gdb.error:
        return None


def select(level):
    frame = gdb.newest_frame()
    while frame is not None and frame.level() < level:
        frame = older(frame)
    if frame is not None:
        frame.select()


symbols = {}


def symbol_at(pc):
    """The linker's name: whole, also where debugging information is scarce."""
    if pc not in symbols:
        text = gdb.execute(f"info symbol {pc:#x}", to_string=True)
        symbols[pc] = re.sub(r"( \+ \d+)? in section .*|\n", "", text)
    return symbols[pc]


def is_users(frame):
    if frame.name() is None or LIBRARY.match(frame.name()):
        return False
    symtab = frame.find_sal().symtab
    if symtab is not None and symtab.filename.startswith(SYSTEM):
        return False
    if not LIBRARY.match(symbol_at(frame.pc())):
        return True
    # A user's lambda, in a template of ours. The library's own functions have
    # no namespaces where it was compiled with little debugging information.
    return frame.type() == gdb.INLINE_FRAME and (
        "::" in frame.name() or frame.name().startswith("operator"))


def short(name):
    """Without its parameters."""
    name = name.replace("(anonymous namespace)::", "")
    end, depth = name.rfind(")"), 0
    for i in range(end, -1, -1):
        depth += {")": 1, "(": -1}.get(name[i], 0)
        if depth == 0 and i < end:
            return name if name[:i].endswith("operator") else name[:i]
    return name


def users_frame(first):
    """The innermost frame that is not the library's."""
    fallback, frame, n = None, gdb.newest_frame(), 0
    while frame is not None and n < MAX_FRAMES:
        if frame.level() >= first:
            fallback = fallback or frame
            if is_users(frame):
                return frame
        frame, n = older(frame), n + 1
    return fallback


@contextlib.contextmanager
def inside(g):
    """With g's frames for those of the selected thread; yields the number of
    its innermost one. GdbError where it has none."""
    thread = g.thread()
    if thread is not None:
        with selected(thread):
            yield 0
        return
    if g.unstarted():
        raise gdb.GdbError(f"goroutine {g.goid} has not begun to run")
    saved = g.registers()
    if saved is None:
        raise gdb.GdbError(f"goroutine {g.goid} is in the middle of a switch")
    before = gdb.selected_thread()
    level = gdb.selected_frame().level()
    try:
        parked.arm(saved)
        yield 1
    finally:
        before.switch()
        parked.disarm()
        select(level)


def function_at(pc):
    block = gdb.block_for_pc(pc)
    while block is not None and block.function is None:
        block = block.superblock
    if block is not None:
        return short(block.function.print_name)
    return short(symbol_at(pc))


def line_at(pc):
    sal = gdb.find_pc_line(pc)
    return f" at {sal.symtab.filename}:{sal.line}" if sal.symtab else ""


def place_of(frame):
    name = short(frame.name() or hex(frame.pc()))
    sal = frame.find_sal()
    if sal.symtab is None:
        return name
    return f"{name} at {sal.symtab.filename.split('/')[-1]}:{sal.line}"


parked = Parked()
gdb.unwinder.register_unwinder(None, parked, replace=True)
gdb.frame_filters["parkour goroutine"] = HideInnermost()
