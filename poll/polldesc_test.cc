// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The gate of a PollDesc, driven by hand: the test plays the poller.

#include "parkour/poll/polldesc.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/poll/fd.h"
#include "parkour/poll/netpoll_epoll.h"
#include "parkour/poll/testing.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/park.h"

namespace parkour::poll {
namespace {

using runtime::G;
using testing::AwaitParked;
using testing::Eventually;
using testing::InGoroutine;
using testing::Jitter;
using testing::kMs;
using testing::RawPair;

// What the poller does with an event, or a deadline with io_ready = false.
// Returns whether somebody was woken.
bool Unblock(PollDesc* pd, Mode mode, bool io_ready) {
  runtime::RuntimeScope in;
  int32_t delta = 0;
  G* const gp = pd->unblock(mode, io_ready, &delta);
  EXPECT_EQ(delta, gp != nullptr ? -1 : 0);
  if (gp != nullptr) goready(gp);
  runtime::netpollAdjustWaiters(delta);
  return gp != nullptr;
}

// A PollDesc of a descriptor that no event will come for.
class PollDescTest : public testing::LeakTest {
 protected:
  void SetUp() override {
    LeakTest::SetUp();
    pair_ = testing::UnixPair();
    pd_ = pollOpen(pair_.ours);
  }
  void TearDown() override {
    if (pd_ != nullptr) Close();
    close(pair_.ours);
    close(pair_.peer);
    LeakTest::TearDown();
  }
  void Close() {
    pd_->evict();
    pollClose(pd_);
    pd_ = nullptr;
  }

  // Runs pd->block(mode) in a goroutine until it is parked.
  Chan<bool> ParkBlocked(Mode mode) {
    Chan<bool> result = MakeChan<bool>(1);
    go([pd = pd_, mode, result] { result.Send(pd->block(mode)); });
    EXPECT_TRUE(AwaitParked(1));
    return result;
  }

