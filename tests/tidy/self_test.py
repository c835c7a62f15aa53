#!/usr/bin/python3
# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every check of tidy.py finds what it is for, and only that."""

import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import cpp   # noqa: E402
import tidy  # noqa: E402
from tree import Tree  # noqa: E402

LICENCE = ("// Copyright 2026 The Parkour Authors.\n"
           "// SPDX-License-Identifier: Apache-2.0\n")
LAYERS = "NONE < base\nbase < runtime\nruntime < poll, chan\n"


def find(check, files, root=None):
    """"path:line" of the findings, sorted."""
    tree = Tree(files, root)
    return sorted({f"{path}:{line}"
                   for path, line, _ in tidy.CHECKS[check](tree)})


def layered(files):
    return {"tests/tidy/layering.txt": LAYERS, **files}


class Layering(unittest.TestCase):
    def test_upward_and_sideways(self):
        files = layered({
            "base/a.h": '#include "parkour/runtime/g.h"\n',
            "runtime/b.cc": '\n#include "parkour/poll/fd.h"\n',
            "poll/c.cc": '#include "parkour/chan/chan.h"\n',
        })
        self.assertEqual(find("layering", files),
                         ["base/a.h:1", "poll/c.cc:1", "runtime/b.cc:2"])

    def test_downward_is_transitive(self):
        files = layered({"poll/c.cc": '#include "parkour/base/list.h"\n'
                                      '#include "parkour/runtime/g.h"\n'
                                      '#include "parkour/poll/fd.h"\n'
                                      "#include <vector>\n"})
        self.assertEqual(find("layering", files), [])

    def test_unknown_room_and_missing_prefix(self):
        files = layered({"cellar/x.cc": "", "base/list.h": "",
                         "runtime/y.cc": '#include "base/list.h"\n'})
        self.assertEqual(find("layering", files),
                         ["cellar/x.cc:1", "runtime/y.cc:1"])

    def test_cycle(self):
        table = {"tests/tidy/layering.txt": "a < b\nb < c\nc < a\n"}
        self.assertEqual(find("layering", table),
                         ["tests/tidy/layering.txt:1"])

    def test_tests_beside_the_code(self):
        files = {"tests/tidy/layering.txt": LAYERS + "poll < tests\n",
                 "base/a_test.cc": '#include "parkour/poll/fd.h"\n'}
        self.assertEqual(find("layering", files), [])

    def test_third_party(self):
        boost = "#include <boost/context/detail/fcontext.hpp>\n"
        files = {"runtime/gobuf_switch.h": boost, "runtime/g.h": boost,
                 "net/net.h": "#include <spdlog/spdlog.h>\n"}
        self.assertEqual(find("third_party", files),
                         ["net/net.h:1", "runtime/g.h:1"])


class Doors(unittest.TestCase):
    BAD = ["std::atomic<int> n;", "std::atomic_thread_fence(x);",
           "__sync_synchronize();", "std::thread t;", "std::mutex mu;",
           "auto t = std::chrono::steady_clock::now();",
           "clock_gettime(CLOCK_REALTIME, &ts);", "absl::Now();",
           "std::random_device r;", "read(fd, buf, n);", "::close(fd);",
           "if (errno == EINTR) return;", "#include <thread>"]
    GOOD = ["base::Atomic<int> n;", "sys::Read(fd, buf, n);",
            "file.read(buf);", "c->close();", "// std::mutex mu;",
            'Print("std::thread");', "#include <errno.h>",
            "int already_read(int);", "Foo::read(buf);"]

    def test_bad(self):
        for line in self.BAD:
            files = {"runtime/a.cc": "\n" + line + "\n"}
            self.assertEqual(find("doors", files), ["runtime/a.cc:2"], line)

    def test_good(self):
        for line in self.GOOD:
            self.assertEqual(find("doors", {"runtime/a.cc": line}), [], line)

    def test_where_it_is_allowed(self):
        for path in ("base/a.cc", "net/a_test.cc", "tests/stress/a.cc",
                     "examples/a.cc"):
            self.assertEqual(find("doors", {path: self.BAD[0]}), [], path)
        self.assertEqual(find("doors", {"net/a.cc": "absl::Now();"}), [])

    def test_thread_local(self):
        text = "thread_local M* m;\n"
        files = {"runtime/tls.cc": text, "base/lockrank.cc": text,
                 "runtime/m.h": "// no thread_local here\n" + text}
        self.assertEqual(find("thread_locals", files), ["runtime/m.h:2"])


