#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""The page of parktrace html, in a headless Chromium.

usage: viewer_test.py PARKTRACE SIMULATE [PROGRAM ARGUMENT...]

With a program: the page of what it writes with PARKOUR_TRACE, and no more.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import devtools  # noqa: E402

PARKTRACE = SIMULATE = ""
PROGRAM = []
VIEWER = "window.__trace.viewer"


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


class ViewerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.trace = os.path.join(cls.folder.name, "x.trace")
        if PROGRAM:
            subprocess.run(PROGRAM, check=True, stdin=subprocess.DEVNULL,
                           env={**os.environ, "PARKOUR_TRACE": cls.trace})
            output(PARKTRACE, "check", cls.trace)
        else:
            cls.write(cls.trace, output(SIMULATE, "20000", "150", "4"))
        cls.page_file = os.path.join(cls.folder.name, "x.html")
        cls.write(cls.page_file, output(PARKTRACE, "html", cls.trace))
        cls.browser = devtools.Browser().__enter__()
        cls.addClassCleanup(cls.browser.__exit__)

    @staticmethod
    def write(path, data):
        with open(path, "wb") as f:
            f.write(data)

    def open(self, path=None, **how):
        """The page, when it has drawn its first picture."""
        page = self.browser.open("file://" + (path or self.page_file), **how)
        page.wait_for("window.__trace && "
                      "(window.__trace.ready || window.__trace.errors.length)")
        return page

    def assert_no_errors(self, page):
        self.assertEqual(page.evaluate("window.__trace.errors"), [])
        self.assertEqual(page.events("Runtime.exceptionThrown"), [])
        self.assertEqual(page.events("Log.entryAdded"), [])
        self.assertEqual(page.events("Runtime.consoleAPICalled"), [])

    def test_counts_are_the_traces(self):
        page = self.open()
        facts = json.loads(output(PARKTRACE, "summary", "--json", self.trace))
        self.assertGreater(facts["counts"]["wakes"], 100)
        self.assertEqual(page.evaluate("window.__trace.counts"),
                         facts["counts"])
        model = VIEWER + ".model.inState.map((a) => a.reduce((x, y) => x + y))"
        self.assertEqual(page.evaluate(model),
                         [facts["nanoseconds"][s] for s in
                          ("running", "runnable", "syscall", "waiting")])
        self.assert_no_errors(page)

    def test_nothing_is_asked_of_a_network(self):
        page = self.open()
        page.frame()
        urls = [e["request"]["url"]
                for e in page.events("Network.requestWillBeSent")]
        self.assertEqual(urls, ["file://" + self.page_file])

    def test_it_is_not_empty_light_and_dark(self):
        backs = []
        for dark in (False, True):
            page = self.open(dark=dark)
            pixels = devtools.colours(page.screenshot(scale=0.5))
            self.assertGreater(len(pixels), 100)
            backs.append(max(pixels, key=pixels.get))
            # No colour has all but the last tenth of the page.
            self.assertLess(max(pixels.values()), 0.9 * sum(pixels.values()))
            self.assert_no_errors(page)
        self.assertGreater(sum(backs[0]), 600)
        self.assertLess(sum(backs[1]), 150)

    def place_of(self, page, proc):
        """Where the widest slice of a processor is: x, y and its span."""
        return page.evaluate("""(() => {
          const v = %s, s = v.trace.slices;
          let best = s.first[%d];
          for (let i = best; i < s.first[%d + 1]; i++) {
            if (v.trace.spans.state[s.span[i]] === 0 &&
                s.end[i] - s.begin[i] > s.end[best] - s.begin[best]) best = i;
          }
          v.zoomTo(s.span[best]);
          const box = document.getElementById('tracks').getBoundingClientRect();
          return [box.x + v.layout.x((s.begin[best] + s.end[best]) / 2),
                  box.y + v.layout.rowY('proc', %d) + 12, s.span[best]];
        })()""" % (VIEWER, proc, proc, proc))

    def test_a_click_shows_a_slices_details(self):
        page = self.open()
        x, y, span = self.place_of(page, 1)
        page.click(x, y)
        self.assertEqual(page.evaluate(VIEWER + ".selected"), span)
        text = page.evaluate("document.getElementById('details').innerText")
        for word in ("G ", "running", "Duration", "On", "P 1, M 1",
                     "STOPPED AT", "net::TCPConn::Read", "conn.cc"):
            self.assertIn(word, text)
        # On to what came next, by the link and back by key.
        page.evaluate("document.querySelectorAll('#details dd a')[1].click()")
        self.assertEqual(page.evaluate(VIEWER + ".selected"), span + 1)
        page.key("ArrowLeft")
        self.assertEqual(page.evaluate(VIEWER + ".selected"), span)
        page.key("Escape")
        self.assertEqual(page.evaluate(VIEWER + ".selected"), -1)
        self.assert_no_errors(page)

    def test_why_late_names_the_waker(self):
        page = self.open()
        span, waker, waited = page.evaluate("""(() => {
          const v = %s, t = v.trace;
          for (let i = 0; i + 1 < t.spans.n; i++) {
            const wake = t.spans.wake[i];
            if (wake < 0 || t.wakes.g[wake] < 0 || t.wakes.created[wake] ||
                v.model.next(i) < 0) continue;
            v.go(i + 1);
            return [i + 1, v.model.title(t.wakes.g[wake]),
                    duration(v.model.lengthOf(i))];
          }
        })()""" % VIEWER)
        text = page.evaluate("document.getElementById('details').innerText")
        late = text[text.index("WHY IT DID NOT RUN EARLIER"):]
        self.assertIn("Runnable for " + waited, late)
        self.assertIn("All Ps busy", late)
        self.assertIn(" ".join(waker.split()),
                      " ".join(late[late.index("WOKEN BY"):].split()))
        page.key("u")
        self.assertNotEqual(page.evaluate(VIEWER + ".selected"), span)
        self.assert_no_errors(page)

    def test_keys_wheel_and_drag_move_and_zoom(self):
        page = self.open()

        def shown():
            return page.evaluate(f"[{VIEWER}.layout.t0, {VIEWER}.layout.t1]")

        page.mouse("mouseMoved", 600, 350)
        whole = shown()
        page.key("w")
        closer = shown()
        self.assertLess(closer[1] - closer[0], 0.7 * (whole[1] - whole[0]))
        page.key("d")
        self.assertGreater(shown()[0], closer[0])
        page.key("a")
        self.assertAlmostEqual(shown()[0], closer[0], delta=1)
        page.mouse("mouseWheel", 600, 350, deltaX=0, deltaY=-200, modifiers=2)
        page.frame()
        self.assertLess(shown()[1] - shown()[0], closer[1] - closer[0])
        before = shown()
        page.mouse("mousePressed", 600, 350, button="left", clickCount=1)
        page.mouse("mouseMoved", 500, 350, button="left", buttons=1)
        page.mouse("mouseReleased", 500, 350, button="left", clickCount=1)
        page.frame()
        self.assertGreater(shown()[0], before[0])
        page.key("0")
        self.assertAlmostEqual(shown()[0], whole[0], delta=1)
        self.assert_no_errors(page)

    def test_filter_and_table(self):
        page = self.open()
        everything = page.evaluate(VIEWER + ".layout.goroutines.length")
        page.evaluate("""(() => {
          const filter = document.getElementById('filter');
          filter.value = 'db::query';
          filter.dispatchEvent(new Event('input'));
          document.getElementById('tab-goroutines').click();
        })()""")
        some = page.evaluate(VIEWER + ".layout.goroutines.length")
        facts = json.loads(output(PARKTRACE, "summary", "--json", self.trace))
        self.assertEqual(some, facts["functions"]["db::Query"])
        self.assertLess(some, everything)
        rows = "[...document.querySelectorAll('#table tr.row')]"
        blocked = page.evaluate(
            f"{VIEWER}.tables.goroutines.rows.map("
            f"(g) => {VIEWER}.model.inState[3][g])")
        self.assertEqual(blocked, sorted(blocked, reverse=True))
        self.assertGreater(page.evaluate(rows + ".length"), 10)
        self.assertEqual(
            page.evaluate(rows + ".filter((r) => "
                          "!r.innerText.includes('db::Query')).length"), 0)
        page.evaluate(rows + "[0].click()")
        self.assertEqual(
            page.evaluate(f"{VIEWER}.trace.spans.g[{VIEWER}.selected]"),
            page.evaluate(f"{VIEWER}.tables.goroutines.rows[0]"))
        self.assert_no_errors(page)

    def test_names_are_short(self):
        page = self.open()
        for name, short in (
                ("main.(*T).Method", "main.(*T).Method"),
                ("main", "main"),
                ("(anonymous namespace)::Work(int, char**)", "Work"),
                ("parkour::Chan<int>::Send(int const&)",
                 "parkour::Chan<\u2026>::Send"),
                ("f<g<int>, h<>>::k<>()", "f<\u2026>::k<>"),
                ("main::{lambda()#2}::operator()() const",
                 "main::{lambda()#2}::operator()() const"),
                ("S::operator()", "S::operator()"),
                ("S::operator<(S const&)", "S::operator<"),
                ("S::operator->()", "S::operator->"),
                ("odd<name", "odd<name")):
            self.assertEqual(
                page.evaluate(f"shortName({json.dumps(name)})"), short)

    def test_broken_data_is_said(self):
        broken = os.path.join(self.folder.name, "broken.html")
        with open(self.page_file, "rb") as f:
            page = f.read()
        at = page.index(b'id="data">') + 40
        self.write(broken, page[:at] + b"AAAA" + page[at + 4:])
        page = self.open(broken)
        self.assertEqual(len(page.evaluate("window.__trace.errors")), 1)
        self.assertIn("cannot show its trace", page.evaluate(
            "document.getElementById('loading').innerText"))

    def test_a_million_events(self):
        trace = os.path.join(self.folder.name, "large.trace")
        self.write(trace, output(SIMULATE, "1000000", "20000", "8"))
        large = os.path.join(self.folder.name, "large.html")
        self.write(large, output(PARKTRACE, "html", trace))
        page = self.open(large)
        self.assertEqual(page.evaluate("window.__trace.errors"), [])
        self.assertEqual(page.evaluate("window.__trace.counts.procs"), 8)
        # A frame costs what the window shows, not what the trace has: with
        # fifty times the events not even ten times as much.
        self.assertLess(self.frame_cost(page),
                        10 * self.frame_cost(self.open()))

    def frame_cost(self, page):
        """Rectangles and lines of the whole trace's picture."""
        return page.evaluate("""(() => {
          const v = %s, c = v.painter.context;
          let n = 0;
          for (const name of ['fillRect', 'stroke', 'fillText']) {
            const real = c[name].bind(c);
            c[name] = (...args) => { n++; real(...args); };
          }
          v.fit();
          v.painter.draw();
          for (const name of ['fillRect', 'stroke', 'fillText']) delete c[name];
          return n;
        })()""" % VIEWER)


if __name__ == "__main__":
    PARKTRACE, SIMULATE = map(os.path.abspath, sys.argv[1:3])
    if devtools.find() is None:
        sys.exit("viewer_test: no Chromium: run tools/setup")
    tests = []
    if sys.argv[3:]:
        PROGRAM = [os.path.abspath(sys.argv[3]), *sys.argv[4:]]
        tests = ["ViewerTest." + name for name in (
            "test_counts_are_the_traces", "test_nothing_is_asked_of_a_network",
            "test_it_is_not_empty_light_and_dark")]
    unittest.main(argv=sys.argv[:1] + tests)
