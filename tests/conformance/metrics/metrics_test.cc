// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/metrics_test.go and src/runtime/metrics/description_test.go,
// by meaning.

#include "parkour/metrics/metrics.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/rwmutex.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/sleep.h"

namespace parkour::tests {
namespace {

using runtime::testing::Eventually;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
namespace metrics = runtime::metrics;
using metrics::ValueKind;

std::vector<metrics::Sample> ReadAll() {
  std::vector<metrics::Sample> samples;
  for (const metrics::Description& d : metrics::All()) {
    samples.push_back({std::string(d.name), metrics::Value()});
  }
  metrics::Read(samples);
  return samples;
}

metrics::Value ReadOne(const std::string& name) {
  std::vector<metrics::Sample> samples(1);
  samples[0].name = name;
  metrics::Read(samples);
  return samples[0].value;
}

uint64_t Total(const metrics::Value& value) {
  uint64_t n = 0;
  for (const uint64_t c : value.Histogram().counts) n += c;
  return n;
}

TEST(Metrics, TestNames) {
  const std::regex form(R"((/[^:]+):([^:*/]+(?:[*/][^:*/]+)*))");
  std::string before;
  for (const metrics::Description& d : metrics::All()) {
    EXPECT_TRUE(std::regex_match(std::string(d.name), form)) << d.name;
    EXPECT_LT(before, d.name) << "sorted, each once";
    before = d.name;
    EXPECT_TRUE(d.description.ends_with(".")) << d.name;
  }
}

// Each is in the table of the user's documentation, and nothing else is.
TEST(Metrics, TestDocs) {
  std::ifstream in("docs/DEBUGGING.md");
  std::set<std::string> documented;
  const std::regex row(R"(\| `(/[^`]+:[^`]+)` \|.*)");
  std::smatch m;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, m, row)) documented.insert(m[1]);
  }
  std::set<std::string> all;
  for (const metrics::Description& d : metrics::All()) {
    all.insert(std::string(d.name));
  }
  EXPECT_EQ(documented, all);
}

TEST(Metrics, TestReadMetrics) {
  const auto samples = ReadAll();
  for (size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].value.Kind(), metrics::All()[i].kind)
        << samples[i].name;
  }
  EXPECT_EQ(ReadOne("/sched/gomaxprocs:threads").Uint64(),
            static_cast<uint64_t>(runtime::GOMAXPROCS(0)));
  const Chan<int> c = MakeChan<int>();
  for (int i = 0; i < 7; ++i) go([c] { c.Recv(); });
  EXPECT_EQ(ReadOne("/sched/goroutines:goroutines").Uint64(),
            static_cast<uint64_t>(runtime::NumGoroutine()));
  EXPECT_GE(ReadOne("/sched/goroutines:goroutines").Uint64(), 7u);
  c.Close();
  EXPECT_GE(ReadOne("/sched/threads/total:threads").Uint64(), 1u);
}

TEST(Metrics, TestReadMetricsConsistency) {
  for (int i = 0; i < 100; ++i) {
    if (ReadOne("/cpu/classes/idle:cpu-seconds").Float64() > 0) break;
    RunInGoroutine([] { time::Sleep(absl::Milliseconds(20)); });
  }
  std::map<std::string, metrics::Value> all;
  for (const metrics::Sample& s : ReadAll()) all[s.name] = s.value;
  const auto seconds = [&all](const char* name) {
    return all.at(name).Float64();
  };
  const double idle = seconds("/cpu/classes/idle:cpu-seconds");
  const double user = seconds("/cpu/classes/user:cpu-seconds");
  const double scavenge = seconds("/cpu/classes/scavenge/total:cpu-seconds");
  EXPECT_GT(idle, 0);
  EXPECT_GT(user, 0);
  EXPECT_GE(scavenge, 0);
  EXPECT_NEAR(seconds("/cpu/classes/total:cpu-seconds"), idle + user + scavenge,
              1e-6);
  for (const auto& [name, value] : all) {
    if (value.Kind() != ValueKind::kFloat64Histogram) continue;
    const metrics::Float64Histogram& h = value.Histogram();
    ASSERT_EQ(h.buckets.size(), h.counts.size() + 1) << name;
    for (size_t i = 1; i < h.buckets.size(); ++i) {
      EXPECT_GT(h.buckets[i], h.buckets[i - 1]) << name;
    }
  }
}

