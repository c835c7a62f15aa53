// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// The alarm itself: what is wrong is called wrong, what is right is not.

#include <algorithm>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/tests/histories/linear.h"
#include "parkour/tests/histories/specs.h"

namespace parkour::tests {
namespace {

using C = ChanSpec;
using L = LockSpec;
using S = SemaphoreSpec;

Op At(int client, int64_t call, int64_t ret, Op op) {
  op.client = client;
  op.call = call;
  op.ret = ret;
  return op;
}

// One after the other, by different clients.
History InOrder(std::vector<Op> ops) {
  int64_t now = 1;
  int client = 0;
  for (Op& op : ops) {
    op.client = client++;
    op.call = now++;
    op.ret = now++;
  }
  return ops;
}

testing::AssertionResult Is(Verdict verdict, const Spec& spec,
                            const History& history) {
  const Judgement j = Judge(spec, history);
  if (j.verdict == verdict) return testing::AssertionSuccess();
  return testing::AssertionFailure() << j.explanation;
}

testing::AssertionResult Right(const Spec& spec, const History& history) {
  return Is(Verdict::kLinearizable, spec, history);
}
testing::AssertionResult Wrong(const Spec& spec, const History& history) {
  return Is(Verdict::kNot, spec, history);
}

constexpr Op Send(int64_t v, int object = 0) {
  return {.kind = C::kSend, .object = object, .arg = v};
}
constexpr Op Recv(int64_t v, int object = 0) {
  return {.kind = C::kRecv, .object = object, .result = v};
}
constexpr Op TryRecv(int64_t v) { return {.kind = C::kTryRecv, .result = v}; }
constexpr Op TrySend(int64_t v, bool done) {
  return {.kind = C::kTrySend, .arg = v, .result = done};
}
constexpr Op Close() { return {.kind = C::kClose}; }
constexpr Op Len(int64_t n) { return {.kind = C::kLen, .result = n}; }
constexpr Op None(uint32_t recv, uint32_t send) {
  return {.kind = C::kNone, .arg = C::NoneOf(recv, send)};
}

TEST(Channel, InOrder) {
  const C spec({2});
  EXPECT_TRUE(Right(spec, InOrder({Send(1), Send(2), Len(2), Recv(1), Recv(2),
                                   Len(0), Close(), Recv(C::kClosed)})));
  EXPECT_TRUE(Wrong(spec, InOrder({Send(1), Send(2), Recv(2), Recv(1)})))
      << "last in, first out";
  EXPECT_TRUE(Wrong(spec, InOrder({Send(1), Recv(1), Recv(1)}))) << "twice";
  EXPECT_TRUE(Wrong(spec, InOrder({Recv(1)}))) << "out of thin air";
  EXPECT_TRUE(Wrong(spec, InOrder({Send(1), Send(2), Send(3)}))) << "too full";
  EXPECT_TRUE(Wrong(spec, InOrder({Send(1), Close(), Recv(C::kClosed)})))
      << "lost at the close";
  EXPECT_TRUE(Wrong(spec, InOrder({Close(), Recv(C::kNothing)})));
  EXPECT_TRUE(Wrong(spec, InOrder({Close(), Close()})));
  EXPECT_TRUE(Wrong(spec, InOrder({Recv(C::kClosed)}))) << "not closed";
  EXPECT_TRUE(Wrong(spec, InOrder({Send(1), Len(0)})));
}

TEST(Channel, Tries) {
  const C spec({1});
  EXPECT_TRUE(Right(spec, InOrder({TrySend(1, true), TrySend(2, false),
                                   TryRecv(1), TryRecv(C::kNothing)})));
  EXPECT_TRUE(Wrong(spec, InOrder({TrySend(1, false)}))) << "there is room";
  EXPECT_TRUE(Wrong(spec, InOrder({Send(1), TryRecv(C::kNothing)})))
      << "missed what is certainly there";
  // The receive may have come first.
  EXPECT_TRUE(
      Right(spec, {At(0, 1, 4, Send(1)), At(1, 2, 3, TryRecv(C::kNothing))}));
}

TEST(Channel, ARendezvousIsOneMoment) {
  const C spec({0});
  EXPECT_TRUE(Right(spec, {At(0, 1, 4, Send(1)), At(1, 2, 3, Recv(1))}));
  EXPECT_TRUE(Wrong(spec, InOrder({Send(1), Recv(1)})))
      << "an unbuffered channel does not hold a value";
  EXPECT_TRUE(
      Wrong(spec, {At(0, 1, 4, TrySend(1, true)), At(1, 2, 3, TryRecv(1))}))
      << "one of the two must have waited";
  EXPECT_TRUE(Wrong(spec, {At(0, 1, 6, Send(1)), At(1, 2, 3, Recv(1)),
                           At(2, 4, 5, Recv(1))}));
}

TEST(Channel, ASelectLooksAtAllChannelsAtOneMoment) {
  const C spec({1, 1});
  // One of the two is full all the time, though each was empty at some moment.
  const History moved = {
      At(0, 1, 2, Send(7, 0)),      //
      At(1, 3, 10, None(0b11, 0)),  //
      At(0, 4, 5, Send(8, 1)),      //
      At(0, 6, 7, Recv(7, 0)),      //
      At(0, 8, 9, Send(9, 0)),
  };
  EXPECT_TRUE(Wrong(spec, moved));
  EXPECT_TRUE(Right(spec, {At(0, 1, 2, Send(7, 0)), At(1, 3, 6, None(0b11, 0)),
                           At(0, 4, 5, Recv(7, 0))}));
  EXPECT_TRUE(Wrong(spec, InOrder({None(0, 0b01)}))) << "there is room";
  EXPECT_TRUE(Wrong(spec, InOrder({Close(), None(0b01, 0)})))
      << "a closed channel is ready";
  // Two cases of one select: the value of channel 1 has gone nowhere.
  EXPECT_TRUE(Wrong(spec, InOrder({Send(1, 0),
                                   Send(2, 1),
                                   Recv(1, 0),
                                   {.kind = C::kLen, .object = 1}})));
}

TEST(Mutex, OneAtATime) {
  const L spec(L::Of::kMutex);
  const Op lock = {.kind = L::kLock}, unlock = {.kind = L::kUnlock};
  const Op refused = {.kind = L::kTryLock},
           taken = {.kind = L::kTryLock, .result = 1};
  EXPECT_TRUE(Right(spec, InOrder({lock, unlock, taken, unlock, lock})));
  EXPECT_TRUE(Wrong(spec, InOrder({lock, lock})));
  EXPECT_TRUE(Wrong(spec, InOrder({lock, taken})));
  EXPECT_TRUE(Right(spec, InOrder({lock, refused})));
  EXPECT_TRUE(Wrong(spec, InOrder({refused}))) << "free, and nobody near";
  EXPECT_TRUE(Right(
      spec, {At(0, 1, 3, lock), At(1, 2, 4, refused), At(0, 5, 6, unlock)}));
  EXPECT_TRUE(Wrong(spec, InOrder({unlock})));
}

TEST(RWMutex, WritersAlone) {
  const L spec(L::Of::kRWMutex);
  const Op lock = {.kind = L::kLock}, unlock = {.kind = L::kUnlock};
  const Op rlock = {.kind = L::kRLock}, runlock = {.kind = L::kRUnlock};
  EXPECT_TRUE(
      Right(spec, InOrder({rlock, rlock, runlock, runlock, lock, unlock})));
  EXPECT_TRUE(Wrong(spec, InOrder({rlock, lock})));
  EXPECT_TRUE(Wrong(spec, InOrder({lock, rlock})));
  EXPECT_TRUE(Wrong(spec, InOrder({rlock, unlock})));
  EXPECT_TRUE(Wrong(spec, InOrder({{.kind = L::kTryRLock}})));
}

// Seen in a long run: a reader came and went while the writer's Unlock was
// under way. Go's lock does the same; a mutex must not.
TEST(RWMutex, TryLockBesideAnUnlock) {
  const Op lock = {.kind = L::kLock}, unlock = {.kind = L::kUnlock};
  const Op refused = {.kind = L::kTryLock};
  const History beside = {
      At(0, 1, 2, lock), At(1, 3, 5, {.kind = L::kRLock}), At(0, 4, 11, unlock),
      At(1, 6, 7, {.kind = L::kRUnlock}), At(1, 8, 9, refused)};
  EXPECT_TRUE(Right(L(L::Of::kRWMutex), beside));
  EXPECT_TRUE(Wrong(L(L::Of::kMutex), beside));
  History behind = beside;
  behind[2].ret = 8;
  behind[4].call = 9;
  behind[4].ret = 10;
  EXPECT_TRUE(Wrong(L(L::Of::kRWMutex), behind));
}

TEST(Semaphore, NeverMoreThanItsSize) {
  const S spec(3);
  const auto acquire = [](int64_t n, bool got = true) {
    return Op{.kind = S::kAcquire, .arg = n, .result = got};
  };
  const auto attempt = [](int64_t n, bool got) {
    return Op{.kind = S::kTryAcquire, .arg = n, .result = got};
  };
  const Op release = {.kind = S::kRelease, .arg = 1};
  EXPECT_TRUE(Right(spec, InOrder({acquire(2), attempt(2, false),
                                   attempt(1, true), release, acquire(1)})));
  EXPECT_TRUE(Wrong(spec, InOrder({acquire(2), acquire(2)})));
  EXPECT_TRUE(Wrong(spec, InOrder({attempt(3, false)})));
  EXPECT_TRUE(Wrong(spec, InOrder({release})));
  EXPECT_TRUE(Right(spec, InOrder({acquire(3), acquire(3, false)})));
}

TEST(Search, SaysWhenItGaveUp) {
  History many;
  for (int i = 0; i < 12; ++i) {
    many.push_back(At(i, 1 + i, 100 + i, Send(i)));
  }
  many.push_back(At(12, 200, 201, Recv(99)));
  EXPECT_EQ(Judge(C({20}), many, 1000).verdict, Verdict::kUndecided);
}

TEST(Search, ShowsWhatIsLeftOver) {
  const Judgement j = Judge(C({2}), InOrder({Send(1), Recv(2)}));
  EXPECT_NE(j.explanation.find("??"), std::string::npos) << j.explanation;
  EXPECT_NE(j.explanation.find("Recv(0) = 2"), std::string::npos)
      << j.explanation;
}

// The same question answered without any cleverness: all orders.
bool SomeOrderWorks(const Spec& spec, const History& history) {
  std::vector<size_t> order(history.size());
  std::iota(order.begin(), order.end(), 0);
  do {
    bool ok = true;
    for (size_t i = 0; ok && i < order.size(); ++i) {
      for (size_t j = i + 1; ok && j < order.size(); ++j) {
        ok = history[order[j]].ret > history[order[i]].call;
      }
    }
    Spec::State state = spec.Initial();
    for (size_t i = 0; ok && i < order.size(); ++i) {
      ok = spec.Step(history[order[i]], history, &state);
    }
    if (ok) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

// Six operations at random moments with random results; by six clients.
History Anything(base::Rand* rand) {
  std::vector<int64_t> moments(12);
  std::iota(moments.begin(), moments.end(), 1);
  for (size_t i = moments.size() - 1; i > 0; --i) {
    std::swap(moments[i], moments[rand->Below(static_cast<uint32_t>(i + 1))]);
  }
  History history;
  int64_t sent = 0;
  for (int i = 0; i < 6; ++i) {
    const int64_t a = moments[2 * i], b = moments[2 * i + 1];
    const int64_t value = 1 + rand->Below(3);
    Op op;
    switch (rand->Below(6)) {
      case 0:
      case 1:
        op = Send(++sent);
        break;
      case 2:
        op = TrySend(++sent, rand->Below(2) == 0);
        break;
      case 3:
        op = TryRecv(rand->Below(3) == 0 ? C::kNothing : value);
        break;
      case 4:
        op = Recv(value);
        break;
      default:
        op = Len(rand->Below(3));
    }
    history.push_back(At(i, std::min(a, b), std::max(a, b), op));
  }
  std::sort(history.begin(), history.end(),
            [](const Op& x, const Op& y) { return x.call < y.call; });
  return history;
}

TEST(Search, AgreesWithTryingAllOrders) {
  base::Rand rand(1);
  int right = 0, wrong = 0;
  for (int i = 0; i < 3000; ++i) {
    const C spec({2});
    const History history = Anything(&rand);
    const bool works = SomeOrderWorks(spec, history);
    ASSERT_TRUE(
        Is(works ? Verdict::kLinearizable : Verdict::kNot, spec, history));
    ++(works ? right : wrong);
  }
  // Both happen, or there is nothing to agree on.
  EXPECT_GT(right, 100);
  EXPECT_GT(wrong, 100);
}

}  // namespace
}  // namespace parkour::tests
