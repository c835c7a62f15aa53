// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The C++ of FROM_GO.md: goroutines, channels, locks.

#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "parkour/parkour.h"

using namespace parkour;

namespace {

TEST(FromGo, Goroutine) {
  const Chan<int> results = MakeChan<int>();
  const int conn = 7, x = 2;
  const auto Serve = [=](int c) { results.Send(c); };
  const auto Work = [](int y) { return 10 * y; };
  go(Serve, conn);
  go([=] { results.Send(Work(x)); });
  EXPECT_EQ(*results.Recv() + *results.Recv(), 27);
}

TEST(FromGo, LargeStack) {
  const Chan<int> done = MakeChan<int>();
  const std::string text = "text";
  const auto Parse = [=](const std::string& t) {
    volatile char large[1 << 20];
    large[sizeof(large) - 1] = t[0];
    done.Send(large[sizeof(large) - 1]);
  };
  go({.stack_size = 4 << 20, .name = "parser"}, Parse, text);
  EXPECT_EQ(done.Recv(), 't');
}

TEST(FromGo, WaitGroup) {
  struct Job {
    int runs = 0;
    void Run() { ++runs; }
  };
  std::vector<Job> jobs(5);
  sync::WaitGroup wg;
  for (Job& job : jobs) {
    wg.Go([&job] { job.Run(); });
  }
  wg.Wait();
  for (const Job& job : jobs) EXPECT_EQ(job.runs, 1);
}

TEST(FromGo, Defer) {
  auto [here, there] = net::Pipe();
  net::Conn conn = here;
  sync::Mutex mu;
  {
    absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
    std::lock_guard lock(mu);
  }
  EXPECT_FALSE(conn.Write("x").ok());
  if (mu.TryLock()) {
    mu.Unlock();
  } else {
    ADD_FAILURE() << "still locked";
  }
}

TEST(FromGo, Recover) {
  std::string logged;
  const auto Log = [&](const char* text) { logged = text; };
  const auto Work = [] { throw std::runtime_error("boom"); };
  try {
    Work();
  } catch (const std::exception& e) {
    Log(e.what());
  }
  EXPECT_EQ(logged, "boom");
}

TEST(FromGo, Goexit) {
  bool behind = false;
  sync::WaitGroup wg;
  wg.Go([&] {
    runtime::Goexit();
    behind = true;
  });
  wg.Wait();
  EXPECT_FALSE(behind);
}

TEST(FromGo, Channel) {
  Chan<int> ch = MakeChan<int>(16);
  ch.Send(1);
  int v = *ch.Recv();
  ch.Close();
  EXPECT_EQ(v, 1);
}

TEST(FromGo, CommaOk) {
  const Chan<int> ch = MakeChan<int>();
  ch.Close();
  std::optional<int> v = ch.Recv();  // nullopt: closed and empty
  EXPECT_FALSE(v.has_value());
}

TEST(FromGo, Range) {
  const Chan<int> ch = MakeChan<int>(3);
  for (int i = 0; i < 3; ++i) ch.Send(i);
  ch.Close();
  int sum = 0;
  const auto Use = [&](int v) { sum += v; };
  for (int v : ch) {
    Use(v);
  }
  EXPECT_EQ(sum, 3);
}

void Produce(SendChan<int> out);
void Consume(RecvChan<int> in);

void Produce(SendChan<int> out) {
  out.Send(5);
  out.Close();
}
int consumed = 0;
void Consume(RecvChan<int> in) {
  for (int v : in) consumed += v;
}

TEST(FromGo, Directions) {
  const Chan<int> ch = MakeChan<int>();
  consumed = 0;
  go(Produce, ch);
  Consume(ch);
  EXPECT_EQ(consumed, 5);
}

absl::Status ErrTimeout() { return absl::DeadlineExceededError("timeout"); }

absl::Status SelectOnce(const Chan<int>& in, const Chan<int>& out, int x,
                        int* used) {
  int sent = 0;
  const auto Use = [&](int v) { *used = v; };
  int taken = Select(in.OnRecv([&](std::optional<int> v) { Use(*v); }),
                     out.OnSend(x, [&] { ++sent; }),
                     time::After(absl::Seconds(1)).OnRecv([] {}));
  if (taken == 2) return ErrTimeout();
  return absl::OkStatus();
}

TEST(FromGo, Select) {
  const Chan<int> in = MakeChan<int>(1);
  in.Send(4);
  int used = 0;
  EXPECT_TRUE(SelectOnce(in, {}, 1, &used).ok());
  EXPECT_EQ(used, 4);
}

TEST(FromGo, SelectDefault) {
  const Chan<int> ch = MakeChan<int>(2);
  int used = 0;
  const auto Use = [&](int v) { used += v; };
  ch.Send(1);
  ch.Send(2);
  if (std::optional<int> v = ch.TryRecv()) Use(*v);
  Select(ch.OnRecv([&](std::optional<int> v) { Use(*v); }), Default());
  EXPECT_EQ(used, 3);
}

TEST(FromGo, ReflectSelect) {
  const std::vector<Chan<int>> channels = {MakeChan<int>(1), MakeChan<int>(1)};
  channels[1].Send(9);
  int used = 0;
  const auto Use = [&](int v) { used = v; };
  std::vector<SelectCase> cases;
  for (const Chan<int>& ch : channels) {
    cases.push_back(ch.OnRecv([&](std::optional<int> v) { Use(*v); }));
  }
  int chosen = SelectCases(cases);
  EXPECT_EQ(chosen, 1);
  EXPECT_EQ(used, 9);
}

TEST(FromGo, Tokens) {
  Chan<Unit> sem = MakeChan<Unit>(10);
  sem.Send({});
  absl::Cleanup release = [&] { sem.Recv(); };
  EXPECT_EQ(sem.Len(), 1u);
}

TEST(FromGo, Mutex) {
  sync::Mutex mu;
  {
    sync::MutexLock lock(&mu);
    EXPECT_FALSE(mu.TryLock());
  }
}

TEST(FromGo, RWMutex) {
  sync::RWMutex mu;
  {
    sync::ReaderLock lock(&mu);
    EXPECT_FALSE(mu.TryLock());
  }
}

TEST(FromGo, Once) {
  int loads = 0;
  const auto Load = [&] { ++loads; };
  const auto Read = [&] { return ++loads; };
  sync::Once once;
  once.Do(Load);
  auto config = sync::OnceValue(Read);
  once.Do(Load);
  EXPECT_EQ(config() + config(), 4);
  EXPECT_EQ(loads, 2);
}

TEST(FromGo, Cond) {
  sync::Mutex mu;
  sync::Cond cond(&mu);
  bool ready = false;
  go([&] {
    sync::MutexLock lock(&mu);
    ready = true;
    cond.Broadcast();
  });
  sync::MutexLock lock(&mu);
  while (!ready) {
    cond.Wait();
  }
  EXPECT_TRUE(ready);
}

TEST(FromGo, Map) {
  sync::Map<std::string, int> m;
  m.Store("a", 1);
  std::optional<int> v = m.Load("a");
  EXPECT_EQ(v, 1);
}

TEST(FromGo, Atomic) {
  std::atomic<int64_t> n = 0;
  n += 1;
  EXPECT_EQ(n, 1);
}

TEST(FromGo, Errgroup) {
  const context::Context parent = context::Background();
  const std::vector<std::string> urls = {"a", "b"};
  static const auto Fetch = [](const context::Context&,
                               const std::string& url) {
    return url == "b" ? absl::NotFoundError(url) : absl::OkStatus();
  };
  auto [g, ctx] = errgroup::WithContext(parent);
  g.SetLimit(10);
  for (const std::string& url : urls) {
    g.Go([url, ctx = ctx] { return Fetch(ctx, url); });
  }
  absl::Status err = g.Wait();
  EXPECT_EQ(err, absl::NotFoundError("b"));
}

TEST(FromGo, Singleflight) {
  sync::singleflight::Group<std::string, int> group;
  const std::string key = "k";
  const auto load = []() -> absl::StatusOr<int> { return 3; };
  auto [v, shared] = group.Do(key, load);  // v: absl::StatusOr<int>
  EXPECT_EQ(v.value_or(0), 3);
  EXPECT_FALSE(shared);
}

}  // namespace
