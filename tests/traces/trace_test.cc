// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tracing/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/context/context.h"
#include "parkour/io/io.h"
#include "parkour/runtime/syscall.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/traces/check_trace.h"
#include "parkour/time/sleep.h"
#include "parkour/trace/recorder.h"
#include "parkour/tracing/annotate.h"
#include "parkour/tracing/environment.h"

namespace parkour::trace {
namespace {

using parktrace::EventType;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;
using tests::Check;
using tests::Checked;

// Keeps what is written.
struct Memory {
  std::string* out;
  io::Result Write(std::string_view p) {
    out->append(p);
    return {p.size(), absl::OkStatus()};
  }
};

// The trace of fn().
template <typename F>
Checked TraceOf(F fn) {
  std::string file;
  EXPECT_TRUE(Start(io::AnyWriter(Memory{&file})).ok());
  fn();
  EXPECT_TRUE(Stop().ok());
  return Check(file);
}

void Echo(Chan<int> in, Chan<int> out) {
  while (auto v = in.Recv()) out.Send(*v);
}

void PingPong(int rounds) {
  const Chan<int> a = MakeChan<int>();
  const Chan<int> b = MakeChan<int>();
  go(Echo, a, b);
  for (int i = 0; i < rounds; ++i) {
    a.Send(i);
    b.Recv();
  }
  a.Close();
}

TEST(Trace, TellsWhoWaitsForWhat) {
  const Checked trace = TraceOf([] {
    RunInGoroutine([] {
      PingPong(100);
      time::Sleep(absl::Milliseconds(1));
      sync::Mutex mu;
      mu.Lock();
      sync::WaitGroup wg;
      wg.Go([&mu] {
        mu.Lock();
        mu.Unlock();
      });
      time::Sleep(absl::Milliseconds(5));
      mu.Unlock();
      wg.Wait();
      runtime::Gosched();
    });
  });
  EXPECT_GE(trace.Count(EventType::kGoCreate), 2);
  EXPECT_GE(trace.ChanBlocks(), 50);
  EXPECT_GE(trace.Reason(EventType::kGoBlock, "sleep"), 2);
  EXPECT_GE(trace.Reason(EventType::kGoBlock, "sync"), 1);
  EXPECT_GE(trace.Reason(EventType::kGoStop, "runtime.Gosched"), 1);
  EXPECT_TRUE(trace.HasFunction("Echo"));
  EXPECT_TRUE(trace.HasFunction("PingPong"));
  EXPECT_FALSE(trace.HasFunction("gopark"));
  EXPECT_FALSE(trace.HasFunction("goroutineEntry"));
}

TEST(Trace, SystemCallsAndHogs) {
  const ProcsScope procs(1);
  const Checked trace = TraceOf([] {
    RunInGoroutine([] {
      sync::WaitGroup wg;
      wg.Go([] {
        const int64_t end = base::nanotime() + 60 * runtime::testing::kMs;
        while (base::nanotime() < end) {
        }
      });
      for (int i = 0; i < 20; ++i) {
        wg.Go([] { time::Sleep(absl::Milliseconds(2)); });
        runtime::Blocking([] { std::this_thread::yield(); });
      }
      wg.Wait();
    });
  });
  EXPECT_GE(trace.Count(EventType::kGoSyscallBegin), 20);
  EXPECT_GE(trace.Count(EventType::kProcSteal), 1);
  EXPECT_GE(trace.Count(EventType::kGoSyscallEndBlocked), 1);
}

// What was there before the trace, in every state, and what other threads do.
TEST(Trace, BeginsInTheMiddle) {
  RunInGoroutine([] {
    const Chan<int> never = MakeChan<int>();
    const Chan<int> go_on = MakeChan<int>();
    sync::WaitGroup wg;
    for (int i = 0; i < 50; ++i) {
      wg.Go([&] {
        Select(never.OnRecv([](auto) {}), go_on.OnRecv([](auto) {}));
      });
    }
    std::atomic<bool> stop = false;
    wg.Go([&] {
      while (!stop) runtime::Gosched();
    });
    std::thread host([&] {
      while (!stop) {
        const Chan<int> done = MakeChan<int>();
        go([done] { done.Send(1); });
        done.Recv();
      }
    });
    for (int round = 0; round < Scaled(20); ++round) {
      const Checked trace = TraceOf([] { PingPong(200); });
      EXPECT_GE(trace.Count(EventType::kGoStatusStack), 50);
      EXPECT_GE(trace.ChanBlocks(), 50);
    }
    stop = true;
    go_on.Close();
    wg.Wait();
    runtime::Blocking([&] { host.join(); });
  });
}

TEST(Trace, TheWorldMayChangeMeanwhile) {
  const ProcsScope procs(2);
  const Checked trace = TraceOf([] {
    RunInGoroutine([] {
      sync::WaitGroup wg;
      std::atomic<bool> stop = false;
      wg.Go([&] {
        while (!stop) PingPong(50);
      });
      wg.Go([&] {
        runtime::LockOSThread();
        while (!stop) time::Sleep(absl::Microseconds(100));
      });  // ends locked: its thread goes with it
      for (int i = 0; i < Scaled(60); ++i) {
        runtime::GOMAXPROCS(1 + i % 4);
        PingPong(5);
      }
      stop = true;
      wg.Wait();
    });
  });
  EXPECT_GT(trace.Count(EventType::kGoStart), 100);
}

// Longer than a generation.
TEST(Trace, ManyGenerations) {
  std::string file;
  ASSERT_TRUE(Start(io::AnyWriter(Memory{&file})).ok());
  RunInGoroutine([] { PingPong(Scaled(100000)); });
  ASSERT_TRUE(Stop().ok());
  const Checked trace = Check(file);
  // Each round blocks on both sides once; direct hand-offs may save some.
  EXPECT_GE(trace.Count(EventType::kGoBlock), Scaled(100000));
}

TEST(Trace, Annotations) {
  const Checked trace = TraceOf([] {
    RunInGoroutine([] {
      auto [ctx, task] = NewTask(context::Background(), "request");
      auto [inner, part] = NewTask(ctx, "part");
      WithRegion(inner, "parse", [&ctx = inner] {
        Log(ctx, "user", std::string(3000, 'x'));
        Region nested = StartRegion(ctx, "nested");
        PingPong(3);
        nested.End();
      });
      part.End();
      part.End();
    });
  });
  EXPECT_EQ(trace.Count(EventType::kUserTaskBegin), 2);
  EXPECT_EQ(trace.Count(EventType::kUserTaskEnd), 2);
  EXPECT_EQ(trace.Count(EventType::kUserRegionBegin), 2);
  EXPECT_EQ(trace.Count(EventType::kUserRegionEnd), 2);
  EXPECT_EQ(trace.Count(EventType::kUserLog), 1);
}

TEST(Trace, RegionsThatDoNotNest) {
  const Checked trace = TraceOf([] {
    RunInGoroutine([] {
      const context::Context ctx = context::Background();
      Region a = StartRegion(ctx, "a");
      Region b = StartRegion(ctx, "b");
      a.End();
      b.End();
      Region c = StartRegion(ctx, "c");
      sync::WaitGroup wg;
      wg.Go([c = std::make_shared<Region>(std::move(c)), ctx] {
        Region d = StartRegion(ctx, "d");
        c->End();
      });
      wg.Wait();
    });
  });
  EXPECT_EQ(trace.Count(EventType::kUserRegionBegin), 4);
}

// Ps that the first generation has not known.
TEST(Trace, ProcessorsOfALaterGeneration) {
  const ProcsScope procs(1);
  std::string file;
  ASSERT_TRUE(Start(io::AnyWriter(Memory{&file})).ok());
  RunInGoroutine([] { PingPong(Scaled(150000)); });
  runtime::GOMAXPROCS(4);
  RunInGoroutine([] {
    sync::WaitGroup wg;
    for (int i = 0; i < 4; ++i) wg.Go([] { PingPong(100); });
    wg.Wait();
  });
  ASSERT_TRUE(Stop().ok());
  Check(file);
}

TEST(Trace, StressStartAndStop) {
  RunInGoroutine([] {
    std::atomic<bool> stop = false;
    sync::WaitGroup wg;
    for (int i = 0; i < 3; ++i) {
      wg.Go([&stop] {
        while (!stop) PingPong(100);
      });
    }
    for (int i = 0; i < Scaled(8); ++i) {
      const Checked trace =
          TraceOf([i] { time::Sleep(absl::Milliseconds(i % 7 * 10)); });
      EXPECT_FALSE(trace.events.empty());
    }
    stop = true;
    wg.Wait();
  });
}

TEST(Trace, OneAtATime) {
  std::string file;
  EXPECT_FALSE(IsEnabled());
  ASSERT_TRUE(Start(io::AnyWriter(Memory{&file})).ok());
  EXPECT_TRUE(IsEnabled());
  const absl::Status again = Start(io::AnyWriter(Memory{&file}));
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(again.message(), "tracing is already enabled");
  EXPECT_TRUE(Stop().ok());
  EXPECT_FALSE(IsEnabled());
  EXPECT_TRUE(Stop().ok());
  Check(file);
}

TEST(Trace, ErrorsOfTheFile) {
  const absl::Status none = Start("/nonexistent/x.trace");
  EXPECT_EQ(none.message(),
            "open /nonexistent/x.trace: no such file or directory");
  ASSERT_TRUE(Start("/dev/full").ok());
  EXPECT_EQ(Stop().message(), "write /dev/full: no space left on device");
}

TEST(FlightRecorder, TheLastMoments) {
  RunInGoroutine([] {
    PingPong(500);
    std::string file;
    const absl::StatusOr<int64_t> n =
        FlightRecorder().WriteTo(io::AnyWriter(Memory{&file}));
    ASSERT_TRUE(n.ok()) << n.status();
    EXPECT_EQ(*n, static_cast<int64_t>(file.size()));
    const Checked trace = Check(file);
    EXPECT_GE(trace.ChanBlocks(), 100);
  });
}

// Windows of every length, cut wherever the ring happened to end, while
// everything goes on.
TEST(FlightRecorder, StressCutAnywhere) {
  const FlightRecorder small;
  SetCapacity(256 << 10);
  RunInGoroutine([&small] {
    std::atomic<bool> stop = false;
    sync::WaitGroup wg;
    for (int i = 0; i < 3; ++i) {
      wg.Go([&stop] {
        while (!stop) PingPong(100);
      });
    }
    wg.Go([&stop] {
      while (!stop) {
        runtime::Blocking([] { std::this_thread::yield(); });
        time::Sleep(absl::Microseconds(50));
      }
    });
    std::thread host([&stop] {
      while (!stop) {
        const Chan<int> done = MakeChan<int>();
        go([done] { done.Send(1); });
        done.Recv();
      }
    });
    int rich = 0;
    for (int i = 0; i < Scaled(100); ++i) {
      time::Sleep(absl::Milliseconds(3));
      std::string file;
      if (i % 2 == 0) {
        ASSERT_TRUE(small.WriteTo(io::AnyWriter(Memory{&file})).ok());
      } else {  // one whom no record knows
        sync::WaitGroup young;
        young.Go([&] {
          small.WriteTo(io::AnyWriter(Memory{&file})).status().IgnoreError();
        });
        young.Wait();
      }
      const Checked trace = Check(file);
      EXPECT_FALSE(trace.events.empty()) << i;
      // A window may have only just begun, or nobody had a CPU in it.
      rich += trace.events.size() > 500;
    }
    EXPECT_GT(rich, Scaled(100) / 2);
    stop = true;
    wg.Wait();
    runtime::Blocking([&] { host.join(); });
  });
  SetCapacity(FlightOptions().bytes);
}

TEST(FlightRecorder, ATraceSurvivesIt) {
  const Checked trace = TraceOf([] {
    FlightRecorder recorder({.MinAge = {}, .MaxBytes = 32 << 20});
    ASSERT_TRUE(recorder.Start().ok());
    SetCapacity(0);  // as where PARKOUR_FLIGHT=off
    RunInGoroutine([] { PingPong(100); });
    recorder.Stop();
  });
  EXPECT_GE(trace.ChanBlocks(), 50);
  SetCapacity(FlightOptions().bytes);
}

TEST(FlightRecorder, TheLargestWishCounts) {
  const size_t before = Capacity();
  {
    FlightRecorder large({.MinAge = {}, .MaxBytes = 64 << 20});
    FlightRecorder larger({.MinAge = {}, .MaxBytes = 65 << 20});
    ASSERT_TRUE(large.Start().ok());
    EXPECT_EQ(Capacity(), size_t{64} << 20);
    ASSERT_TRUE(larger.Start().ok());
    large.Stop();
    EXPECT_EQ(Capacity(), size_t{65} << 20);
  }
  EXPECT_EQ(Capacity(), before);
}

TEST(FlightRecorder, AFailureTouchesNoFile) {
  const std::string path = ::testing::TempDir() + "/kept.trace";
  ASSERT_TRUE(Start(path).ok());
  EXPECT_FALSE(Start(path).ok());
  RunInGoroutine([] { PingPong(10); });
  ASSERT_TRUE(Stop().ok());
  std::ifstream in(path, std::ios::binary);
  const std::string file((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  EXPECT_GE(Check(file).Count(EventType::kGoBlock), 10);
}

TEST(FlightRecorder, MinAgeLeavesOutTheOld) {
  RunInGoroutine([] {
    FlightRecorder recent({.MinAge = absl::Milliseconds(1)});
    PingPong(2000);
    time::Sleep(absl::Milliseconds(20));
    std::string file;
    ASSERT_TRUE(recent.WriteTo(io::AnyWriter(Memory{&file})).ok());
    EXPECT_LT(Check(file).ChanBlocks(), 100);
  });
}

TEST(FlightRecorder, StartAndStop) {
  FlightRecorder recorder({.MinAge = {}, .MaxBytes = 1 << 20});
  EXPECT_FALSE(recorder.Enabled());
  ASSERT_TRUE(recorder.Start().ok());
  EXPECT_TRUE(recorder.Enabled());
  EXPECT_EQ(recorder.Start().code(), absl::StatusCode::kFailedPrecondition);
  recorder.Stop();
  recorder.Stop();
  EXPECT_FALSE(recorder.Enabled());
}

TEST(Environment, FlightOptions) {
  EXPECT_EQ(ParseFlight("8M")->bytes, size_t{8} << 20);
  EXPECT_EQ(ParseFlight("512K")->bytes, size_t{512} << 10);
  EXPECT_EQ(ParseFlight("100000")->bytes, size_t{100000});
  EXPECT_EQ(ParseFlight("1")->bytes, size_t{64} << 10);
  EXPECT_EQ(ParseFlight("off")->bytes, size_t{0});
  EXPECT_EQ(ParseFlight("0")->bytes, size_t{0});
  const auto all = ParseFlight("1M,dir=/var/tmp,stall=150ms");
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->bytes, size_t{1} << 20);
  EXPECT_EQ(all->dir, "/var/tmp");
  EXPECT_EQ(all->stall, absl::Milliseconds(150));
  EXPECT_EQ(ParseFlight("dir=x")->bytes, size_t{8} << 20);
  for (const char* bad : {"", "M", "8G", "-1", "8 M", "99999999999M", "8M,",
                          "dir=", "stall=", "stall=5", "stall=-1s", "x=y"}) {
    EXPECT_FALSE(ParseFlight(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace parkour::trace
