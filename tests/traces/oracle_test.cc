// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Tests of the scheduler again, Go's own among them, each under a trace of its
// whole run: a scheduler that starts a goroutine twice, loses a P or wakes who
// does not wait writes a trace that no reader can put in order. What the tests
// themselves look for they look for elsewhere.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include "parkour/tests/child/child.h"
#include "parkour/tests/traces/check_trace.h"

namespace parkour::tests {
namespace {

constexpr std::chrono::minutes kPatience(5);

// More would cost gigabytes to check.
constexpr size_t kMaxBytes = size_t{64} << 20;

class Oracle : public ::testing::TestWithParam<const char*> {};

TEST_P(Oracle, TheTraceOfATestIsAHistory) {
  std::string name = GetParam();
  const std::string binary = Runfile(name);
  std::replace(name.begin(), name.end(), '/', '_');
  const std::string path = ::testing::TempDir() + "/" + name + ".trace";
  Child test({binary}, {"PARKOUR_TRACE=" + path});
  const Outcome outcome = test.Finish(kPatience);
  ASSERT_FALSE(outcome.timed_out) << outcome.hang;
  ASSERT_EQ(outcome.exit_status, 0) << outcome.out << outcome.err;
  std::ifstream in(path, std::ios::binary);
  std::string file(kMaxBytes, '\0');
  in.read(file.data(), static_cast<std::streamsize>(file.size()));
  file.resize(static_cast<size_t>(in.gcount()));
  ASSERT_LT(file.size(), kMaxBytes) << "too large to check";
  const Checked trace = Check(file);
  EXPECT_GT(trace.Count(parktrace::EventType::kGoStart), 0);
  RecordProperty("events", static_cast<int>(trace.events.size()));
}

INSTANTIATE_TEST_SUITE_P(
    Scheduler, Oracle,
    ::testing::Values("sysmon/retake_test", "tests/conformance/context/x_test",
                      "tests/conformance/runtime/chan_select_test",
                      "tests/conformance/runtime/chan_test",
                      "tests/conformance/runtime/nbpipe_test",
                      "tests/conformance/runtime/proc_sched_test",
                      "tests/conformance/runtime/proc_test",
                      "tests/conformance/runtime/sema_test",
                      "tests/conformance/sync/cond_test",
                      "tests/conformance/sync/mutex_test",
                      "tests/conformance/sync/rwmutex_test",
                      "tests/conformance/time/sleep_test",
                      "tests/conformance/time/tick_test"),
    [](const auto& info) {
      std::string name = info.param;
      std::replace(name.begin(), name.end(), '/', '_');
      return name;
    });

}  // namespace
}  // namespace parkour::tests
