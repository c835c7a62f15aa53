// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/chan/chan.h"

#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour {
namespace {

using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

// How many goroutines are parked on a channel of this test: all that exist
// beyond `base` and are not the caller; for tests with one P, where a Gosched
// runs everybody until they park.
void LetOthersPark() {
  for (int i = 0; i < 3; ++i) runtime::Gosched();
}

TEST(Chan, NilBlocksAndHasNothing) {
  Chan<int> nil;
  EXPECT_FALSE(nil);
  EXPECT_EQ(nil.Len(), 0u);
  EXPECT_EQ(nil.Cap(), 0u);
  EXPECT_FALSE(nil.TrySend(1));
  EXPECT_EQ(nil.TryRecv(), std::nullopt);
  base::Atomic<int> returned{0};
  RunInGoroutine([&] {
    go([&, nil] {
      nil.Send(1);
      returned.fetch_add(1);
    });
    go([&, nil] {
      nil.Recv();
      returned.fetch_add(1);
    });
    for (int i = 0; i < 100; ++i) runtime::Gosched();
  });
  EXPECT_EQ(returned.load(), 0);
}

TEST(Chan, HandlesShareOneChannel) {
  Chan<int> a = MakeChan<int>(2);
  Chan<int> b = a;
  EXPECT_TRUE(a == b);
  EXPECT_FALSE(a == MakeChan<int>(2));
  EXPECT_TRUE(Chan<int>() == Chan<int>());
  b.Send(5);
  EXPECT_EQ(a.Len(), 1u);
  Chan<int> moved = std::move(b);
  EXPECT_FALSE(b);
  EXPECT_EQ(moved.Recv(), 5);
  b = moved;
  b = *&b;  // to itself
  EXPECT_TRUE(b == a);
}

template <typename C>
concept CanSend = requires(C c) {
  c.Send(1);
  c.TrySend(1);
  c.OnSend(1);
  c.Close();
};
template <typename C>
concept CanSendAtAll = requires(C c) {
  c.Send(1);
}
|| requires(C c) { c.TrySend(1); }
|| requires(C c) { c.OnSend(1); }
|| requires(C c) { c.Close(); };
template <typename C>
concept CanReceive = requires(C c) {
  c.Recv();
  c.TryRecv();
  c.OnRecv([] {});
  c.begin();
};
template <typename C>
concept CanReceiveAtAll = requires(C c) {
  c.Recv();
}
|| requires(C c) { c.TryRecv(); }
|| requires(C c) {
  c.OnRecv([] {});
}
|| requires(C c) { c.begin(); };

static_assert(CanSend<Chan<int>> && CanReceive<Chan<int>>);
static_assert(CanSend<SendChan<int>> && !CanReceiveAtAll<SendChan<int>>);
static_assert(CanReceive<RecvChan<int>> && !CanSendAtAll<RecvChan<int>>);
static_assert(!std::is_convertible_v<SendChan<int>, Chan<int>>);
static_assert(!std::is_convertible_v<RecvChan<int>, Chan<int>>);
static_assert(!std::is_convertible_v<SendChan<int>, RecvChan<int>>);
static_assert(!std::is_convertible_v<RecvChan<int>, SendChan<int>>);
static_assert(!std::is_convertible_v<Chan<long>, SendChan<int>>);

// Go's everyday request: its answer comes on a channel of its own kind.
struct Request {
  int n = 0;
  Chan<Request> reply;
};

TEST(Chan, ElementsMayHoldTheirOwnKindOfChannel) {
  RunInGoroutine([] {
    const Chan<Request> requests = MakeChan<Request>();
    go([requests] {
      for (Request r : requests) r.reply.Send({r.n * 2, {}});
    });
    const Chan<Request> reply = MakeChan<Request>();
    requests.Send({21, reply});
    EXPECT_EQ(reply.Recv()->n, 42);
    requests.Close();
  });
}

TEST(Chan, EndsShareTheChannel) {
  SendChan<int> in;
  RecvChan<int> out;
  {
    const Chan<int> ch = MakeChan<int>(2);
    in = ch;
    out = ch;
    EXPECT_TRUE(in == ch);
    EXPECT_TRUE(ch == out);
  }
  in.Send(1);
  EXPECT_TRUE(in.TrySend(2));
  EXPECT_EQ(out.Len(), 2u);
  EXPECT_EQ(in.Cap(), 2u);
  in.Close();
  std::vector<int> got;
  for (int v : out) got.push_back(v);
  EXPECT_EQ(got, (std::vector<int>{1, 2}));
  EXPECT_FALSE(SendChan<int>());
  EXPECT_TRUE(RecvChan<int>() == Chan<int>());
}

TEST(Select, CasesOfARunTimeSelectMayBeUsedAgain) {
  const Chan<std::string> ch = MakeChan<std::string>(2);
  std::vector<SelectCase> cases;
  cases.emplace_back(ch.OnSend(std::string("longer than a short string is")));
  EXPECT_EQ(SelectCases(cases), 0);
  EXPECT_EQ(SelectCases(cases), 0);
  EXPECT_EQ(ch.Recv(), "longer than a short string is");
  EXPECT_EQ(ch.Recv(), "longer than a short string is");
}

TEST(Chan, BufferedIsAQueue) {
  Chan<int> ch = MakeChan<int>(3);
  EXPECT_EQ(ch.Cap(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ch.Len(), static_cast<size_t>(i));
    EXPECT_TRUE(ch.TrySend(i));
  }
  EXPECT_FALSE(ch.TrySend(3));
  EXPECT_EQ(ch.Len(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ch.TryRecv(), i);
  EXPECT_EQ(ch.TryRecv(), std::nullopt);
}

TEST(Chan, ClosedDrainsThenEnds) {
  Chan<int> ch = MakeChan<int>(3);
  ch.Send(1);
  ch.Send(2);
  ch.Close();
  EXPECT_EQ(ch.Len(), 2u);
  EXPECT_EQ(ch.Recv(), 1);
  EXPECT_EQ(ch.TryRecv(), 2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ch.Recv(), std::nullopt);
    EXPECT_EQ(ch.TryRecv(), std::nullopt);
  }
}

TEST(Chan, CloseWakesAllReceivers) {
  for (int cap : {0, 2}) {
    Chan<int> ch = MakeChan<int>(cap);
    sync::WaitGroup wg;
    for (int i = 0; i < 50; ++i) {
      wg.Go([ch] { EXPECT_EQ(ch.Recv(), std::nullopt); });
    }
    runtime::Gosched();
    ch.Close();
    wg.Wait();
  }
}

TEST(Chan, UnbufferedTryNeedsAPartner) {
  runtime::testing::ProcsScope procs(1);
  RunInGoroutine([] {
    Chan<int> ch = MakeChan<int>();
    EXPECT_EQ(ch.Cap(), 0u);
    EXPECT_FALSE(ch.TrySend(1));
    EXPECT_EQ(ch.TryRecv(), std::nullopt);
    int got = 0;
    sync::WaitGroup wg;
    wg.Go([&] { got = *ch.Recv(); });
    LetOthersPark();
    EXPECT_TRUE(ch.TrySend(7));
    wg.Wait();
    EXPECT_EQ(got, 7);
    wg.Go([&] { ch.Send(8); });
    LetOthersPark();
    EXPECT_EQ(ch.Len(), 0u);
    EXPECT_EQ(ch.TryRecv(), 8);
    wg.Wait();
  });
}

// An unbuffered Send returns only once the value is somebody's.
TEST(Chan, UnbufferedSendIsARendezvous) {
  runtime::testing::ProcsScope procs(1);
  RunInGoroutine([] {
    Chan<int> ch = MakeChan<int>();
    bool sent = false;
    sync::WaitGroup wg;
    wg.Go([&] {
      ch.Send(1);
      sent = true;
    });
    for (int i = 0; i < 100; ++i) runtime::Gosched();
    EXPECT_FALSE(sent);
    EXPECT_EQ(ch.Recv(), 1);
    wg.Wait();
    EXPECT_TRUE(sent);
  });
}

// Receivers are served in the order in which they came, each directly: the
// buffer is never used while somebody waits.
TEST(Chan, ReceiversAreServedInOrder) {
  runtime::testing::ProcsScope procs(1);
  for (int cap : {0, 4}) {
    RunInGoroutine([cap] {
      Chan<int> ch = MakeChan<int>(cap);
      constexpr int kReceivers = 20;
      std::vector<int> got(kReceivers, -1);
      sync::WaitGroup wg;
      for (int i = 0; i < kReceivers; ++i) {
        wg.Go([&, i] { got[i] = *ch.Recv(); });
        LetOthersPark();
      }
      for (int i = 0; i < kReceivers; ++i) {
        EXPECT_TRUE(ch.TrySend(i));
        EXPECT_EQ(ch.Len(), 0u);
      }
      wg.Wait();
      for (int i = 0; i < kReceivers; ++i) EXPECT_EQ(got[i], i);
    });
  }
}

// A full buffer and waiting senders: values leave in the order of the sends.
TEST(Chan, SendersAreServedInOrder) {
  runtime::testing::ProcsScope procs(1);
  for (int cap : {0, 1, 4}) {
    RunInGoroutine([cap] {
      Chan<int> ch = MakeChan<int>(cap);
      constexpr int kSenders = 20;
      sync::WaitGroup wg;
      for (int i = 0; i < kSenders; ++i) {
        wg.Go([&, i] { ch.Send(i); });
        LetOthersPark();
      }
      EXPECT_EQ(ch.Len(), static_cast<size_t>(cap));
      for (int i = 0; i < kSenders; ++i) {
        EXPECT_EQ(ch.Recv(), i);
        // The freed slot went to the next sender at once.
        if (i < kSenders - cap - 1) {
          EXPECT_EQ(ch.Len(), static_cast<size_t>(cap));
        }
      }
      wg.Wait();
    });
  }
}

TEST(Chan, MoveOnlyElements) {
  Chan<std::unique_ptr<int>> ch = MakeChan<std::unique_ptr<int>>(1);
  ch.Send(std::make_unique<int>(1));
  auto rejected = std::make_unique<int>(2);
  EXPECT_FALSE(ch.TrySend(std::move(rejected)));
  ASSERT_NE(rejected, nullptr);  // a failed TrySend leaves it alone
  EXPECT_EQ(*rejected, 2);
  EXPECT_EQ(**ch.Recv(), 1);
  EXPECT_TRUE(ch.TrySend(std::move(rejected)));
  EXPECT_EQ(rejected, nullptr);
  go([ch] { ch.Send(std::make_unique<int>(3)); });
  EXPECT_EQ(**ch.Recv(), 2);
  EXPECT_EQ(**ch.Recv(), 3);
}

TEST(Chan, RangeFor) {
  for (int cap : {0, 5}) {
    Chan<std::string> ch = MakeChan<std::string>(cap);
    go([ch] {
      for (int i = 0; i < 20; ++i) ch.Send(std::to_string(i));
      ch.Close();
    });
    int i = 0;
    for (std::string& s : ch) EXPECT_EQ(s, std::to_string(i++));
    EXPECT_EQ(i, 20);
  }
  Chan<int> closed = MakeChan<int>();
  closed.Close();
  for (int v : closed) ADD_FAILURE() << v;
}

// Counts the objects of its kind that exist.
struct Counted {
  static inline base::Atomic<int> alive{0};
  explicit Counted(int value) : v(value) { alive.fetch_add(1); }
  Counted(const Counted& o) : v(o.v) { alive.fetch_add(1); }
  Counted(Counted&& o) noexcept : v(std::exchange(o.v, -1)) {
    alive.fetch_add(1);
  }
  ~Counted() { alive.fetch_sub(1); }
  int v;
};

TEST(Chan, ElementsAreDestroyedWithTheChannel) {
  {
    Chan<Counted> ch = MakeChan<Counted>(4);
    for (int i = 0; i < 3; ++i) ch.Send(Counted(i));
    ch.Recv();
    ch.Send(Counted(3));
    ch.Send(Counted(4));  // the ring has wrapped
    EXPECT_EQ(Counted::alive.load(), 4);
    Chan<Counted> other = ch;
    ch = Chan<Counted>();
    EXPECT_EQ(Counted::alive.load(), 4);
  }
  EXPECT_EQ(Counted::alive.load(), 0);
}

TEST(Chan, NoElementIsLostOrDoubled) {
  for (int cap : {0, 1, 7}) {
    Chan<Counted> ch = MakeChan<Counted>(cap);
    sync::WaitGroup wg;
    wg.Go([ch] {
      const Counted copied(1);
      for (int i = 0; i < 100; ++i) {
        ch.Send(Counted(i));
        while (!ch.TrySend(copied)) runtime::Gosched();
      }
      ch.Close();
    });
    int n = 0;
    for (const Counted& c : ch) {
      EXPECT_EQ(c.v, n % 2 == 0 ? n / 2 : 1);
      ++n;
    }
    wg.Wait();
    EXPECT_EQ(n, 200);
    EXPECT_EQ(Counted::alive.load(), 0);
  }
}

struct alignas(128) Wide {
  int v;
  char ballast[200];
};

TEST(Chan, OverAlignedElements) {
  Chan<Wide> ch = MakeChan<Wide>(3);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) ch.Send(Wide{i, {}});
    for (int i = 0; i < 3; ++i) {
      const std::optional<Wide> w = ch.Recv();
      EXPECT_EQ(reinterpret_cast<uintptr_t>(&*w) % 128, 0u);
      EXPECT_EQ(w->v, i);
    }
  }
}

