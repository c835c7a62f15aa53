// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour {
namespace {

using runtime::testing::Eventually;
using runtime::testing::ProcsScope;
using runtime::testing::Scaled;

struct Message {
  int sender;
  int number;
};

// Many senders and receivers, blocking and trying: every value arrives once,
// and each receiver sees each sender's values in their order.
void ManyToMany(int cap, int senders, int receivers, int each) {
  Chan<Message> ch = MakeChan<Message>(cap);
  std::vector<base::Atomic<int>> received(senders * each);
  base::Atomic<int> disorder{0};
  sync::WaitGroup sending;
  sync::WaitGroup receiving;
  for (int r = 0; r < receivers; ++r) {
    receiving.Go([&, ch, r] {
      base::Rand rand(r + 1);
      std::vector<int> last(senders, -1);
      for (;;) {
        std::optional<Message> m;
        if (rand.Below(4) == 0) m = ch.TryRecv();
        if (!m) m = ch.Recv();
        if (!m) return;
        if (m->number <= last[m->sender]) disorder.fetch_add(1);
        last[m->sender] = m->number;
        received[m->sender * each + m->number].fetch_add(1);
      }
    });
  }
  for (int s = 0; s < senders; ++s) {
    sending.Go([&, ch, s] {
      base::Rand rand(s + 100);
      for (int i = 0; i < each; ++i) {
        if (rand.Below(4) == 0 && ch.TrySend(Message{s, i})) continue;
        ch.Send({s, i});
      }
    });
  }
  sending.Wait();
  ch.Close();
  receiving.Wait();
  EXPECT_EQ(disorder.load(), 0);
  for (auto& n : received) ASSERT_EQ(n.load(), 1);
  EXPECT_EQ(ch.Len(), 0u);
}

TEST(ChanStress, Unbuffered) {
  ProcsScope procs(4);
  ManyToMany(0, 8, 8, Scaled(3000));
}
TEST(ChanStress, OneSlot) {
  ProcsScope procs(4);
  ManyToMany(1, 8, 4, Scaled(3000));
}
TEST(ChanStress, Buffered) {
  ProcsScope procs(3);
  ManyToMany(10, 4, 8, Scaled(5000));
}
TEST(ChanStress, OneP) {
  ProcsScope procs(1);
  ManyToMany(2, 8, 8, Scaled(3000));
}

// Go: TestNonblockRecvRace. What is certainly there must be found.
TEST(ChanStress, TryRecvFindsWhatIsThere) {
  ProcsScope procs(4);
  base::Atomic<int> missed{0};
  for (int i = 0; i < Scaled(10000); ++i) {
    Chan<int> ch = MakeChan<int>(1);
    ch.Send(1);
    sync::WaitGroup wg;
    wg.Go([&missed, ch] {
      // Either the value or the close; never "nothing, and open".
      if (!ch.TryRecv() && ch.Len() != 0) missed.fetch_add(1);
    });
    ch.Close();
    ch.TryRecv();
    wg.Wait();
  }
  EXPECT_EQ(missed.load(), 0);
}

// A ring of goroutines passes tokens on for ever so long.
TEST(ChanStress, TokenRing) {
  ProcsScope procs(4);
  constexpr int kMembers = 50;
  const int laps = Scaled(200);
  std::vector<Chan<int>> ch;
  for (int i = 0; i < kMembers; ++i) ch.push_back(MakeChan<int>());
  sync::WaitGroup wg;
  for (int i = 0; i < kMembers; ++i) {
    wg.Go([=, in = ch[i], out = ch[(i + 1) % kMembers]] {
      for (int lap = 0; lap < laps; ++lap) {
        EXPECT_EQ(in.Recv(), lap * kMembers + i);
        if (lap == laps - 1 && i == kMembers - 1) return;
        out.Send(lap * kMembers + i + 1);
      }
    });
  }
  ch[0].Send(0);
  wg.Wait();
}

// Go's prime sieve: a chain that grows.
TEST(ChanStress, PrimeSieve) {
  ProcsScope procs(4);
  const int64_t before = runtime::NumGoroutine();
  Chan<int> primes = MakeChan<int>();
  go([primes] {
    Chan<int> ch = MakeChan<int>();
    go([ch] {
      for (int i = 2; i < 1000; ++i) ch.Send(i);
      ch.Close();
    });
    while (std::optional<int> p = ch.Recv()) {
      primes.Send(*p);
      Chan<int> next = MakeChan<int>();
      go([ch, next, p = *p] {
        for (int i : ch) {
          if (i % p != 0) next.Send(i);
        }
        next.Close();
      });
      ch = next;
    }
    primes.Close();
  });
  int n = 0;
  int last = 0;
  for (int p : primes) {
    ++n;
    last = p;
  }
  EXPECT_EQ(n, 168);
  EXPECT_EQ(last, 997);
  EXPECT_TRUE(runtime::testing::GoroutinesBackTo(before));
}

// Closing races with receivers that are about to park.
TEST(ChanStress, CloseRacesWithRecv) {
  ProcsScope procs(4);
  for (int i = 0; i < Scaled(5000); ++i) {
    Chan<std::unique_ptr<int>> ch = MakeChan<std::unique_ptr<int>>(i % 2);
    sync::WaitGroup wg;
    base::Atomic<int> got{0};
    for (int j = 0; j < 3; ++j) {
      wg.Go([&, ch] {
        if (ch.Recv()) got.fetch_add(1);
      });
    }
    wg.Go([ch] {
      ch.Send(std::make_unique<int>(1));
      ch.Close();
    });
    wg.Wait();
    ASSERT_EQ(got.load(), 1);
  }
}

// More selects than Close takes at a time, each in several queues; all of their
// channels are closed at once, and values are offered meanwhile. Each select
// takes one effect: no value is given to one that a close has completed.
TEST(ChanStress, CloseRacesWithManySelects) {
  ProcsScope procs(4);
  for (int round = 0; round < Scaled(600); ++round) {
    const int waiters = 60 + round % 150;
    const Chan<int> values = MakeChan<int>();
    const Chan<Unit> a = MakeChan<Unit>();
    const Chan<Unit> b = MakeChan<Unit>();
    base::Atomic<int> ended{0};
    base::Atomic<int> sent{0};
    base::Atomic<int> got{0};
    sync::WaitGroup wg;
    for (int i = 0; i < waiters; ++i) {
      wg.Go([&ended, &got, values, a, b, i] {
        bool more = i % 4 == 3;
        const auto take = [&](std::optional<int> v) {
          if (v) {
            got.fetch_add(1);
          } else {
            more = false;
          }
        };
        switch (i % 4) {
          case 0:
            a.Recv();
            break;
          case 1:
            Select(a.OnRecv([] {}), b.OnRecv([] {}), values.OnRecv(take));
            break;
          case 2:
            Select(b.OnRecv([] {}), a.OnRecv([] {}), b.OnRecv([] {}));
            break;
          default:
            while (more) {
              Select(values.OnRecv(take), a.OnRecv([&] { more = false; }));
            }
        }
        ended.fetch_add(1);
      });
    }
    for (int i = round % 5; i > 0; --i) runtime::Gosched();
    wg.Go([a] { a.Close(); });
    wg.Go([b] { b.Close(); });
    wg.Go([&sent, values] {
      for (int i = 0; i < 300; ++i) {
        if (values.TrySend(i)) sent.fetch_add(1);
      }
      values.Close();
    });
    wg.Wait();
    ASSERT_EQ(ended.load(), waiters);
    ASSERT_EQ(got.load(), sent.load());
  }
}

// Whoever is the last to be woken takes the last handle with it: who closes may
// use the channel no longer then, also when its waiters came in a round number.
// The sanitizers see what happens otherwise; TSan in nearly every round.
TEST(ChanStress, FreedByThoseWhomCloseWakes) {
  ProcsScope procs(4);
  for (const int n : {1, 63, 64, 65, 128}) {
    for (int round = 0; round < Scaled(400); ++round) {
      const Chan<Unit> never = MakeChan<Unit>();
      auto ch = std::make_unique<Chan<Unit>>(MakeChan<Unit>());
      base::Atomic<int> arrived{0};
      base::Atomic<int> left{n};
      sync::WaitGroup wg;
      for (int i = 0; i < n; ++i) {
        wg.Go([&ch, &arrived, &left, never, i] {
          arrived.fetch_add(1);
          if (i % 8 == 7) {
            Select(never.OnRecv([] {}), ch->OnRecv([] {}));
          } else {
            ch->Recv();
          }
          if (left.fetch_sub(1) == 1) ch.reset();
        });
      }
      ASSERT_TRUE(Eventually([&] { return arrived.load() == n; }));
      // Nearly always all of them are parked now.
      for (int i = 0; i < 5; ++i) runtime::Gosched();
      ch->Close();
      wg.Wait();
      ASSERT_EQ(ch, nullptr);
    }
  }
}

// A hundred thousand goroutines parked on one channel, woken by one Close.
TEST(ChanStress, ManyParkedAtOnce) {
  ProcsScope procs(2);
  const int64_t before = runtime::NumGoroutine();
  Chan<Unit> ch = MakeChan<Unit>();
  sync::WaitGroup wg;
  const int n = Scaled(100000) < 20000 ? 5000 : 100000;
  base::Atomic<int> woke{0};
  for (int i = 0; i < n; ++i) {
    wg.Go([&woke, ch] {
      ch.Recv();
      woke.fetch_add(1);
    });
  }
  EXPECT_GE(runtime::NumGoroutine(), n);
  ch.Close();
  wg.Wait();
  EXPECT_EQ(woke.load(), n);
  EXPECT_TRUE(runtime::testing::GoroutinesBackTo(before));
}

}  // namespace
}  // namespace parkour
