// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/chan_test.go, by meaning. The tests of select are in
// chan_select_test.cc. Left out: TestNoShrinkStackWhileParking and
// TestSelectStackAdjust (stacks do not move).

#include "parkour/chan/chan.h"

#include <any>
#include <vector>

#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"
#include "parkour/tests/conformance/runtime/queued.h"

namespace parkour::tests {
namespace {

using runtime::testing::Eventually;
using runtime::testing::ProcsScope;
using runtime::testing::Scaled;

// Nothing to receive: both ways of receiving wait, those that do not wait say
// so, and two sends let them go.
void EmptyBlocks(int cap) {
  const Chan<int> c = MakeChan<int>(cap);
  base::Atomic<int> received{0};
  sync::WaitGroup wg;
  for (int i = 0; i < 2; ++i) {
    wg.Go([&received, c] {
      EXPECT_EQ(c.Recv(), 0);
      received.fetch_add(1);
    });
  }
  ASSERT_TRUE(Eventually([&] { return ReceiversQueued(c) == 2; }));
  EXPECT_EQ(received.load(), 0);
  EXPECT_EQ(c.TryRecv(), std::nullopt);
  EXPECT_EQ(Select(c.OnRecv([] {}), Default()), 1);
  c.Send(0);
  c.Send(0);
  wg.Wait();
  EXPECT_EQ(received.load(), 2);
}

// No room: a send waits, those that do not wait say so, one receive lets it go.
void FullBlocks(int cap) {
  const Chan<int> c = MakeChan<int>(cap);
  for (int i = 0; i < cap; ++i) c.Send(i);
  base::Atomic<bool> sent{false};
  sync::WaitGroup wg;
  wg.Go([&sent, c] {
    c.Send(0);
    sent.store(true);
  });
  ASSERT_TRUE(Eventually([&] { return SendersQueued(c) == 1; }));
  EXPECT_FALSE(sent.load());
  EXPECT_FALSE(c.TrySend(0));
  EXPECT_EQ(Select(c.OnSend(0), Default()), 1);
  EXPECT_EQ(c.Recv(), 0);
  wg.Wait();
}

// What was sent before the close still comes; then no value, as often as asked.
void ClosedDrains(int cap) {
  const Chan<int> c = MakeChan<int>(cap);
  for (int i = 0; i < cap; ++i) c.Send(i);
  c.Close();
  for (int i = 0; i < cap; ++i) ASSERT_EQ(c.Recv(), i);
  EXPECT_EQ(c.Recv(), std::nullopt);
  EXPECT_EQ(c.Recv(), std::nullopt);
  EXPECT_EQ(c.TryRecv(), std::nullopt);
}

void CloseUnblocks(int cap) {
  const Chan<int> c = MakeChan<int>(cap);
  const Chan<bool> done = MakeChan<bool>();
  go([c, done] { done.Send(c.Recv() == std::nullopt); });
  ASSERT_TRUE(Eventually([&] { return ReceiversQueued(c) == 1; }));
  c.Close();
  EXPECT_EQ(done.Recv(), true);
}

void FirstInFirstOut(int cap) {
  const Chan<int> c = MakeChan<int>(cap);
  go([c] {
    for (int i = 0; i < 100; ++i) c.Send(i);
  });
  for (int i = 0; i < 100; ++i) ASSERT_EQ(c.Recv(), i);
}

// Four senders and four receivers: every value comes as often as it was sent.
void ManyToMany(int cap) {
  constexpr int kPeople = 4;
  constexpr int kEach = Scaled(1000);
  const Chan<int> c = MakeChan<int>(cap);
  const Chan<std::vector<int>> results = MakeChan<std::vector<int>>();
  for (int p = 0; p < kPeople; ++p) {
    go([c] {
      for (int i = 0; i < kEach; ++i) c.Send(i);
    });
    go([c, results] {
      std::vector<int> seen(kEach, 0);
      for (int i = 0; i < kEach; ++i) ++seen[*c.Recv()];
      results.Send(std::move(seen));
    });
  }
  std::vector<int> total(kEach, 0);
  for (int p = 0; p < kPeople; ++p) {
    const std::vector<int> seen = *results.Recv();
    for (int i = 0; i < kEach; ++i) total[i] += seen[i];
  }
  for (int n : total) ASSERT_EQ(n, kPeople);
}

void LenAndCap(int cap) {
  const Chan<int> c = MakeChan<int>(cap);
  EXPECT_EQ(c.Len(), 0u);
  EXPECT_EQ(c.Cap(), static_cast<size_t>(cap));
  for (int i = 0; i < cap; ++i) c.Send(i);
  EXPECT_EQ(c.Len(), static_cast<size_t>(cap));
  EXPECT_EQ(c.Cap(), static_cast<size_t>(cap));
}

GO_TEST(ChanTest, TestChan) {
  ProcsScope procs(4);
  for (int cap = 0; cap < Scaled(200); ++cap) {
    EmptyBlocks(cap);
    FullBlocks(cap);
    ClosedDrains(cap);
    CloseUnblocks(cap);
    FirstInFirstOut(cap);
    ManyToMany(cap);
    LenAndCap(cap);
  }
}

// A channel that has a value, then a close besides, then only the close: at no
// moment does a receive have to wait.
GO_TEST(ChanTest, TestNonblockRecvRace) {
  ProcsScope procs(4);
  base::Atomic<int> missed{0};
  sync::WaitGroup wg;
  for (int i = 0; i < Scaled(10000); ++i) {
    const Chan<int> c = MakeChan<int>(1);
    c.Send(1);
    wg.Go([&missed, c] {
      if (!Ready(c)) missed.fetch_add(1);
    });
    c.Close();
    c.Recv();
  }
  wg.Wait();
  EXPECT_EQ(missed.load(), 0);
}

// Values of a type known only at run time, on the ways into a channel.
GO_TEST(ChanTest, TestChanSendInterface) {
  struct Message {};
  Message m;
  const Chan<std::any> c = MakeChan<std::any>(1);
  c.Send(&m);
  EXPECT_EQ(Select(c.OnSend(&m), Default()), 1);
  EXPECT_EQ(Select(c.OnSend(&m), c.OnSend(Message()), Default()), 2);
  EXPECT_EQ(std::any_cast<Message*>(*c.Recv()), &m);
  EXPECT_EQ(Select(c.OnSend(&m), Default()), 0);
  EXPECT_EQ(std::any_cast<Message*>(*c.Recv()), &m);
}

GO_TEST(ChanTest, TestMultiConsumer) {
  constexpr int kWorkers = 23;
  constexpr int kValues = Scaled(271828);
  const std::vector<int> some = {2, 3, 7, 11, 13, 17, 19, 23, 27, 31};
  const Chan<int> q = MakeChan<int>(kWorkers * 3);
  const Chan<int> r = MakeChan<int>(kWorkers * 3);
  sync::WaitGroup wg;
  for (int w = 0; w < kWorkers; ++w) {
    wg.Go([q, r, now_and_then = some[w % some.size()]] {
      for (int v : q) {
        if (v == now_and_then) runtime::Gosched();
        r.Send(v);
      }
    });
  }
  const Chan<int64_t> expected = MakeChan<int64_t>(1);
  go([&some, &wg, q, r, expected] {
    int64_t sum = 0;
    for (int i = 0; i < kValues; ++i) {
      const int v = some[i % some.size()];
      sum += v;
      q.Send(v);
    }
    q.Close();
    wg.Wait();
    expected.Send(sum);
    r.Close();
  });
  int n = 0;
  int64_t sum = 0;
  for (int v : r) {
    ++n;
    sum += v;
  }
  EXPECT_EQ(n, kValues);
  EXPECT_EQ(sum, expected.Recv());
}

// Uses some of the stack and sends from there, waiting.
[[gnu::noinline]] int SendFromDepth(const Chan<int>& c, int depth, int value) {
  volatile char frame[256];
  frame[0] = static_cast<char>(depth);
  if (depth == 0) {
    c.Send(value);
  } else {
    SendFromDepth(c, depth - 1, value);
  }
  return frame[0];
}

// Go: TestShrinkStackDuringBlockedSend. Nothing shrinks here; what is left is
// that a blocked send's frames are as they were, however deep they lie.
GO_TEST(ChanTest, TestShrinkStackDuringBlockedSend) {
  constexpr int kSends = Scaled(1000);
  const Chan<int> c = MakeChan<int>();
  const Chan<bool> done = MakeChan<bool>();
  go([c, done] {
    bool ok = true;
    for (int i = 0; i < kSends; ++i) {
      ok = ok && SendFromDepth(c, i % 100, i) == i % 100;
    }
    done.Send(ok);
  });
  for (int i = 0; i < kSends; ++i) {
    ASSERT_TRUE(Eventually([&] { return SendersQueued(c) == 1; }));
    ASSERT_EQ(c.Recv(), i);
  }
  EXPECT_EQ(done.Recv(), true);
}

}  // namespace
}  // namespace parkour::tests