// What is said to grow never shrinks.
TEST(Metrics, TestReadMetricsCumulative) {
  base::Atomic<bool> stop{false};
  sync::WaitGroup load;
  load.Go([&stop] {
    sync::WaitGroup wg;
    while (!stop.load()) {
      wg.Go([] { runtime::Gosched(); });
      wg.Wait();
    }
  });
  auto before = ReadAll();
  for (int round = 0; round < 20; ++round) {
    { const ProcsScope procs(round % 3 + 1); }
    auto now = ReadAll();
    for (size_t i = 0; i < now.size(); ++i) {
      if (!metrics::All()[i].cumulative) continue;
      const metrics::Value& a = before[i].value;
      const metrics::Value& b = now[i].value;
      if (a.Kind() == ValueKind::kUint64) {
        EXPECT_GE(b.Uint64(), a.Uint64()) << now[i].name;
      } else if (a.Kind() == ValueKind::kFloat64) {
        EXPECT_GE(b.Float64(), a.Float64()) << now[i].name;
      } else {
        for (size_t k = 0; k < a.Histogram().counts.size(); ++k) {
          EXPECT_GE(b.Histogram().counts[k], a.Histogram().counts[k])
              << now[i].name << " " << k;
        }
      }
    }
    before = std::move(now);
  }
  stop.store(true);
  load.Wait();
}

struct LockCase {
  const char* name;
  std::function<void()> hold;
  std::function<void()> release;
  std::function<void()> wait;  // locks and unlocks, after release
};

TEST(Metrics, TestMutexWaitTimeMetric) {
  sync::Mutex mu;
  sync::RWMutex rw;
  const LockCase cases[] = {
      {"mutex", [&] { mu.Lock(); }, [&] { mu.Unlock(); },
       [&] {
         mu.Lock();
         mu.Unlock();
       }},
      {"write behind write", [&] { rw.Lock(); }, [&] { rw.Unlock(); },
       [&] {
         rw.Lock();
         rw.Unlock();
       }},
      {"write behind read", [&] { rw.RLock(); }, [&] { rw.RUnlock(); },
       [&] {
         rw.Lock();
         rw.Unlock();
       }},
      {"read behind write", [&] { rw.Lock(); }, [&] { rw.Unlock(); },
       [&] {
         rw.RLock();
         rw.RUnlock();
       }},
  };
  const auto metric = [] {
    return ReadOne("/sync/mutex/wait/total:seconds").Float64();
  };
  for (const LockCase& c : cases) {
    const double before = metric();
    // One stop in 64 is measured.
    EXPECT_TRUE(Eventually([&] {
      RunInGoroutine([&c] {
        c.hold();
        sync::WaitGroup wg;
        wg.Go([&c] { c.wait(); });
        while (runtime::SemaWaiters() == 0) runtime::Gosched();
        c.release();
        wg.Wait();
      });
      return metric() > before;
    })) << c.name;
  }
}

TEST(Metrics, TestCPUMetricsSleep) {
  const auto idle = [] {
    return ReadOne("/cpu/classes/idle:cpu-seconds").Float64();
  };
  const double before = idle();
  constexpr double kSeconds = 0.1;
  RunInGoroutine([] { time::Sleep(absl::Seconds(kSeconds)); });
  EXPECT_GE(idle() - before, kSeconds * runtime::GOMAXPROCS(0) / 2);
}

TEST(Metrics, TestSchedPauseMetrics) {
  const auto stopping = [] {
    return Total(ReadOne("/sched/pauses/stopping/other:seconds"));
  };
  const auto total = [] {
    return Total(ReadOne("/sched/pauses/total/other:seconds"));
  };
  const uint64_t stopping_before = stopping();
  const uint64_t total_before = total();
  { const ProcsScope procs(runtime::GOMAXPROCS(0) + 1); }
  EXPECT_EQ(stopping(), stopping_before + 2);
  EXPECT_EQ(total(), total_before + 2);
}

}  // namespace
}  // namespace parkour::tests
