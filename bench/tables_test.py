#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is made of figures: tables, verdicts, documents, plots."""

import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import front  # noqa: E402
import plots  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import syscalls  # noqa: E402
import webserver  # noqa: E402
import workloads  # noqa: E402
from programs import Failure  # noqa: E402

RATE = report.Metric("rate", "/s", ">= 1.5 x Go", name="requests")
P99 = report.Metric("p99_us", "ms", "<= 0.5 x Go", scale=1e-3)
PLAIN = report.Metric("threads", "")


def measured():
    r = report.Result("echo", (RATE, P99, PLAIN))
    for rate, p99 in ((30, 4000), (10, 6000), (20, 5000)):
        r.add("parkour", {"rate": rate, "p99_us": p99, "threads": 3})
    for rate in (10, 10, 11):
        r.add("go", {"rate": rate, "p99_us": 8000, "threads": 4})
    return r


def part():
    return results.measured([("CPU", "1 x Z80")], 3, ["It rains."],
                            [measured()])


def row(goal, **medians):
    return report.Row("x", "s", goal, {s: [v, v, v]
                                       for s, v in medians.items()})


class Tables(unittest.TestCase):
    def test_medians_spread_ratios_and_verdicts(self):
        self.assertEqual(report.table(part()["rows"]), """\
| | unit | Parkour | Go | ratio | goal | |
|---|---|---|---|---|---|---|
| echo: requests | /s | 20 (10..30) | 10 (10..11) | 2.00 | >= 1.5 x Go | met |
| echo: p99_us | ms | 5 (4..6) | 8 | 0.62 | <= 0.5 x Go | **missed** |
| echo: threads | | 3 | 4 | 0.75 | | |
""")

    def test_without_go(self):
        self.assertEqual(
            report.table([row(">= 2 x Go", parkour=1234.5, raw=0.5)])
            .splitlines()[2],
            "| x | s | 0.50 | 1,234 | 2469.00 x limit | >= 2 x Go | |")
        self.assertEqual(report.ratios(row("", parkour=1)), "")

    def test_goals(self):
        for goal, want, values in (
                ("<= 0.7 x Go", "met", {"parkour": 7, "go": 10}),
                ("<= 0.7 x Go", "**missed**", {"parkour": 7.1, "go": 10}),
                (">= 2 x Go and >= 0.9 x limit", "met",
                 {"parkour": 20, "go": 10, "raw": 22}),
                (">= 2 x Go and >= 0.9 x limit", "**missed**",
                 {"parkour": 20, "go": 10, "raw": 23}),
                (">= 2 x Go and >= 0.9 x limit", "**missed**",
                 {"parkour": 19, "go": 10}),
                (">= 2 x Go and >= 0.9 x limit", "",
                 {"parkour": 20, "go": 10}),
                (">= 0.95 x nginx", "met", {"parkour": 95, "nginx": 100}),
                ("<= 4,700", "met", {"parkour": 4700}),
                ("<= 4,700", "**missed**", {"parkour": 4701}),
                ("< 10", "**missed**", {"parkour": 10}),
                ("<= 0", "met", {"parkour": 0, "go": 0}),
                (">= 1.4 x Go", "**missed**",
                 {"parkour": 13, "go": 10, "raw": 14}),
                (">= 1.4 x Go", "missed, as by the limit",
                 {"parkour": 12, "go": 10, "raw": 13}),
                (">= 1.4 x Go and >= 0.98 x limit", "**missed**",
                 {"parkour": 12, "go": 10, "raw": 13}),
                (">= 1.4 x Go and >= 0.98 x limit", "missed, as by the limit",
                 {"parkour": 13, "go": 10, "raw": 13}),
                ("<= 1 x Go", "", {"parkour": 1, "go": 0}),
                ("", "", {"parkour": 1, "go": 1})):
            with self.subTest(goal=goal, values=values):
                self.assertEqual(row(goal, **values).verdict(), want)

    def test_the_ratio_to_whom_the_goal_names(self):
        goal = ">= 2 x Go and >= 0.9 x limit"
        self.assertEqual(report.ratios(row(goal, parkour=20, go=10, raw=25)),
                         "2.00, 0.80 x limit")

    def test_every_goal_of_a_workload_is_understood(self):
        class Anything:
            def __getattr__(self, name):
                return lambda *_, **__: 1 if name == "connections" else None
        for name, cases in workloads.WORKLOADS.items():
            bench = type("B", (), {"options": Options(), "programs": Anything(),
                                   "note": lambda *_: None,
                                   "note_speed": lambda *_: None})()
            for case in cases(bench):
                for metric in case.metrics:
                    left = report.CLAUSE.sub("", metric.goal)
                    self.assertIn(left, ("", " and "),
                                  f"{name}: {case.name}: {metric.goal}")


class Options:
    """All options of run.py: one of each will do."""
    def __getattr__(self, name):
        return 1