class Forms(unittest.TestCase):
    def test_file_size(self):
        files = {"a.cc": "x\n" * 500, "b.cc": "x\n" * 501}
        self.assertEqual(find("file_size", files), ["b.cc:501"])

    def test_function_size(self):
        def body(n):
            return "  Call();\n" * (n - 2) + "}\n"
        files = {
            "a.cc": "void F(int a,\n       int b) {\n" + body(69),
            "b.cc": "void F(int a,\n       int b) {\n" + body(70),
            "c.cc": "\nclass A : public B {\n void G() const {\n" + body(71)
                    + "};\n",
            "d.cc": "namespace a {\n" + "int x;\n" * 100 + "}\n",
            "e.cc": "constexpr E kTable[] = {\n" + "    {F(1), 2},\n" * 100
                    + "};\n",
            "f.cc": "void F() {\n  const E table[] = {\n"
                    + "      {F(1), {2, 3}},\n" * 100 + "  };\n"
                    + body(68),
            "g.cc": "void F() {\n  const E table[] = {\n"
                    + "      {F(1), {2, 3}},\n" * 100 + "  };\n"
                    + body(71),
        }
        self.assertEqual(find("function_size", files),
                         ["b.cc:1", "c.cc:3", "g.cc:1"])

    def test_columns(self):
        files = {"a.cc": "x" * 80 + "\n" + "x" * 81 + "\n",
                 "b.cc": '#include "' + "x" * 80 + '"\n',
                 "c.md": "x" * 100}
        self.assertEqual(find("columns", files), ["a.cc:2"])

    def test_whitespace(self):
        files = {"a.cc": "x \n", "b.cc": "\tx\n", "c.md": "x", "d.h": "x\n"}
        self.assertEqual(find("whitespace", files),
                         ["a.cc:1", "b.cc:1", "c.md:1"])

    def test_licence(self):
        script = "#!/bin/sh\n" + LICENCE.replace("//", "#")
        files = {"a.cc": LICENCE, "b.cc": "// Hello.\n", "c.sh": script,
                 "d.sh": "#!/bin/sh\n", "e.h": "\n" + LICENCE}
        self.assertEqual(find("licence", files), ["b.cc:1", "d.sh:1", "e.h:1"])

    def test_guards(self):
        def header(name):
            return f"// x\n#ifndef {name}\n#define {name}\n#endif  // {name}\n"
        files = {"net/a.h": header("PARKOUR_NET_A_H_"),
                 "net/b.h": header("PARKOUR_B_H_"),
                 "net/c.h": "#pragma once\n",
                 "tests/m/standin/a/e.h": header("PARKOUR_A_E_H_"),
                 "d.h": header("PARKOUR_D_H_") + "int x;\n"}
        self.assertEqual(find("guards", files),
                         ["d.h:5", "net/b.h:1", "net/c.h:1"])

    def test_header_comment(self):
        files = {"net/a.h": LICENCE + "//\n// a.h: the letter.\n",
                 "net/b.h": LICENCE + "//\n// The letter.\n"}
        self.assertEqual(find("header_comment", files), ["net/b.h:4"])

    def test_unfinished(self):
        files = {"a.cc": "// TO" + "DO: all of it\n", "b.md": "a to-do list\n",
                 "c.md": "FIX" + "ME\n", "d.cc": "int kTODOs;\n",
                 "e.cc": "Context TO" + "DO();  // context.TO" + "DO\n"}
        self.assertEqual(find("unfinished", files), ["a.cc:1", "c.md:1"])

    def test_citations(self):
        files = {"a.cc": "// W" + "6. Wakes.\n", "b.cc": "int W6;\n",
                 "c.cc": "// The L1 cache, C++20, IPv6, x86-64.\n",
                 "d.cc": "int x;  // see S" + "3.5\n"}
        self.assertEqual(find("citations", files), ["a.cc:1", "d.cc:1"])

    @unittest.skipUnless(shutil.which("clang-format"), "no clang-format")
    def test_formatting(self):
        files = {".clang-format": "BasedOnStyle: Google\n",
                 "a.cc": "int  x;\n", "b.cc": "int x;\n"}
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                with open(os.path.join(root, path), "w",
                          encoding="utf-8") as f:
                    f.write(text)
            self.assertEqual(find("formatting", files, root), ["a.cc:1"])


