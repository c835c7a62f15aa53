// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The dance (discard) of poll/pd_pool.h: netpoll.cc: pollClose; pd_pool.cc:
// pdGive, TakeIdle, NobodyDelivers; netpoll_epoll.cc: Poll and Deliver. A page
// is given back only when no poller writes to it any more, nor will.
//
// A page has one PollDesc. Two pollers have an event for its owner, which may
// be late.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

constexpr auto kSeqCst = Order::seq_cst;
constexpr auto kAcqRel = Order::acq_rel;

struct DiscardModel {
  static constexpr int kThreads = 4;
  static constexpr int kPollers = 2;

  DiscardModel() {
    tag.Name("tag");
    delivering.Name("delivering");
  }

  void Thread(int t) {
    if (t == 0) Close();
    if (t == 1) Scavenge();
    if (t >= 2) Poll(t - 2);
  }

  void Close() {
    if (Mutant("given back before the tag changes")) {
      Give();
      tag.store(2, kSeqCst);
      return;
    }
    tag.store(2, kSeqCst);
    Give();
  }
  void Give() {
    LockGuard in(&pool_mu);
    idle = true;
  }

  void Scavenge() {
    for (int i = 0; i < 2; ++i) {
      {
        LockGuard in(&pool_mu);
        if (!idle) continue;
        idle = false;
      }
      if (NobodyDelivers()) {
        for (Shared<int>& s : page) s.Set(0);  // MADV_DONTNEED
        return;
      }
      Give();
    }
  }
  bool NobodyDelivers() {
    if (Mutant("it does not look for pollers")) return true;
    if (Mutant("it only loads the count")) {
      return delivering.load(Order::acquire) == 0;
    }
    return delivering.fetch_add(0, kAcqRel) == 0;
  }

  void Poll(int poller) {
    if (Mutant("compares before it counts itself")) {
      const bool mine = tag.load(kSeqCst) == 1;
      delivering.fetch_add(1, kAcqRel);
      if (mine) page[poller].Set(1);
      delivering.fetch_sub(1, Order::release);
      return;
    }
    delivering.fetch_add(1, kAcqRel);
    if (tag.load(kSeqCst) == 1) {
      page[poller].Set(1);
    }
    delivering.fetch_sub(1, Order::release);
  }

  void Finish() {}

  Lock pool_mu;
  Atomic<uint32_t> tag{1};
  Atomic<uint32_t> delivering{0};
  bool idle = false;  // guarded by pool_mu
  // What each poller writes; the owner's own words are not in question.
  Shared<int> page[kPollers];
};

// The tag's own order, all sequentially consistent, and the count's chain of
// release and acquire each carry the new tag to a batch that begins later.
constexpr char kTwice[] = "the tag is carried over twice; one is enough";
constexpr char kNothing[] = "nothing was written before it";

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"Close store seq_cst -> release", kTwice},
    {"NobodyDelivers rmw acq_rel -> acquire", kTwice},
    {"Poll load seq_cst -> acquire", kTwice},
    {"Poll rmw#1 acq_rel -> release", kTwice},
    {"Poll rmw#1 acq_rel -> acquire", kNothing},
};

TEST(DiscardModel, LateEventsAndTheScavenger) {
  CheckModel<DiscardModel>(
      {.name = "discard",
       .named = {"given back before the tag changes",
                 "it does not look for pollers", "it only loads the count",
                 "compares before it counts itself"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