// The last handle may go while a receiver that just got the value still leaves.
TEST(Chan, FreedByItsReceiver) {
  for (int i = 0; i < Scaled(5000); ++i) {
    auto ch = std::make_unique<Chan<int>>(MakeChan<int>());
    go([ch = *ch] { ch.Send(1); });
    EXPECT_EQ(ch->Recv(), 1);
    ch.reset();
  }
}

// One goroutine, random operations that cannot block, against a deque.
TEST(Chan, AgainstDeque) {
  for (size_t cap : {1, 2, 5, 64}) {
    base::Rand rand(cap);
    Chan<int> ch = MakeChan<int>(static_cast<int64_t>(cap));
    std::deque<int> model;
    for (int i = 0; i < 5000; ++i) {
      const bool room = model.size() < cap;
      if (rand.Below(2) == 0) {
        if (room && rand.Below(2) == 0) {
          ch.Send(i);
          model.push_back(i);
        } else {
          ASSERT_EQ(ch.TrySend(i), room);
          if (room) model.push_back(i);
        }
      } else if (!model.empty()) {
        ASSERT_EQ(rand.Below(2) == 0 ? ch.Recv() : ch.TryRecv(), model.front());
        model.pop_front();
      } else {
        ASSERT_EQ(ch.TryRecv(), std::nullopt);
      }
      ASSERT_EQ(ch.Len(), model.size());
    }
  }
}

