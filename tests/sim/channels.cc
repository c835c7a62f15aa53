// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Programs without descriptors.

#include <memory>
#include <vector>

#include "parkour/base/thread.h"
#include "parkour/parkour.h"
#include "tests/sim/programs.h"
#include "tests/sim/world.h"

namespace parkour::sim {
namespace {

int Some(int least, int most) {
  return least +
         static_cast<int>(Below(static_cast<uint32_t>(most - least + 1)));
}

absl::Duration UpTo(int us) { return absl::Microseconds(Below(us)); }

// Now and then something that a program does, too.
void Dawdle() {
  switch (Below(8)) {
    case 0:
      return runtime::Gosched();
    case 1:
      return Compute(Below(30000));
    case 2:
      return time::Sleep(UpTo(50));
  }
}

}  // namespace

// Values go through a chain of channels to one end; none is lost or comes
// twice.
void Channels() {
  const int stages = Some(1, 4), senders = Some(1, 4), each = Some(1, 30);
  std::vector<Chan<int>> chain;
  for (int i = 0; i <= stages; ++i) chain.push_back(MakeChan<int>(Below(3)));
  sync::WaitGroup sending;
  for (int s = 0; s < senders; ++s) {
    sending.Go([=, out = chain[0]] {
      for (int i = 0; i < each; ++i) {
        Dawdle();
        out.Send(s * each + i);
      }
    });
  }
  for (int i = 0; i < stages; ++i) {
    const int workers = Some(1, 3);
    auto working = std::make_shared<sync::WaitGroup>();
    for (int w = 0; w < workers; ++w) {
      working->Go([in = chain[i], out = chain[i + 1]] {
        for (int v : in) out.Send(v);
      });
    }
    go([working, out = chain[i + 1]] {
      working->Wait();
      out.Close();
    });
  }
  go([&sending, out = chain[0]] {
    sending.Wait();
    out.Close();
  });
  std::vector<int> seen(static_cast<size_t>(senders * each));
  for (int v : chain.back()) ++seen[static_cast<size_t>(v)];
  for (const int n : seen) Check(n == 1, "a value comes once");
}

// A storm of selects with and without defaults and time limits.
void Selects() {
  const int n = Some(2, 5), rounds = Some(2, 20);
  std::vector<Chan<int>> ch;
  for (int i = 0; i < 3; ++i) ch.push_back(MakeChan<int>(Below(2)));
  const Chan<Unit> stop = MakeChan<Unit>();
  std::vector<int64_t> sent(static_cast<size_t>(n)),
      got(static_cast<size_t>(n));
  sync::WaitGroup all, players;
  for (int p = 0; p < n; ++p) {
    players.Add(1);
    all.Go([&, p] {
      const auto me = static_cast<size_t>(p);
      const auto take = [&](std::optional<int> v) { got[me] += *v; };
      for (int i = 0; i < rounds; ++i) {
        const int v = 1 + p * rounds + i;
        bool done = false;
        const auto put = [&] { sent[me] += v, done = true; };
        if (OneIn(4)) {
          Select(ch[0].OnSend(v, put), ch[1].OnRecv(take), Default());
        } else if (OneIn(3)) {
          Select(ch[0].OnSend(v, put), ch[1].OnRecv(take),
                 time::After(UpTo(100)).OnRecv([] {}));
        } else {
          Select(ch[0].OnSend(v, put), ch[1].OnSend(v, put), ch[2].OnRecv(take),
                 ch[2].OnSend(v, put));
        }
        Dawdle();
      }
      players.Done();
    });
  }
  int64_t drained = 0;
  sync::WaitGroup drains;
  for (const Chan<int>& c : ch) {
    drains.Go([&, c] {
      const auto take = [&](std::optional<int> v) { drained += *v; };
      while (Select(c.OnRecv(take), stop.OnRecv([] {})) == 0) {
      }
      while (Select(c.OnRecv(take), Default()) == 0) {
      }
    });
  }
  players.Wait();
  all.Wait();
  stop.Close();
  drains.Wait();
  for (int p = 0; p < n; ++p) {
    drained += got[static_cast<size_t>(p)] - sent[static_cast<size_t>(p)];
  }
  Check(drained == 0, "what was sent was received");
}

// Nobody beside a writer; never more units than there are; a Cond's waiters
// wake.
void Locks() {
  sync::Mutex mu;
  sync::RWMutex rw;
  sync::Semaphore units(3);
  sync::Cond cond(&mu);
  int in_mu = 0, readers = 0, writers = 0, held = 0, turn = 0;
  const int n = Some(2, 6), rounds = Some(1, 12);
  sync::WaitGroup wg;
  for (int g = 0; g < n; ++g) {
    wg.Go([&, g] {
      for (int i = 0; i < rounds; ++i) {
        switch (Below(4)) {
          case 0: {
            std::lock_guard lock(mu);
            Check(in_mu++ == 0, "one in a mutex");
            Dawdle();
            --in_mu;
            break;
          }
          case 1:
            rw.RLock();
            ++readers;
            Check(writers == 0, "no writer beside a reader");
            Dawdle();
            --readers;
            rw.RUnlock();
            break;
          case 2: {
            std::lock_guard lock(rw);
            Check(writers++ == 0 && readers == 0, "a writer is alone");
            Dawdle();
            --writers;
            break;
          }
          default: {
            const int k = Some(1, 3);
            units.Acquire(k);
            Check((held += k) <= 3, "no more units than there are");
            Dawdle();
            held -= k;
            units.Release(k);
          }
        }
      }
      // One after the other, by turns.
      std::lock_guard lock(mu);
      cond.Wait([&] { return turn == g; });
      ++turn;
      cond.Broadcast();
    });
  }
  wg.Wait();
  Check(turn == n, "each had its turn");
}

// Timers fire in time: not early, and not late while there is an idle P.
void Timers() {
  const int n = Some(1, 30);
  sync::WaitGroup wg;
  for (int i = 0; i < n; ++i) {
    wg.Go([] {
      const int64_t begin = Now();
      const int64_t ns = 1000 * int64_t{Below(5000)};
      switch (Below(4)) {
        case 0:
          time::Sleep(absl::Nanoseconds(ns));
          return Check(Now() >= begin + ns, "a sleep is not too short");
        case 1: {
          time::Timer timer = time::NewTimer(absl::Nanoseconds(ns));
          if (OneIn(2)) timer.Reset(absl::Nanoseconds(2 * ns));
          timer.C.Recv();
          return Check(Now() >= begin + ns, "a timer is not early");
        }
        case 2: {
          time::Timer timer = time::NewTimer(absl::Nanoseconds(ns));
          time::Sleep(UpTo(3000));
          if (timer.Stop()) return;
          timer.C.TryRecv();
          return Check(Now() >= begin + ns, "a timer fires when it is due");
        }
        default: {
          time::Ticker ticker = time::NewTicker(absl::Nanoseconds(ns + 1));
          for (int k = 0; k < 3; ++k) ticker.C.Recv();
          ticker.Stop();
          Check(Now() >= begin + 3 * (ns + 1), "a ticker is not early");
        }
      }
    });
    Dawdle();
  }
  wg.Wait();
}

// Goroutines that compute, and that block in the kernel, beside others that
// want to go on; the number of Ps changes.
void Blockers() {
  sync::WaitGroup wg;
  const int n = Some(1, 5);
  for (int i = 0; i < n; ++i) {
    wg.Go([] {
      for (int k = Some(1, 3); k > 0; --k) {
        if (OneIn(2)) {
          runtime::Blocking(
              [] { base::SleepFor(1000 * int64_t{Below(20000)}); });
        } else {
          Compute(1000 * int64_t{Below(25000)});
        }
        runtime::Gosched();
      }
    });
  }
  const Chan<int> ping = MakeChan<int>(), pong = MakeChan<int>();
  const int laps = Some(1, 20);
  wg.Go([=] {
    for (int i = 0; i < laps; ++i) pong.Send(*ping.Recv() + 1);
  });
  wg.Go([=] {
    for (int i = 0; i < laps; ++i) {
      ping.Send(i);
      Check(*pong.Recv() == i + 1, "an answer");
      if (OneIn(6)) runtime::GOMAXPROCS(Some(1, 4));
    }
  });
  wg.Wait();
}

// Goroutines that start goroutines; some have a thread of their own, and some
// take it with them.
void Spawns() {
  struct Tree {
    static void Grow(sync::WaitGroup* wg, int depth) {
      for (int i = Some(0, 3); i > 0 && depth > 0; --i) {
        wg->Go([=] {
          if (OneIn(6)) runtime::LockOSThread();
          Dawdle();
          Grow(wg, depth - 1);
          if (OneIn(10)) runtime::Goexit();
        });
      }
    }
  };
  sync::WaitGroup wg;
  for (int i = Some(1, 4); i > 0; --i) Tree::Grow(&wg, 3);
  wg.Wait();
}

}  // namespace parkour::sim