  RawPair pair_;
  PollDesc* pd_ = nullptr;
};
using PollDescDeathTest = PollDescTest;

TEST_F(PollDescTest, EdgeBeforeTheWaitIsTaken) {
  for (const Mode mode : {kRead, kWrite}) {
    EXPECT_FALSE(Unblock(pd_, mode, true));
    EXPECT_FALSE(Unblock(pd_, mode, true));  // edges do not add up
    EXPECT_EQ(pd_->gate[mode].load(), kPdReady);
    EXPECT_TRUE(pd_->block(mode));
    EXPECT_EQ(pd_->gate[mode].load(), kPdNil);
  }
}

TEST_F(PollDescTest, UnblockWithoutAWaiterLeavesNothing) {
  EXPECT_FALSE(Unblock(pd_, kRead, false));
  EXPECT_EQ(pd_->gate[kRead].load(), kPdNil);
  EXPECT_FALSE(Unblock(pd_, kRead, true));
  EXPECT_FALSE(Unblock(pd_, kRead, false));
  EXPECT_EQ(pd_->gate[kRead].load(), kPdReady);  // an edge is not taken back
  EXPECT_EQ(pd_->gate[kWrite].load(), kPdNil);
}

TEST_F(PollDescTest, PrepareForgetsAnEdge) {
  EXPECT_FALSE(Unblock(pd_, kRead, true));
  EXPECT_FALSE(Unblock(pd_, kWrite, true));
  EXPECT_EQ(pd_->prepare(kRead), 0);
  EXPECT_EQ(pd_->gate[kRead].load(), kPdNil);
  EXPECT_EQ(pd_->gate[kWrite].load(), kPdReady);
}

TEST_F(PollDescTest, EdgeWakesTheWaiter) {
  for (const Mode mode : {kRead, kWrite}) {
    Chan<bool> result = ParkBlocked(mode);
    EXPECT_FALSE(Unblock(pd_, mode == kRead ? kWrite : kRead, true));
    EXPECT_FALSE(result.TryRecv().has_value());
    EXPECT_TRUE(Unblock(pd_, mode, true));
    EXPECT_EQ(result.Recv(), true);
    EXPECT_EQ(pd_->gate[mode].load(), kPdNil);
    pd_->prepare(mode == kRead ? kWrite : kRead);
  }
}

TEST_F(PollDescTest, WokenWithoutAnEdge) {
  Chan<bool> result = ParkBlocked(kRead);
  EXPECT_TRUE(Unblock(pd_, kRead, false));
  EXPECT_EQ(result.Recv(), false);
  EXPECT_EQ(pd_->gate[kRead].load(), kPdNil);
}

// The deadline takes the waiter off the gate; before it runs an edge comes. The
// edge must end the wait as one, or it is lost.
TEST_F(PollDescTest, EdgeAfterTheDeadlineIsNotLost) {
  Chan<bool> result = ParkBlocked(kRead);
  {
    runtime::RuntimeScope in;
    int32_t delta = 0;
    G* const gp = pd_->unblock(kRead, /*io_ready=*/false, &delta);
    ASSERT_NE(gp, nullptr);
    EXPECT_EQ(pd_->ready(kRead, &delta), nullptr);
    EXPECT_EQ(delta, -1);
    goready(gp);
    runtime::netpollAdjustWaiters(delta);
  }
  EXPECT_EQ(result.Recv(), true);
}

// And the other way round: nobody is readied twice.
TEST_F(PollDescTest, DeadlineAfterTheEdgeFindsNobody) {
  Chan<bool> result = ParkBlocked(kRead);
  {
    runtime::RuntimeScope in;
    int32_t delta = 0;
    G* const gp = pd_->ready(kRead, &delta);
    ASSERT_NE(gp, nullptr);
    EXPECT_EQ(pd_->unblock(kRead, false, &delta), nullptr);
    EXPECT_EQ(pd_->ready(kRead, &delta), nullptr);
    goready(gp);
    runtime::netpollAdjustWaiters(delta);
  }
  EXPECT_EQ(result.Recv(), true);
}

TEST_F(PollDescTest, NobodyParksWhenLateOrClosing) {
  pd_->setDeadline(-1, 1);
  EXPECT_EQ(pd_->check(kRead), kErrTimeout);
  EXPECT_EQ(pd_->check(kWrite), 0);
  EXPECT_FALSE(pd_->block(kRead));
  EXPECT_EQ(pd_->prepare(kRead), kErrTimeout);
  EXPECT_EQ(pd_->wait(kRead), kErrTimeout);
  pd_->setDeadline(0, 1);
  EXPECT_EQ(pd_->check(kRead), 0);
  pd_->evict();
  for (const Mode mode : {kRead, kWrite}) {
    EXPECT_FALSE(pd_->block(mode));
    EXPECT_EQ(pd_->prepare(mode), kErrClosing);
    EXPECT_EQ(pd_->wait(mode), kErrClosing);
  }
  pd_->setDeadline(-1, 3);  // too late to change the reason
  EXPECT_EQ(pd_->check(kRead), kErrClosing);
  pollClose(pd_);
  pd_ = nullptr;
}

TEST_F(PollDescTest, EvictWakesBothSides) {
  Chan<int> result = MakeChan<int>(2);
  for (const Mode mode : {kRead, kWrite}) {
    // The first event, "writable", must not end the wait.
    go([this, mode, result] {
      int err;
      do {
        err = pd_->wait(mode);
      } while (err == 0);
      result.Send(err);
    });
  }
  EXPECT_TRUE(AwaitParked(2));
  pd_->evict();
  EXPECT_EQ(result.Recv(), kErrClosing);
  EXPECT_EQ(result.Recv(), kErrClosing);
  pollClose(pd_);
  pd_ = nullptr;
}

// One goroutine per direction; a second one is a bug in FD.
TEST_F(PollDescDeathTest, DoubleWaitIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Chan<bool> first = ParkBlocked(kRead);
        pd_->block(kRead);
      },
      ::testing::ExitedWithCode(2),
      "fatal error: runtime: double wait on a descriptor");
}