class ChanDeathTest : public ::testing::Test {
 protected:
  ChanDeathTest() { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

const auto kExit = ::testing::ExitedWithCode(2);

TEST_F(ChanDeathTest, SendOnClosed) {
  const auto closed = [](int cap) {
    Chan<int> ch = MakeChan<int>(cap);
    ch.Close();
    return ch;
  };
  EXPECT_EXIT(closed(0).Send(1), kExit, "panic: send on closed channel");
  EXPECT_EXIT(closed(1).Send(1), kExit, "panic: send on closed channel");
  EXPECT_EXIT(closed(0).TrySend(1), kExit, "panic: send on closed channel");
  EXPECT_EXIT(closed(1).TrySend(1), kExit, "panic: send on closed channel");
}

TEST_F(ChanDeathTest, ClosedWhileSending) {
  EXPECT_EXIT(
      {
        Chan<int> ch = MakeChan<int>();
        go([ch] { ch.Send(1); });
        go([ch] { ch.Close(); });
        Eventually([] { return false; });
      },
      kExit, "panic: send on closed channel");
}

TEST_F(ChanDeathTest, CloseTwiceOrNil) {
  EXPECT_EXIT(
      {
        Chan<int> ch = MakeChan<int>();
        ch.Close();
        ch.Close();
      },
      kExit, "panic: close of closed channel");
  EXPECT_EXIT(Chan<int>().Close(), kExit, "panic: close of nil channel");
}

TEST_F(ChanDeathTest, SizeOutOfRange) {
  EXPECT_EXIT(MakeChan<int>(-1), kExit, "panic: makechan: size out of range");
  EXPECT_EXIT(MakeChan<int>(INT64_MAX), kExit,
              "panic: makechan: size out of range");
}

}  // namespace
}  // namespace parkour
