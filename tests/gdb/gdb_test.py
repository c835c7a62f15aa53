#!/usr/bin/env python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""tools/gdb/parkour.py on a live program and on a core of it.

  gdb_test.py PROGRAM PARKOUR_PY
"""

import functools
import os
import re
import subprocess
import sys
import unittest

PROGRAM, SCRIPT = sys.argv[1:3]
TMP = os.environ.get("TEST_TMPDIR", "/tmp")
CORE = os.path.join(TMP, "gdb_test.core")
PLAIN_CORE = CORE + ".plain"
WORKERS = 300
TIMEOUT = 240
BEGIN = "==== "

# Finds a goroutine's number, and runs a command in it.
HELPER = r"""
python
def find(regex):
    text = gdb.execute("info goroutines " + regex, to_string=True)
    return int(text.splitlines()[0][2:].split()[0])
def at(regex, command):
    gdb.execute("goroutine %d %s" % (find(regex), command))
def sp():
    return int(gdb.newest_frame().read_register("rsp"))
def pc():
    return int(gdb.newest_frame().read_register("rip"))
before = (sp(), pc())
end
"""

QUERIES = {
    "list": "info goroutines",
    "grouped": "info goroutines -g",
    "some": "info goroutines Deep",
    "none": "info goroutines nobody-is-called-so",
    "procs": "info procs",
    "deep": 'python at("^deep$", "bt")',
    "worker": 'python at("^deep$", "info locals")',
    "caller": 'python at("^deep$", "up")',
    "still the caller": 'python at("^deep$", "info locals")',
    "outer": 'python at("^deep$", "frame apply all -q info locals")',
    "nofp": 'python at("^nofp$", "bt")',
    "nofp locals": 'python at("^nofp$", "info locals")',
    "computes": 'python at("Computes", "bt")',
    "reads": 'python at("ReadsPipe", "bt")',
    "all": "goroutine all bt",
    "missing": "goroutine 123456789 bt",
    "bad": "goroutine many bt",
    "own": "bt",
    "untouched": "python print(before == (sp(), pc()))",
}


def gdb(commands, arguments):
    path = os.path.join(TMP, "commands.gdb")
    with open(path, "w") as f:
        f.write("\n".join(commands) + "\n")
    result = subprocess.run(
        ["gdb", "-batch", "-nx", "-iex", "set auto-load off",
         "-iex", "set debuginfod enabled off", "-ex", "set width 0",
         "-ex", "set disable-randomization off", "-ex", f"source {SCRIPT}",
         "-x", path] + arguments,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT,
        env=dict(os.environ, GOMAXPROCS="2"))
    return result.stdout


def tried(statement):
    return (f"python\ntry:\n    {statement}\n"
            "except (gdb.error, gdb.GdbError) as e:\n"
            "    print('error:', e)\nend")


def queries():
    """Each with a line before it, and errors are no end of it all."""
    for name, command in QUERIES.items():
        yield f"echo \\n{BEGIN}{name}\\n"
        yield tried(f"gdb.execute({command!r})")


def sections(text):
    parts = re.split(rf"^{BEGIN}(.*)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def users(trace):
    """The program's own functions of a backtrace, innermost first."""
    return re.findall(
        r"^#\d+ +(?:0x[0-9a-f]+ in )?(?:\(anonymous namespace\)::)?"
        r"(\w+).* at (?:\S*/)?gdb_child.cc:\d+$", trace, flags=re.M)


def begin():
    return ["set breakpoint pending on", "break Ready", "run",
            "source " + os.path.join(TMP, "helper.gdb")]


@functools.lru_cache
def live():
    """What gdb says of the program; leaves cores of it behind."""
    return gdb(
        begin() + list(queries()) +
        [f"echo \\n{BEGIN}core\\n", f"parkour-core {CORE}",
         f"generate-core-file {PLAIN_CORE}",
         f"echo \\n{BEGIN}new\\n",
         "tbreak parkour::runtime::readyToRun", "continue",
         "info goroutines has not begun",
         tried("at('has not begun', 'bt')"),
         f"echo \\n{BEGIN}end\\n", "kill"], [PROGRAM])


