// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Plain threads beside goroutines, and contexts that are cancelled while
// somebody waits.

#include <atomic>
#include <memory>
#include <vector>

#include "parkour/base/thread.h"
#include "parkour/parkour.h"
#include "tests/sim/programs.h"
#include "tests/sim/world.h"

namespace parkour::sim {
namespace {

absl::Duration UpTo(uint32_t us) { return absl::Microseconds(Below(us)); }

// Runs f in a plain thread of the world. It stays when f is done: the world
// does not see a thread's destructors.
template <typename F>
void StartPlain(F f) {
  struct Body {
    static void Run(void* p) {
      (*std::unique_ptr<F>(static_cast<F*>(p)))();
      Wait("is done", nullptr, kNever);
    }
  };
  Check(base::StartThread("plain", size_t{256} << 10, Body::Run,
                          new F(std::move(f))) == 0,
        "a plain thread starts");
}

}  // namespace

// Threads and goroutines at the ends of the same channels, locks and sleeps.
void Threads() {
  const int n = 1 + static_cast<int>(Below(3));
  const int each = 1 + static_cast<int>(Below(12));
  const Chan<int> ch = MakeChan<int>(Below(3)), back = MakeChan<int>();
  sync::Mutex mu;
  int inside = 0;
  sync::WaitGroup senders;
  const auto sender = [&, ch](int first) {
    for (int i = 0; i < each; ++i) {
      {
        std::lock_guard lock(mu);
        Check(inside++ == 0, "one in a mutex");
        if (OneIn(3)) time::Sleep(UpTo(30));
        --inside;
      }
      ch.Send(first + i);
      if (OneIn(4)) {
        Select(ch.OnRecv([&](std::optional<int> v) { back.Send(*v); }),
               Default());
      }
    }
    senders.Done();
  };
  senders.Add(2 * n);
  for (int i = 0; i < 2 * n; ++i) {
    if (i % 2 == 0) {
      StartPlain([=] { sender(i * each); });
    } else {
      go([=] { sender(i * each); });
    }
  }
  std::vector<int> seen(static_cast<size_t>(2 * n * each));
  const Chan<Unit> sent = MakeChan<Unit>();
  const auto end = [&senders, sent] {
    senders.Wait();
    sent.Close();
  };
  if (OneIn(2)) {
    StartPlain(end);
  } else {
    go(end);
  }
  const auto count = [&](std::optional<int> v) {
    ++seen[static_cast<size_t>(*v)];
  };
  while (Select(ch.OnRecv(count), back.OnRecv(count), sent.OnRecv([] {})) < 2) {
  }
  while (Select(ch.OnRecv(count), back.OnRecv(count), Default()) < 2) {
  }
  for (const int k : seen) Check(k == 1, "a value comes once");
}

// A tree of contexts with deadlines; whoever waits for one of them, for units
// of a semaphore or for a timer, goes on when it is cancelled.
void Contexts() {
  sync::Semaphore units(2);
  std::atomic<int> called{0};
  int registered = 0;
  sync::WaitGroup wg;
  auto [root, cancel_root] = context::WithCancel(context::Background());
  for (int i = 1 + static_cast<int>(Below(5)); i > 0; --i) {
    const int64_t begin = Now();
    const absl::Duration timeout = UpTo(3000);
    auto [ctx, cancel] = context::WithTimeout(root, timeout);
    if (OneIn(2)) {
      ++registered;
      context::AfterFunc(ctx, [&called] { called.fetch_add(1); });
    }
    wg.Go([=, &units, ctx = ctx] {
      if (OneIn(2)) {
        const int64_t k = 1 + Below(2);
        if (!units.Acquire(ctx, k).ok()) return;
        time::Sleep(UpTo(2000));
        units.Release(k);
      }
      ctx.Done().Recv();
      if (absl::IsDeadlineExceeded(ctx.Err())) {
        Check(Now() - begin >= absl::ToInt64Nanoseconds(timeout),
              "a context's deadline is not early");
      }
    });
    if (OneIn(3)) {
      wg.Go([cancel = cancel] {
        time::Sleep(UpTo(3000));
        cancel();
      });
    }
  }
  if (OneIn(3)) {
    time::Sleep(UpTo(2000));
    cancel_root();
  }
  wg.Wait();
  cancel_root();
  for (int i = 0; called.load() < registered; ++i) {
    Check(i < 10000, "an AfterFunc is called");
    runtime::Gosched();
  }
  Check(units.TryAcquire(2), "all units are back");
}

}  // namespace parkour::sim