TEST_F(PollDescTest, EventErrorHoldsForReadsOnly) {
  const uint32_t tag = pd_->tag().load();
  EXPECT_TRUE(pd_->plain());
  pd_->setEventError(true, tag);
  EXPECT_EQ(pd_->check(kRead), kErrNotPollable);
  EXPECT_EQ(pd_->check(kWrite), 0);
  EXPECT_FALSE(pd_->plain());
  pd_->setDeadline(0, 3);  // publishes anew, and keeps it
  EXPECT_EQ(pd_->check(kRead), kErrNotPollable);
  pd_->setEventError(false, tag);
  EXPECT_EQ(pd_->check(kRead), 0);
  EXPECT_TRUE(pd_->plain());
}

TEST_F(PollDescTest, NotPlainStays) {
  pd_->setNotPlain();
  pd_->setDeadline(-1, 3);
  pd_->setDeadline(0, 3);
  pd_->setEventError(true, pd_->tag().load());
  pd_->setEventError(false, pd_->tag().load());
  EXPECT_FALSE(pd_->plain());
  EXPECT_EQ(pd_->check(kRead), 0);
}

TEST_F(PollDescTest, AnEarlierOwnersErrorIsIgnored) {
  const uint32_t old_tag = pd_->tag().load();
  PollDesc* const old = pd_;
  pd_->setNotPlain();
  Close();
  pd_ = pollOpen(pair_.ours);
  ASSERT_EQ(pd_, old);  // the free list is a stack
  EXPECT_NE(pd_->tag().load(), old_tag);
  EXPECT_TRUE(pd_->plain());
  pd_->setEventError(true, old_tag);
  EXPECT_EQ(pd_->check(kRead), 0);
}

TEST_F(PollDescTest, TagsFitAndAreNeverZero) {
  pd_->tag().store(kTagMask);
  PollDesc* const old = pd_;
  Close();
  EXPECT_EQ(old->tag().load(), 1u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(old) % 64, 0u);
}

// A timer that was on its way already when its descriptor closed finds
// everything in its place, and only then may the memory go.
TEST_F(PollDescTest, ALateTimerHoldsTheMemory) {
  PollDesc* const pd = pd_;
  uintptr_t seq;
  {
    base::MutexLock l(&pd->lock);
    ++pd->timers_out;
    seq = ++pd->seq[kRead];
  }
  Close();
  const int64_t in_use = PollDescsInUse();
  pd_ = pollOpen(pair_.ours);
  EXPECT_NE(pd_, pd) << "given to another too early";
  {
    runtime::RuntimeScope in;
    pd->expire(true, false, seq, 0);
  }
  PollDesc* const next = pollOpen(pair_.ours);
  EXPECT_EQ(next, pd);
  EXPECT_EQ(PollDescsInUse(), in_use + 2);
  EXPECT_EQ(next->check(kRead), 0);
  next->evict();
  pollClose(next);
}

// A duplicate keeps the kernel's registration alive after close: its events
// come late, tagged for an owner that is gone, to a PollDesc that has a new
// one. They must leave no mark on it.
TEST_F(PollDescTest, LateEventsAreDropped) {
  InGoroutine([this] {
    FD witness;  // its event comes after the late ones
    const RawPair other = testing::UnixPair();
    witness.Init(other.ours, FD::kStream | FD::kZeroIsEOF);

    ASSERT_EQ(pd_->registerFd(), 0);
    // Its first event, "writable", is not a late one.
    ASSERT_TRUE(
        Eventually([&] { return pd_->gate[kWrite].load() == kPdReady; }));
    const int duplicate = dup(pair_.ours);
    PollDesc* const old = pd_;
    Close();
    close(pair_.ours);
    const RawPair heir = testing::UnixPair();
    pd_ = pollOpen(heir.ours);
    ASSERT_EQ(pd_, old);
    ASSERT_EQ(heir.ours, pair_.ours);  // the number is reused, too

    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(testing::RawSend(pair_.peer, "late"));
      if (i == 99) shutdown(pair_.peer, SHUT_RDWR);
      sync::WaitGroup wg;
      wg.Go([&] {
        char c;
        EXPECT_EQ(witness.Read(&c, 1), 1);
      });
      ASSERT_TRUE(AwaitParked(1));
      ASSERT_TRUE(testing::RawSend(other.peer, "x"));
      wg.Wait();
      ASSERT_EQ(pd_->gate[kRead].load(), kPdNil);
      ASSERT_EQ(pd_->gate[kWrite].load(), kPdNil);
      ASSERT_TRUE(pd_->plain());
    }
    close(duplicate);
    close(pair_.peer);
    pair_ = heir;
    witness.Close();
    close(other.peer);
  });
}