class Checks:
    """The same of the live program and of its core."""

    def test_list(self):
        rows = self.said["list"].splitlines()
        workers = [r for r in rows if re.search(r"\bWorker at gdb_child", r)]
        self.assertEqual(len(workers), WORKERS + 1, self.text)
        for row in workers:
            self.assertRegex(row, r"^  \d+ +chan receive +[\d.]+m?[\d.]*s  ")
        self.assertIn(f"{WORKERS + 8} goroutines", rows)
        for regex in (r"chan receive .*NoFramePointer at gdb_child\S+ \"nofp\"",
                      r"chan receive .*\bWorker at gdb_child\S+ \"deep\"",
                      r"\bsleep .*\bSleeps at", r"IO wait .*\bAccepts at",
                      r"sync.Mutex.Lock .*\bLocks at",
                      r"running \(thread \d+\).*\bComputes at",
                      r"syscall \(thread \d+\) +operator\(\) at gdb_child",
                      r"\* 1 +running \(thread \d+\) +Ready at"):
            found = [r for r in rows if re.search(regex, r)]
            self.assertEqual(len(found), 1, regex + "\n" + self.said["list"])

    def test_grouped(self):
        text = self.said["grouped"]
        self.assertRegex(
            text, rf"{WORKERS} goroutines \[chan receive, [^]]+\]: "
            r"\d+, \d+, \d+, \d+, \d+, \.\.\.\n    .*Worker at gdb_child")
        self.assertIn(f"{WORKERS + 8} goroutines\n", text)

    def test_some(self):
        self.assertIn("1 goroutines", self.said["some"])
        self.assertIn("0 goroutines", self.said["none"])

    def test_procs(self):
        # While gdb was at work sysmon may have taken either of them.
        one = (r"P%d (idle +schedtick \d+|running +schedtick \d+, M\d+ "
               r"\(LWP \d+\)( runs goroutine \d+)?)\n")
        self.assertRegex(self.said["procs"], one % 0 + one % 1)

    def test_backtrace(self):
        self.assertEqual(users(self.said["deep"])[:7],
                         ["Worker"] + ["Deep"] * 6)
        self.assert_whole(self.said["deep"], 1)
        self.assertRegex(self.said["deep"],
                         r"\ncreated by .*Run.* in goroutine 1 at \S+:\d+")
        self.assertRegex(self.said["deep"],
                         r"number=(number@entry=)?4711\) at \S+:\d+\n")

    def test_locals(self):
        self.assertRegex(self.said["worker"], r"^doubled = 9422\n")
        self.assertRegex(self.said["caller"], r"^#\d+ .*\bDeep\b.*depth=")
        self.assertRegex(self.said["still the caller"], r"^level = 0\n")
        levels = re.findall(r"^level = (\d)$", self.said["outer"], re.M)
        self.assertEqual(levels, list("012345"))

    def test_without_frame_pointer(self):
        self.assertEqual(users(self.said["nofp"])[0], "NoFramePointer")
        self.assert_whole(self.said["nofp"], 1)
        self.assertRegex(self.said["nofp locals"], r"secret = 4712\n")

    def test_running(self):
        self.assertEqual(users(self.said["computes"])[0], "Computes")
        self.assert_whole(self.said["computes"], 1)

    def test_in_system_call(self):
        self.assertIn("ReadsPipe", users(self.said["reads"]))
        self.assert_whole(self.said["reads"], 1)

    def test_all(self):
        self.assert_whole(self.said["all"], WORKERS + 8)
        headers = re.findall(r"^goroutine \d+ \[.*\]:$", self.said["all"], re.M)
        self.assertEqual(len(headers), WORKERS + 8)
        self.assertEqual(users(self.said["all"]).count("Worker"),
                         WORKERS + 1)

    def test_errors(self):
        self.assertIn("error: There is no goroutine 123456789.",
                      self.said["missing"])
        self.assertIn("error: goroutine N|all [COMMAND]", self.said["bad"])

    def test_thread_is_as_before(self):
        self.assertRegex(self.said["own"], r"^#0 +(0x\w+ in )?Ready\b")
        self.assertIn("True", self.said["untouched"])

    def assert_whole(self, text, count):
        """That many traces, each to the goroutine's first frame."""
        ends = re.findall(r"^#\d+ .*Trampoline\b.*\n(?!#)", text, re.M)
        self.assertEqual(len(ends), count, text)
        for wrong in ("corrupt", "Backtrace stopped", "?? ()", "Traceback"):
            self.assertNotIn(wrong, text)


class Live(Checks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = live()
        cls.said = sections(cls.text)

    def test_not_begun(self):
        self.assertRegex(self.said["new"],
                         r"\n  \d+ +runnable .*goroutine \d+ has not begun")
        self.assertRegex(self.said["new"],
                         r"\nerror: goroutine \d+ has not begun to run\n")


class Core(Checks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        live()
        cls.text = gdb(
            ["source " + os.path.join(TMP, "helper.gdb")] + list(queries()),
            [PROGRAM, CORE])
        cls.said = sections(cls.text)
        os.unlink(CORE)

    def test_plain_core(self):
        """What gdb's own command leaves out is not passed over in silence."""
        text = gdb(["info goroutines"], [PROGRAM, PLAIN_CORE])
        os.unlink(PLAIN_CORE)
        self.assertRegex(
            text, r"warning: this core lacks \d+ goroutines' stacks|"
            rf"{WORKERS + 8} goroutines\n")


class Layout(unittest.TestCase):
    def test_saved_registers(self):
        """The table has them where the jump's machine code puts them."""
        code = subprocess.run(
            ["objdump", "-d", "--no-show-raw-insn",
             "--disassemble=jump_fcontext", PROGRAM],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        size, = re.findall(r"lea +-0x(\w+)\(%rsp\),%rsp", code)
        found = {name: int(at, 16) for name, at in
                 re.findall(r"mov +%(r\w+),0x(\w+)\(%rsp\)", code)}
        # The return address lies above what the jump makes room for.
        found["rip"] = int(size, 16)
        found["size"] = int(size, 16) + 8
        text = gdb(["start", "python print({k[6:]: v for k, v in "
                    "Table().values.items() if k.startswith('saved.')})",
                    "kill"], [PROGRAM])
        self.assertIn(found, [eval(d) for d in re.findall(r"\{.*\}", text)],
                      f"{found}\n{text}")


def main():
    with open(os.path.join(TMP, "helper.gdb"), "w") as f:
        f.write(HELPER)
    text = gdb(["start", "echo \\nstarted $_siginfo\\n", "kill"], ["/bin/true"])
    if re.search(r"ptrace: |Could not trace|Operation not permitted", text) \
            and "Temporary breakpoint 1," not in text:
        print("SKIPPED: no program may be traced here (ptrace):\n" + text)
        return
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)


if __name__ == "__main__":
    main()