class Lists(unittest.TestCase):
    def test_in_build_files(self):
        files = {"net/BUILD.bazel": 'hdrs = ["a.h"], name = "c_test",\n'
                                    '# "d.h"\n',
                 "net/a.h": "", "net/b.cc": "", "net/c_test.cc": "",
                 "net/d.h": "", "net/sub/e.cc": "",
                 "io/BUILD.bazel": 'glob(["sub/**/*.h"])',
                 "io/sub/a/f.h": ""}
        self.assertEqual(find("in_build_files", files),
                         ["net/b.cc:1", "net/d.h:1", "net/sub/e.cc:1"])

    def test_public_headers(self):
        listed = "tests/tidy/public_headers.txt"
        include = '#include "parkour/net/%s.h"\n'
        files = {listed: "net/a.h\nnet/b.h\n", "net/a.h": "x\n" * 301,
                 "net/c.h": "", "parkour.h": include % "a" + include % "c",
                 "examples/e.cc": include % "c"}
        self.assertEqual(find("public_headers", files),
                         ["examples/e.cc:1", "net/a.h:301", "parkour.h:2",
                          listed + ":1"])

    def test_names(self):
        files = {"runtime/a.cc": "void gopark(); // goready\n",
                 "docs/NAMES.md": "| `gopark` | proc.go |\n"
                                  "| `goready` | proc.go |\n"}
        self.assertEqual(find("names", files), ["docs/NAMES.md:2"])


    def test_snippets(self):
        page = "# From Go\n\n```c++\nGo(a);\n  B(); // so\n```\n"
        files = {"docs/FROM_GO.md": page,
                 "docs/from_go_test.cc": "void F() {\n  Go(a);\n  B();\n}\n"}
        self.assertEqual(find("snippets", files), [])
        files["docs/from_go_test.cc"] = "void F() {\n  B();\n  Go(a);\n}\n"
        self.assertEqual(find("snippets", files), ["docs/FROM_GO.md:3"])

    def test_tables(self):
        good = {
            "base/error.cc": '{EPIPE, absl::StatusCode::kA,\n "broken"},',
            "docs/GUARANTEES.md": "| `EPIPE` | `kA` | broken |\n",
            "tools/setup": "packages=(\n  # x\n  bazel\n)\nmore=(\n  g++\n)\n",
            "docs/DEPENDENCIES.md": "| `bazel` | x |\n| `g++` | y |\n",
            "tests/tidy/layering.txt": "a  <  b\n",
            "docs/ARCHITECTURE.md": "    a < b\n",
            "docs/readme_example.cc": "// x\nint x;\n",
            "README.md": "```c++\nint x;\n```\n",
        }
        self.assertEqual(find("tables", good), [])
        for path, old, new in (
                ("base/error.cc", "broken", "bent"),
                ("base/error.cc", "kA", "kB"),
                ("docs/GUARANTEES.md", "`EPIPE`", "`EIO`"),
                ("tools/setup", "g++", "gcc"),
                ("docs/DEPENDENCIES.md", "| `g++` | y |", ""),
                ("docs/ARCHITECTURE.md", "a < b", "b < a"),
                ("README.md", "int x", "int y")):
            bad = {**good, path: good[path].replace(old, new)}
            self.assertNotEqual(bad[path], good[path])
            self.assertNotEqual(find("tables", bad), [], path)