class Documents(unittest.TestCase):
    def test_a_part_between_marks_is_replaced(self):
        text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n"
        self.assertEqual(report.update(text, "x", "new\n"),
                         text.replace("old", "new"))
        self.assertRaises(ValueError, report.update, text, "y", "new\n")

    def update(self, folder, new):
        results.update(new, ["echo", "hog", "idle"], folder)
        texts = {}
        for name in ("results.json", "RESULTS.md", "README.md"):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                texts[name] = f.read()
        return texts

    def test_a_run_of_few_keeps_the_others(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "README.md"), "w",
                      encoding="utf-8") as f:
                f.write("# x\n<!-- begin summary -->\n<!-- end summary -->\n")
            self.update(folder, {"hog": part(), "idle": part()})
            texts = self.update(folder, {"echo": part(), "idle": part()})
            loaded = results.load(folder)
        self.assertEqual(list(loaded), ["echo", "hog", "idle"])
        self.assertEqual(loaded["hog"], part())
        self.assertEqual(texts["RESULTS.md"].count("It rains."), 3)
        self.assertIn("CPU: 1 x Z80. Median", texts["RESULTS.md"])
        self.assertIn("3 of 6 are met", texts["README.md"])
        self.assertIn("| hog: echo: requests | /s | 20 | 10 | 2.00 |",
                      texts["README.md"])
        self.assertNotIn("threads", texts["README.md"])

    def test_the_documents_are_those_of_the_results(self):
        """After a change of how they look: python3 bench/results.py."""
        parts = results.load()
        for name, want in (("RESULTS.md", results.document(parts)),
                           *(("plots/" + n + ".svg", svg)
                             for n, svg in plots.drawn(parts).items())):
            with open(os.path.join(HERE, name), encoding="utf-8") as f:
                self.assertEqual(f.read(), want, name)
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as f:
            readme = f.read()
        self.assertEqual(
            report.update(readme, "summary", results.summary(parts)), readme)

    def test_the_front_page_is_that_of_the_results(self):
        """After a change of how it looks: python3 bench/results.py."""
        parts = results.load()
        with open(os.path.join(HERE, os.pardir, "README.md"),
                  encoding="utf-8") as f:
            readme = f.read()
        self.assertEqual(report.update(readme, "figures", front.table(parts)),
                         readme)
        for line in front.LINES:
            self.assertIsNotNone(front.find(parts, line), line.name)

    def test_the_front_page_s_words(self):
        rows = [report.Row("64 connections, 64 B, 1w: requests", "/s", "",
                           {"parkour": [1500, 1, 2], "go": [1400, 1, 2]}),
                report.Row("64 connections, 64 B, 1w: p99", "us", "",
                           {"raw": [600, 1, 2], "parkour": [1500, 1, 2],
                            "go": [1400, 1, 2]}),
                report.Row("64 connections, 64 B, 2w: p99", "us", "",
                           {"parkour": [1400, 1, 2], "go": [1400.1, 1, 2]})]
        text = front.table({"echo": {"machine": "x; Parkour: abc-dirty",
                                     "rows": rows}})
        self.assertEqual(text.split("\n\n")[0].splitlines()[2:], [
            "| echo, 64 connections, one processor: requests per second | "
            "| **1,500** | 1,400 |",
            "| the same: 99th percentile | 0.60 ms | 1.50 ms | **1.40 ms** |",
            "| the same, two processors: 99th percentile | | 1.40 ms "
            "| 1.40 ms |"])
        self.assertIn("echo: abc-dirty; hog, calls", text)

    def test_every_workload_is_explained(self):
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as f:
            table = f.read().partition("## Workloads")[2]
        for name in workloads.WORKLOADS:
            self.assertIn(f"`{name}`", table)


class Plots(unittest.TestCase):
    def test_more_is_better(self):
        found = plots.bars({"echo": part()}, ("echo", "hog"))
        self.assertEqual([(b.better, b.goal, b.verdict) for b in found],
                         [(2, 1.5, "met"), (1.6, 2, "**missed**")])

    def test_a_bar_for_each(self):
        svg = plots.plot("<T>", plots.bars({"echo": part()}, ("echo",)))
        root = xml.fromstring(svg)
        rects = root.findall("{http://www.w3.org/2000/svg}rect")
        self.assertEqual([r.get("fill") for r in rects],
                         ["white", plots.MET, plots.MISSED])
        begin, width = (float(rects[1].get(k)) for k in ("x", "width"))
        self.assertAlmostEqual(begin, plots.x_of(1), delta=0.1)
        self.assertAlmostEqual(begin + width, plots.x_of(2), delta=0.2)

    def test_the_scale_has_ends(self):
        self.assertEqual(plots.x_of(1e-9), plots.LEFT)
        self.assertEqual(plots.x_of(1e9), plots.LEFT + plots.BAR)

    def test_every_plot_shows_workloads(self):
        for _, names in plots.PLOTS.values():
            self.assertLessEqual(set(names), set(workloads.WORKLOADS))


WRK = """\
Running 1s test @ http://127.0.0.1:1/
  Latency Distribution
     50%  583.00us
     99%    1.21ms
  103 requests in 1.00s, 1.00MB read
Requests/sec:  98765.43
Transfer/sec:      1.00MB
"""
STRACE = """\
7 1000.5 write(1, "x", 1) = 1
8 1001.5 epoll_wait(4,  <unfinished ...>
7 1002.0 <... futex resumed>) = 0
7 1002.5 mincore(0x7f, 4096, 0x7e) = 0
7 1003.0 --- SIGURG {si_signo=SIGURG} ---
8 1003.5 +++ exited with 0 +++
"""


class OtherPrograms(unittest.TestCase):
    def test_wrk(self):
        self.assertEqual(webserver.parse(WRK),
                         {"per_second": 98765.43, "p99_us": 1210})

    def test_wrk_met_errors(self):
        for line in ("  Non-2xx or 3xx responses: 3\n",
                     "  Socket errors: connect 0, read 1, write 0\n"):
            self.assertRaises(Failure, webserver.parse, WRK + line)

    def test_strace(self):
        self.assertEqual(syscalls.entered_after(STRACE, 0), 3)
        self.assertEqual(syscalls.entered_after(STRACE, 1001), 2)
        self.assertEqual(syscalls.entered_after(STRACE, 1002), 1)

    def test_strace_s_total(self):
        self.assertEqual(syscalls.total("calls syscall\n 12 read\n 34 total"),
                         34)
        self.assertRaises(ValueError, syscalls.total, "")


if __name__ == "__main__":
    unittest.main()
