// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/chan_test.go, by meaning: the tests of select.

#include <array>
#include <cmath>
#include <vector>

#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"
#include "parkour/tests/conformance/runtime/queued.h"

namespace parkour::tests {
namespace {

using runtime::testing::Eventually;
using runtime::testing::ProcsScope;
using runtime::testing::Scaled;

// How often a select that does not wait found neither channel ready, while at
// every moment one of the two was: make_ready makes the second so before the
// first is emptied.
template <typename MakeReady>
int NobodyReady(int cap2, MakeReady make_ready) {
  int missed = 0;
  const Chan<bool> done = MakeChan<bool>(1);
  for (int i = 0; i < Scaled(100000); ++i) {
    const Chan<int> c1 = MakeChan<int>(1);
    const Chan<int> c2 = MakeChan<int>(cap2);
    c1.Send(1);
    go([c1, c2, done] {
      done.Send(Select(c1.OnRecv([] {}), c2.OnRecv([] {}), Default()) != 2);
    });
    make_ready(c2);
    c1.TryRecv();
    if (done.Recv() != true) ++missed;
  }
  return missed;
}

GO_TEST(ChanTest, TestNonblockSelectRace) {
  ProcsScope procs(4);
  EXPECT_EQ(NobodyReady(1, [](const Chan<int>& c) { c.Send(1); }), 0);
}

GO_TEST(ChanTest, TestNonblockSelectRace2) {
  ProcsScope procs(4);
  EXPECT_EQ(NobodyReady(0, [](const Chan<int>& c) { c.Close(); }), 0);
}

// Two goroutines that would both send and receive on one channel meet each
// other, never themselves.
GO_TEST(ChanTest, TestSelfSelect) {
  ProcsScope procs(2);
  for (int cap : {0, 10}) {
    const Chan<int> c = MakeChan<int>(cap);
    base::Atomic<int> own{0};
    sync::WaitGroup wg;
    for (int p = 0; p < 2; ++p) {
      wg.Go([&own, c, cap, p] {
        const auto check = [&own, cap, p](std::optional<int> v) {
          if (cap == 0 && v == p) own.fetch_add(1);
        };
        for (int i = 0; i < Scaled(1000) * 2; ++i) {
          if (p == 0 || i % 2 == 0) {
            Select(c.OnSend(p), c.OnRecv(check));
          } else {
            Select(c.OnRecv(check), c.OnSend(p));
          }
        }
      });
    }
    wg.Wait();
    EXPECT_EQ(own.load(), 0) << "capacity " << cap;
  }
}

constexpr int kChannels = 4;
using Channels = std::array<Chan<int>, kChannels>;

// n operations on each channel, four to choose from at first. A channel that
// has had its share is nil from then on.
template <typename MakeCase>
void SelectOnEach(Channels c, int n, MakeCase make_case) {
  std::array<int, kChannels> count = {};
  for (int i = 0; i < kChannels * n; ++i) {
    const int taken = Select(make_case(c[3]), make_case(c[2]), make_case(c[0]),
                             make_case(c[1]));
    constexpr std::array<int, kChannels> kWhich = {3, 2, 0, 1};
    const int which = kWhich[taken];
    if (++count[which] == n) c[which] = Chan<int>();
  }
}

GO_TEST(ChanTest, TestSelectStress) {
  ProcsScope procs(10);
  constexpr int kEach = Scaled(100000);
  const Channels c = {MakeChan<int>(), MakeChan<int>(), MakeChan<int>(2),
                      MakeChan<int>(3)};
  sync::WaitGroup wg;
  for (const Chan<int>& ch : c) {
    wg.Go([ch] {
      for (int i = 0; i < kEach; ++i) ch.Send(0);
    });
    wg.Go([ch] {
      for (int i = 0; i < kEach; ++i) ch.Recv();
    });
  }
  wg.Go([&c] {
    SelectOnEach(c, kEach, [](const Chan<int>& ch) { return ch.OnSend(0); });
  });
  wg.Go([&c] {
    SelectOnEach(c, kEach,
                 [](const Chan<int>& ch) { return ch.OnRecv([] {}); });
  });
  wg.Wait();
  for (const Chan<int>& ch : c) EXPECT_EQ(ch.Len(), 0u);
}

GO_TEST(ChanTest, TestSelectFairness) {
  constexpr int kTrials = 10000;
  const Chan<char> c1 = MakeChan<char>(kTrials + 1);
  const Chan<char> c2 = MakeChan<char>(kTrials + 1);
  for (int i = 0; i < kTrials + 1; ++i) {
    c1.Send(1);
    c2.Send(2);
  }
  const Chan<char> c3 = MakeChan<char>();
  const Chan<char> c4 = MakeChan<char>();
  const Chan<char> out = MakeChan<char>();
  const Chan<bool> done = MakeChan<bool>();
  sync::WaitGroup wg;
  wg.Go([=] {
    for (;;) {
      char b = 0;
      const auto take = [&b](std::optional<char> v) { b = v.value_or(0); };
      Select(c3.OnRecv(take), c4.OnRecv(take), c1.OnRecv(take),
             c2.OnRecv(take));
      if (Select(out.OnSend(b), done.OnRecv([] {})) == 1) return;
    }
  });
  int count1 = 0;
  for (int i = 0; i < kTrials; ++i) {
    const std::optional<char> b = out.Recv();
    ASSERT_TRUE(b == 1 || b == 2);
    if (b == 1) ++count1;
  }
  done.Close();
  wg.Wait();
  // Ten standard deviations.
  const double sigma = 0.5 * std::sqrt(kTrials);
  EXPECT_LT(std::abs(count1 - kTrials / 2), 10 * sigma);
}

GO_TEST(ChanTest, TestPseudoRandomSend) {
  constexpr int kCount = 100;
  for (int cap : {0, kCount}) {
    const Chan<int> c = MakeChan<int>(cap);
    std::array<int, 2> n = {};
    sync::WaitGroup wg;
    wg.Go([&n, c] {
      for (int i = 0; i < kCount; ++i) {
        runtime::Gosched();
        ++n[*c.Recv()];
      }
    });
    for (int i = 0; i < kCount; ++i) Select(c.OnSend(1), c.OnSend(0));
    wg.Wait();
    EXPECT_GT(n[0], kCount / 10) << "capacity " << cap;
    EXPECT_GT(n[1], kCount / 10) << "capacity " << cap;
  }
}

// The select stands in c's queue twice, behind it a plain receive. What it
// leaves there after another case was taken must not be in the latter's way.
GO_TEST(ChanTest, TestSelectDuplicateChannel) {
  for (int i = 0; i < Scaled(200); ++i) {
    const Chan<int> c = MakeChan<int>();
    const Chan<int> d = MakeChan<int>();
    const Chan<int> e = MakeChan<int>();
    sync::WaitGroup wg;
    wg.Go([=] {
      EXPECT_EQ(Select(c.OnRecv([] {}), c.OnRecv([] {}), d.OnRecv([] {})), 2);
      e.Send(9);
    });
    ASSERT_TRUE(Eventually([&] { return ReceiversQueued(c) == 2; }));
    wg.Go([=] { EXPECT_EQ(c.Recv(), 8); });
    ASSERT_TRUE(Eventually([&] { return ReceiversQueued(c) == 3; }));
    d.Send(7);
    EXPECT_EQ(e.Recv(), 9);
    c.Send(8);
    wg.Wait();
  }
}

}  // namespace
}  // namespace parkour::tests
