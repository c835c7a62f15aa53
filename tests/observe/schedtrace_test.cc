// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Every line of a scheduler trace has Go's form, and what the lines say of each
// other holds. Go: src/runtime/proc.go (schedtrace)

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

using std::chrono::seconds;

constexpr int kTraces = 4;
constexpr int kParked = 20;
constexpr int kProcs = 3;

// "threads=5" of "... threads=5 ..." as 5; "nil" as -1.
int64_t Field(const std::string& line, const std::string& name) {
  const size_t at = line.find(" " + name + "=");
  if (at == std::string::npos) {
    ADD_FAILURE() << name << " in " << line;
    return -1;
  }
  const std::string value = line.substr(at + name.size() + 2);
  if (value.starts_with("nil")) return -1;
  return std::strtoll(value.c_str(), nullptr, 10);
}

std::vector<std::string> Trace(const std::string& godebug) {
  Child child({Runfile("tests/observe/schedtrace_child"),
               std::to_string(kTraces), std::to_string(kParked)},
              {"GODEBUG=" + godebug, "GOMAXPROCS=" + std::to_string(kProcs)});
  const Outcome outcome = child.Finish(seconds(60));
  EXPECT_FALSE(outcome.timed_out) << outcome.hang;
  EXPECT_EQ(outcome.exit_status, 0) << outcome.out;
  std::vector<std::string> lines;
  std::istringstream in(outcome.out);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

const std::string kHead =
    R"(SCHED (\d+)ms: gomaxprocs=\d+ idleprocs=\d+ threads=\d+ )"
    R"(spinningthreads=\d+ needspinning=[01] idlethreads=\d+ runqueue=\d+)";

void CheckHead(const std::string& line) {
  EXPECT_EQ(Field(line, "gomaxprocs"), kProcs) << line;
  EXPECT_LE(Field(line, "idleprocs"), kProcs) << line;
  EXPECT_LE(Field(line, "spinningthreads"), kProcs) << line;
  EXPECT_LT(Field(line, "idlethreads"), Field(line, "threads")) << line;
}

TEST(Schedtrace, ShortForm) {
  const std::regex form(kHead + R"( \[\d+( \d+)*\])");
  const auto lines = Trace("schedtrace=10");
  ASSERT_EQ(lines.size(), size_t{kTraces});
  int64_t before = -1;
  for (const std::string& line : lines) {
    std::smatch match;
    ASSERT_TRUE(std::regex_match(line, match, form)) << line;
    const int64_t ms = std::stoll(match[1]);
    EXPECT_GT(ms, before) << line;
    EXPECT_TRUE(before >= 0 || ms == 0) << line;
    before = ms;
    CheckHead(line);
    // One length for each P.
    std::istringstream lengths(line.substr(line.find('[') + 1));
    int n = 0;
    for (int length; lengths >> length;) ++n;
    EXPECT_EQ(n, kProcs) << line;
  }
}

// One trace of the detailed form.
struct Detailed {
  std::string head;
  std::map<int64_t, std::string> ps, ms, gs;
  std::vector<int64_t> m_order;
};

void CheckTrace(const Detailed& t) {
  CheckHead(t.head);
  ASSERT_EQ(t.ps.size(), size_t{kProcs}) << t.head;
  EXPECT_EQ(t.ps.begin()->first, 0);
  EXPECT_EQ(t.ps.rbegin()->first, kProcs - 1);
  // sysmon is a thread without a line.
  EXPECT_EQ(static_cast<int64_t>(t.ms.size()), Field(t.head, "threads") - 1);
  for (size_t i = 1; i < t.m_order.size(); ++i) {
    EXPECT_LT(t.m_order[i], t.m_order[i - 1]) << "the newest first";
  }
  int64_t idle = 0;
  for (const auto& [id, line] : t.ps) {
    idle += line.find(" status=0 ") != std::string::npos;
    const int64_t m = Field(line, "m");
    if (m < 0) continue;
    ASSERT_TRUE(t.ms.contains(m)) << line;
    EXPECT_EQ(Field(t.ms.at(m), "p"), id) << line << "\n" << t.ms.at(m);
  }
  EXPECT_GE(idle, Field(t.head, "idleprocs")) << t.head;
  for (const auto& [id, line] : t.ms) {
    if (const int64_t p = Field(line, "p"); p >= 0) {
      EXPECT_EQ(Field(t.ps.at(p), "m"), id) << line;
    }
    if (const int64_t g = Field(line, "curg"); g >= 0) {
      EXPECT_EQ(Field(t.gs.at(g), "m"), id) << line;
    }
    if (const int64_t g = Field(line, "lockedg"); g >= 0) {
      EXPECT_EQ(Field(t.gs.at(g), "lockedm"), id) << line;
    }
  }
}

std::vector<Detailed> Parse(const std::vector<std::string>& lines) {
  const std::regex head(kHead + R"( gcwaiting=(true|false) nmidlelocked=\d+ )"
                                R"(stopwait=\d+ sysmonwait=(true|false))");
  const std::regex p(
      R"(  P(\d+): status=[0-4] schedtick=\d+ syscalltick=\d+ m=(nil|\d+) )"
      R"(runqsize=\d+ gfreecnt=\d+ timerslen=\d+)");
  const std::regex m(
      R"(  M(\d+): p=(nil|\d+) curg=(nil|\d+) mallocing=\d+ throwing=\d+ )"
      R"(preemptoff= locks=\d+ dying=\d+ spinning=(true|false) )"
      R"(blocked=(true|false) lockedg=(nil|\d+))");
  const std::regex g(R"(  G(\d+): status=[12346]\([a-zA-Z. ()]*\) m=(nil|\d+) )"
                     R"(lockedm=(nil|\d+))");
  std::vector<Detailed> traces;
  std::smatch match;
  for (const std::string& line : lines) {
    if (std::regex_match(line, match, head)) {
      traces.push_back(
          {.head = line, .ps = {}, .ms = {}, .gs = {}, .m_order = {}});
      continue;
    }
    if (traces.empty()) {
      ADD_FAILURE() << line;
      break;
    }
    Detailed& t = traces.back();
    if (std::regex_match(line, match, p)) {
      EXPECT_TRUE(t.ms.empty() && t.gs.empty()) << line;
      EXPECT_TRUE(t.ps.emplace(std::stoll(match[1]), line).second) << line;
    } else if (std::regex_match(line, match, m)) {
      EXPECT_TRUE(t.gs.empty()) << line;
      EXPECT_TRUE(t.ms.emplace(std::stoll(match[1]), line).second) << line;
      t.m_order.push_back(std::stoll(match[1]));
    } else if (std::regex_match(line, match, g)) {
      // The same descriptor may be found dead here and the number there.
      t.gs.emplace(std::stoll(match[1]), line);
    } else {
      ADD_FAILURE() << line;
    }
  }
  return traces;
}

TEST(Schedtrace, DetailedForm) {
  const auto traces = Parse(Trace("schedtrace=10,scheddetail=1"));
  ASSERT_EQ(traces.size(), size_t{kTraces});
  for (const Detailed& t : traces) CheckTrace(t);
  // At the last one everybody has come to rest.
  int64_t parked = 0, locked = 0;
  for (const auto& [id, line] : traces.back().gs) {
    parked += line.find(": status=4(chan receive) m=nil") != std::string::npos;
    locked += Field(line, "lockedm") >= 0;
  }
  EXPECT_GE(parked, kParked);
  EXPECT_EQ(locked, 1);
}

// scheddetail alone prints nothing, and so no trace ever comes.
TEST(Schedtrace, OffByDefault) {
  Child child({Runfile("tests/observe/schedtrace_child"), "1", "1"},
              {"GODEBUG=scheddetail=1"});
  EXPECT_FALSE(child.ReadLine(std::chrono::milliseconds(300)).has_value());
  EXPECT_TRUE(child.Running());
}

}  // namespace
}  // namespace parkour::tests
