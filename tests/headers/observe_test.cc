// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "parkour/metrics/metrics.h"
#include "parkour/pprof/pprof.h"
#include "parkour/runtime/go.h"

using namespace parkour;

namespace {

// ---- metrics/metrics.h ----

TEST(Metrics, TwoAndAll) {
  go([] {});

  std::vector<runtime::metrics::Sample> samples(2);
  samples[0].name = "/sched/goroutines:goroutines";
  samples[1].name = "/sched/latencies:seconds";
  runtime::metrics::Read(samples);
  std::printf("%lu goroutines\n", samples[0].value.Uint64());

  std::string page;
  runtime::metrics::WritePrometheus(&page);

  EXPECT_FALSE(samples[1].value.Histogram().counts.empty());
  EXPECT_NE(page.find("\n# TYPE go_sched_latencies_seconds histogram\n"),
            page.npos);
}

// ---- pprof/pprof.h ----

TEST(Pprof, ABlockProfile) {
  std::ostringstream file;

  runtime::SetBlockProfileRate(10000);
  runtime::SetMutexProfileFraction(10);
  // ...
  std::string profile;
  runtime::pprof::Lookup("block")->WriteTo(&profile, 0);
  file << profile;

  runtime::SetBlockProfileRate(0);
  EXPECT_EQ(runtime::SetMutexProfileFraction(0), 10);
  EXPECT_TRUE(file.str().starts_with("\x1f\x8b")) << "gzip";
}

}  // namespace
