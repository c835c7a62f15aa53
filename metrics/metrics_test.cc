// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus' format, read by a strict parser; our own metrics. Go's tests are
// in tests/conformance/metrics.

#include "parkour/metrics/metrics.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"

namespace parkour::runtime::metrics {
namespace {

using testing::Eventually;
using testing::ProcsScope;
using testing::RunInGoroutine;
using testing::Scaled;

Value ReadOne(const std::string& name) {
  std::vector<Sample> samples(1);
  samples[0].name = name;
  Read(samples);
  return samples[0].value;
}

uint64_t Total(const Float64Histogram& h) {
  uint64_t n = 0;
  for (const uint64_t c : h.counts) n += c;
  return n;
}

// One metric as a scraper sees it.
struct Family {
  std::string help;
  std::string type;
  double value = 0;
  std::vector<std::pair<double, double>> buckets;  // le, count
  double sum = -1;
  double count = -1;
};

bool ParseDouble(const std::string& text, double* x) {
  if (text == "+Inf") return *x = INFINITY, true;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, *x);
  return error == std::errc() && rest == end;
}

// Families in their order; each line must have its place: HELP, TYPE, samples.
class PageParser {
 public:
  void Parse(const std::string& page) {
    EXPECT_TRUE(page.ends_with("\n"));
    std::istringstream in(page);
    for (std::string line; std::getline(in, line);) ParseLine(line);
  }

  std::map<std::string, Family> families;

 private:
  void ParseLine(const std::string& line) {
    static const std::regex help(
        R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)+))");
    static const std::regex type(
        R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
    static const std::regex sample(
        R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{le="([^"]+)"\})? (\S+))re");
    std::smatch m;
    if (std::regex_match(line, m, help)) {
      name_ = m[1];
      EXPECT_FALSE(families.contains(name_)) << "twice: " << line;
      families[name_].help = m[2];
    } else if (std::regex_match(line, m, type)) {
      ASSERT_EQ(m[1], name_) << "TYPE without its HELP";
      ASSERT_EQ(families[name_].type, "") << line;
      families[name_].type = m[2];
    } else if (std::regex_match(line, m, sample)) {
      double value;
      ASSERT_TRUE(ParseDouble(m[3], &value)) << line;
      AddSample(m[1], m[2].matched ? m[2].str() : "", value, line);
    } else {
      ADD_FAILURE() << line;
    }
  }

  void AddSample(const std::string& name, const std::string& le, double value,
                 const std::string& line) {
    Family& f = families[name_];
    ASSERT_NE(f.type, "") << line;
    EXPECT_EQ(!le.empty(), name == name_ + "_bucket") << line;
    if (f.type != "histogram") {
      ASSERT_EQ(name, name_) << line;
      f.value = value;
    } else if (name == name_ + "_bucket") {
      double bound;
      ASSERT_TRUE(ParseDouble(le, &bound)) << line;
      f.buckets.emplace_back(bound, value);
    } else if (name == name_ + "_sum") {
      f.sum = value;
    } else {
      ASSERT_EQ(name, name_ + "_count") << line;
      f.count = value;
    }
  }

  std::string name_;
};

void CheckHistogram(const Family& f) {
  ASSERT_GE(f.buckets.size(), 2u);
  for (size_t i = 1; i < f.buckets.size(); ++i) {
    EXPECT_GT(f.buckets[i].first, f.buckets[i - 1].first);
    EXPECT_GE(f.buckets[i].second, f.buckets[i - 1].second) << "cumulative";
  }
  EXPECT_TRUE(std::isinf(f.buckets.back().first));
  EXPECT_EQ(f.buckets.back().second, f.count);
  EXPECT_GE(f.sum, 0);
}