class Loops(unittest.TestCase):
    def lines(self, *code):
        return find("loops", {"a.cc": "\n".join(code)})

    def test_by_reference(self):
        for code in (
                "for (int i = 0; i < 3; ++i) go([&] { Use(i); });",
                "for (size_t i{0}; i < 3; ++i) wg.Go([&i] { Use(i); });",
                "for (int i = 0, n = N(a, b); i < n; ++i) { go([&, i] {\n"
                "Use(n); }); }",
                "for (std::string s : all) g->Go({.x = 1}, [&] { F(s); });",
                "for (auto [k, v] : all)\nif (k) {\n  go([&] { F(v); }); }",
                "for (std::map<A, B>::iterator i = b(); i != e(); ++i)\n"
                "  for (;;) go([&] { F(*i); });"):
            self.assertEqual(len(self.lines(code)), 1, code)

    def test_what_is_none(self):
        for code in (
                "for (int i = 0; i < 3; ++i) go([=] { Use(i); });",
                "for (int i = 0; i < 3; ++i) go([&, i] { Use(i); });",
                "for (int i = 0; i < 3; ++i) go([&, j = i] { F(j, x.i); });",
                "for (int i = 0; i < 3; ++i) go(Use, i);\ngo([&] { F(i); });",
                "for (const auto& s : all) go([&] { F(s); });",
                "for (i = 0; i < 3; ++i) go([&] { F(j); });",
                "for (int i = 0; i < 3; ++i) { go([&] { F(i); }); w.Wait(); }",
                "// for (int i = 0; i < 3; ++i) go([&] { Use(i); });",
                "for (;;) go([&] { F(); });"):
            self.assertEqual(self.lines(code), [], code)

    def test_the_line(self):
        self.assertEqual(
            self.lines("", "for (int i = 0; i < 3; ++i) {", "  wg.Go(",
                       "      [&] { Use(i); });", "}"), ["a.cc:4"])


class ExampleSize(unittest.TestCase):
    def test_fewer_than_80_lines(self):
        files = {"examples/a/a.cc": "x\n" * 79, "examples/a/b.cc": "x\n" * 80,
                 "base/c.cc": "x\n" * 80}
        self.assertEqual(find("example_size", files), ["examples/a/b.cc:80"])


class Examples(unittest.TestCase):
    LIST = "tests/tidy/public_headers.txt"
    HEADER = LICENCE + (
        "//\n"
        "// a.h: the letter.\n"
        "//\n"
        "//   A a(\"//\");           // what it does\n"
        "//   if (a.F()) { ... }\n"
        "//\n"
        "//   Use(a);\n"
        "//\n"
        "// A table:\n"
        "//   F      is a function\n"
        "//\n"
        "// Guarantees: text that\n"
        "//             goes on.\n"
        "\n"
        "//   Not(the, top);\n")
    TEST = ("// ---- net/a.h ----\n"
            "TEST(A, Example) {\n"
            "  A  a(\"//\");  // so\n"
            "  if (a.F()) {\n    Also();\n  }\n"
            "  Use(a);\n"
            "}\n"
            "// ---- net/b.h ----\n"
            "int main() { B(); }\n")

    def check(self, header=HEADER, test=TEST):
        return find("examples", {
            self.LIST: "net/a.h\nnet/b.h\n", "net/a.h": header,
            "net/b.h": LICENCE + "//\n// b.h: x.\n//\n//   B();\n",
            "tests/headers/net_test.cc": test})

    def test_good(self):
        self.assertEqual(self.check(), [])

    def test_the_test_differs(self):
        for old, new, line in (('"//"', '"/"', 6), ("a.F()", "a.G()", 7),
                               ("  Use(a)", "  // Use(a)", 9)):
            self.assertIn(old, self.TEST)
            self.assertEqual(self.check(test=self.TEST.replace(old, new)),
                             [f"net/a.h:{line}"])

    def test_another_order_and_another_section(self):
        lines = self.TEST.splitlines(keepends=True)
        swapped = "".join(lines[:2] + lines[6:7] + lines[2:6] + lines[7:])
        self.assertEqual(self.check(test=swapped), ["net/a.h:9"])
        elsewhere = "".join(lines[:6] + lines[7:]) + lines[6]
        self.assertEqual(self.check(test=elsewhere), ["net/a.h:9"])

    def test_no_example_no_section_no_test(self):
        self.assertEqual(self.check(header=LICENCE), ["net/a.h:1"])
        self.assertEqual(self.check(test="int main() {}\n"),
                         ["net/a.h:1", "net/b.h:1"])
        self.assertEqual(self.check(test=self.TEST.replace("TEST(", "void(")),
                         ["tests/headers/net_test.cc:1"])

    def test_a_section_too_many(self):
        self.assertEqual(self.check(test=self.TEST + self.TEST.replace(
            "net/b.h", "net/c.h")), ["tests/headers/net_test.cc:11",
                                     "tests/headers/net_test.cc:19"])