// A waiter and a poster that race: every post is seen, whichever of the gate's
// four states it hits. A lost one hangs the test.
TEST_F(PollDescTest, NoEdgeIsLost) {
  constexpr int kPosts = 50000;
  for (const bool plain_poster : {false, true}) {
    base::Atomic<int> posted{0};
    base::Atomic<int> seen{0};
    sync::WaitGroup wg;
    wg.Go([&] {
      while (seen.load() < kPosts) {
        pd_->block(kRead);
        seen.store(posted.load());
      }
    });
    const auto post = [&] {
      uint32_t seed = 7;
      for (int i = 1; i <= kPosts; ++i) {
        posted.store(i);
        Unblock(pd_, kRead, true);
        Jitter(&seed, 60);
        // The next one only after this one was seen: nothing else would wake
        // the waiter, had this one been lost.
        while (i % 4 == 0 && seen.load() < i) {
          plain_poster ? std::this_thread::yield() : runtime::Gosched();
        }
      }
    };
    if (plain_poster) {
      std::thread(post).join();
    } else {
      InGoroutine(post);
    }
    wg.Wait();
    pd_->prepare(kRead);
  }
}

// Edges, deadlines and their withdrawal at the same time: the waiter ends when
// the last deadline stays, and no earlier than one was set.
TEST_F(PollDescTest, EdgesAgainstDeadlines) {
  InGoroutine([this] {
    for (int round = 0; round < 3000; ++round) {
      base::Atomic<bool> expired{false};
      sync::WaitGroup wg;
      wg.Go([&] {
        while (pd_->check(kRead) == 0) pd_->block(kRead);
        EXPECT_TRUE(expired.load());
      });
      wg.Go([&, seed = static_cast<uint32_t>(round)]() mutable {
        for (int i = 0; i < 4; ++i) {
          Jitter(&seed, 100);
          Unblock(pd_, kRead, true);
        }
      });
      uint32_t seed = static_cast<uint32_t>(round) * 31;
      for (int i = 0; i < 3; ++i) {
        pd_->setDeadline(base::nanotime() + 100000 * kMs, 1 + 2 * (i & 1));
        Jitter(&seed, 100);
        pd_->setDeadline(0, 3);
      }
      expired.store(true);
      if (round % 2) {
        pd_->setDeadline(-1, 1);
      } else {
        pd_->setDeadline(base::nanotime() + 20000, 3);
      }
      wg.Wait();
      pd_->setDeadline(0, 3);
      pd_->prepare(kRead);
    }
  });
}

// PollDescs come from blocks that stay: pointers remain valid and are reused.
TEST_F(PollDescTest, OpenAndCloseInBulk) {
  std::vector<PollDesc*> descs;
  const int64_t before = PollDescsInUse();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1000; ++i) descs.push_back(pollOpen(pair_.ours));
    EXPECT_EQ(PollDescsInUse(), before + 1000);
    for (PollDesc* pd : descs) {
      EXPECT_FALSE(pd->registered.load());
      pd->evict();
      pollClose(pd);
    }
    descs.clear();
    EXPECT_EQ(PollDescsInUse(), before);
  }
}

TEST_F(PollDescTest, WhatEpollRefusesIsReported) {
  // A regular file cannot be polled.
  FILE* const file = tmpfile();
  ASSERT_NE(file, nullptr);
  PollDesc* const pd = pollOpen(fileno(file));
  EXPECT_EQ(pd->wait(kRead), -EPERM);
  EXPECT_FALSE(pd->registered.load());
  pd->evict();
  pollClose(pd);
  fclose(file);
}

}  // namespace
}  // namespace parkour::poll