TEST(Prometheus, APageIsWellFormed) {
  { const ProcsScope procs(GOMAXPROCS(0) + 1); }
  std::string page;
  WritePrometheus(&page);
  PageParser parser;
  parser.Parse(page);
  EXPECT_EQ(parser.families.size(), All().size());
  for (const auto& [name, f] : parser.families) {
    EXPECT_NE(f.help, "") << name;
    EXPECT_EQ(f.type == "counter", name.ends_with("_total")) << name;
    EXPECT_TRUE(name.starts_with("go_") || name.starts_with("parkour_"))
        << name;
    if (f.type == "histogram") CheckHistogram(f);
  }
  // The names of Go's own client.
  const auto& families = parser.families;
  ASSERT_TRUE(families.contains("go_sched_gomaxprocs_threads"));
  EXPECT_EQ(families.at("go_sched_gomaxprocs_threads").value, GOMAXPROCS(0));
  EXPECT_EQ(families.at("go_sched_gomaxprocs_threads").type, "gauge");
  EXPECT_TRUE(families.contains("go_sync_mutex_wait_total_seconds_total"));
  EXPECT_TRUE(families.contains("go_cpu_classes_idle_cpu_seconds_total"));
  EXPECT_EQ(families.at("go_sched_latencies_seconds").type, "histogram");
  EXPECT_TRUE(families.contains("parkour_netpoll_wakeups_polls_total"));
  EXPECT_TRUE(families.contains("parkour_stacks_resident_bytes"));
  // Two pauses from the change of GOMAXPROCS and back.
  const Family& pauses = families.at("go_sched_pauses_total_other_seconds");
  EXPECT_GE(pauses.count, 2);
  EXPECT_GT(pauses.sum, 0);
}

TEST(Prometheus, ToAWriter) {
  struct Full {
    io::Result Write(std::string_view) {
      return {0, absl::ResourceExhaustedError("full")};
    }
  } full;
  EXPECT_EQ(WritePrometheus(full).message(), "full");
}

TEST(Metrics, UnknownIsBad) {
  EXPECT_EQ(ReadOne("/sched/nothing:threads").Kind(), ValueKind::kBad);
  EXPECT_EQ(ReadOne("").Kind(), ValueKind::kBad);
  EXPECT_EQ(ReadOne("/sched/gomaxprocs:thread").Kind(), ValueKind::kBad);
}

// One in 64 goroutines is measured, from its start on.
TEST(Metrics, LatenciesOfNewGoroutines) {
  const auto count = [] {
    return Total(ReadOne("/sched/latencies:seconds").Histogram());
  };
  const uint64_t before = count();
  constexpr int kGoroutines = 6400;
  const Chan<int> done = MakeChan<int>(kGoroutines);
  for (int i = 0; i < kGoroutines; ++i) go([done] { done.Send(1); });
  RunInGoroutine([done] {
    for (int i = 0; i < kGoroutines; ++i) done.Recv();
  });
  EXPECT_GE(count() - before, uint64_t{kGoroutines} / 64);
}

// Two that wake each other stop once in every round.
TEST(Metrics, LatenciesOfWakeups) {
  const uint64_t before =
      Total(ReadOne("/sched/latencies:seconds").Histogram());
  const int rounds = Scaled(8000);
  RunInGoroutine([&] {
    const Chan<int> ping = MakeChan<int>();
    const Chan<int> pong = MakeChan<int>();
    go([=] {
      while (ping.Recv()) pong.Send(1);
    });
    for (int i = 0; i < rounds; ++i) {
      ping.Send(1);
      pong.Recv();
    }
    ping.Close();
  });
  const uint64_t n =
      Total(ReadOne("/sched/latencies:seconds").Histogram()) - before;
  // Not every operation has to wait, so at the least a part of them.
  EXPECT_GE(n, static_cast<uint64_t>(rounds) / 256);
  EXPECT_LE(n, static_cast<uint64_t>(rounds) + 8);
}

TEST(Metrics, StacksAreSeen) {
  const Chan<int> c = MakeChan<int>();
  for (int i = 0; i < 10; ++i) go([c] { c.Recv(); });
  EXPECT_GE(ReadOne("/parkour/stacks/live:stacks").Uint64(), 10u);
  EXPECT_GE(ReadOne("/parkour/stacks/resident:bytes").Uint64(), 10u * 4096);
  EXPECT_GE(ReadOne("/parkour/stacks/reserved:bytes").Uint64(),
            ReadOne("/parkour/stacks/resident:bytes").Uint64());
  c.Close();
}

// A goroutine that keeps its P busy leaves its queue to the thieves.
TEST(Metrics, StealsAreCounted) {
  const ProcsScope procs(4);
  EXPECT_TRUE(Eventually([] {
    RunInGoroutine([] {
      const Chan<int> done = MakeChan<int>(100);
      for (int i = 0; i < 100; ++i) go([done] { done.Send(1); });
      for (int i = 0; i < 100; ++i) done.Recv();
    });
    return ReadOne("/parkour/sched/steals:steals").Uint64() > 0;
  }));
  EXPECT_GE(ReadOne("/parkour/sched/stolen:goroutines").Uint64(),
            ReadOne("/parkour/sched/steals:steals").Uint64());
}

}  // namespace
}  // namespace parkour::runtime::metrics