class Mentions(unittest.TestCase):
    TREE = {"runtime/enter.h": "", "docs/A.md": "# The errors\n",
            "tests/model/a_test.cc": "", "net/README.md": "# Net\n"}

    def check(self, path, text):
        return find("mentions", {**self.TREE, path: text})

    def test_good(self):
        for text in ("// See enter.h and runtime/enter.h, docs/A.md.\n",
                     "// See docs/A.md#the-errors; tests/model/a_test.cc.\n",
                     "// Go: src/runtime/proc.go; <sys/epoll.h>; a/b.h\n",
                     '#include "parkour/runtime/gone.h"\n'):
            self.assertEqual(self.check("runtime/x.cc", text), [], text)
        self.assertEqual(self.check("docs/B.md", "[x](A.md#the-errors)\n"), [])
        self.assertEqual(self.check("net/x.h", "// README.md here\n"), [])

    def test_bad(self):
        for text in ("// See gone.h.\n", "// See runtime/gone.cc.\n",
                     "// docs/A.md#no-such-heading\n", "// tests/gone/\n",
                     "// tests/model/b_test.cc\n", "// README.md here\n"):
            path = "runtime/x.cc"
            self.assertEqual(self.check(path, text), [path + ":1"], text)
        for text in ("[x](gone)\n", "[x](A.md#gone)\n", "`tools/gone`\n"):
            self.assertEqual(self.check("docs/B.md", text), ["docs/B.md:1"])
        self.assertEqual(self.check("tools/x.sh", "#!/bin/sh\n# gone.cc\n"),
                         ["tools/x.sh:2"])

    def test_documents(self):
        files = {"docs/README.md": "[A](A.md)\n", "docs/A.md": "",
                 "docs/B.md": "", "net/README.md": ""}
        self.assertEqual(find("documents", files), ["docs/README.md:1"])


class Exceptions(unittest.TestCase):
    def run_with(self, exceptions, text):
        return tidy.run(Tree({"tests/tidy/exceptions.txt": exceptions,
                              "a.cc": text}), "licence")

    def test_excused(self):
        self.assertEqual(self.run_with("licence a.cc an example\n", "x"), [])

    def test_not_excused(self):
        self.assertEqual(len(self.run_with("columns a.cc long\n", "x")), 1)

    def test_no_longer_needed(self):
        findings = self.run_with("licence a.cc an example\n", LICENCE)
        self.assertEqual(len(findings), 1)
        self.assertIn("no longer needed", findings[0])

    def test_without_a_reason(self):
        with self.assertRaises(ValueError):
            self.run_with("licence a.cc\n", LICENCE)
        with self.assertRaises(ValueError):
            self.run_with("no_such_check a.cc because\n", LICENCE)


class Cpp(unittest.TestCase):
    def test_strings_and_comments(self):
        text = 'f("// no", \'"\', 1\'000, R"(/*)"); // yes\n/* and */ g();'
        code = cpp.code_of(text)
        self.assertEqual(len(code), len(text))
        self.assertIn("1'000", code)
        self.assertIn("g();", code)
        self.assertNotIn("yes", code)
        self.assertNotIn("no", code)
        comments = cpp.comments_of(text)
        self.assertEqual(comments.split(), ["//", "yes", "/*", "and", "*/"])

    def test_every_check_is_tested(self):
        with open(os.path.realpath(__file__), encoding="utf-8") as f:
            text = f.read()
        for check in tidy.CHECKS:
            self.assertIn(f'find("{check}"', text)


if __name__ == "__main__":
    unittest.main()
