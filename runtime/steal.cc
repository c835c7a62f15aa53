// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Work stealing: half of somebody's ring, everybody in random order, four
// times; in the last round also their due timers and their runnext.
//
// Go: proc.go (stealWork, runqsteal, randomOrder, checkTimers)

#include <utility>

#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/steal_order.h"

namespace parkour::runtime {
namespace {

constexpr int kStealRounds = 4;

// Whom timers ready would come before what p has already: each goes to runnext,
// and only the next one's moves it to the end of the ring. So none are run
// until there is room for many; now and then all the same, for there may be no
// end of other work.
bool roomForTimers(P* p) {
  if (p->runq.size() < kRunqSize / 4) return true;
  if (p->schedtick.load(base::kRelaxed) % kFairTick != 0) return false;
  newSlice(p);  // else the tick would stand still while runnext is taken
  return true;
}

// A running P is about to start its runnext itself: give it 3 us before taking
// it away, or a pair that readies each other would be torn between two Ps.
// Sleeping so briefly takes 50 us and more on Linux, so we spin.
void backOff(const P* victim) {
  if (victim->status.load(base::kRelaxed) != kPrunning) return;
  constexpr int64_t kBackOffNs = 3000;
  const int64_t end = base::nanotime() + kBackOffNs;
  while (victim->runq.hasRunnext() && base::nanotime() < end) {
    base::CpuRelax();
  }
}

// Of the ring of victim, and of its runnext if it is to be taken.
G* stealFrom(P* p, P* victim, bool take_runnext) {
  G* const gp =
      p->runq.steal(&victim->runq, take_runnext, [victim] { backOff(victim); });
  if (gp == nullptr) return nullptr;
  // Counted by their owner alone: no read-modify-write.
  const auto add = [](base::Atomic<uint64_t>* n, uint64_t delta) {
    n->store(n->load(base::kRelaxed) + delta, base::kRelaxed);
  };
  add(&p->steals, 1);
  add(&p->stolen, 1 + p->runq.size());
  return gp;
}

}  // namespace

int64_t schedNanotime() {
  const int64_t now = base::nanotime();
  sched.coarse_now.store(now, base::kRelaxed);
  return now;
}

bool checkTimers(P* p, P* of, int64_t* now, int64_t* poll_until) {
  int64_t next = of->timers.wakeTime();
  if (next == 0) return false;
  if (*now == 0) *now = schedNanotime();
  bool ran = false;
  if (next <= *now && roomForTimers(p)) {
    ran = of->timers.run(*now, p->runq);
    next = of->timers.wakeTime();
  }
  if (next != 0 && (*poll_until == 0 || next < *poll_until)) {
    *poll_until = next;
  }
  return ran;
}

// A server that is never out of work never searches: the poller always has
// something. What waits behind a goroutine that computes, or in the ring of a P
// whose thread the system took off its CPU, would wait for as long as that
// lasts. So a P that is out of work of its own looks whether another has begun
// anything since the last look: one of them, and not twice in a row with
// success, for the poller must have its turn. (Go's wait.)
//
// The ring only: a pair that readies each other through runnext gets on without
// a change of schedtick.
G* relieve(P* p, int64_t* now, int64_t* poll_until) {
  if (std::exchange(p->relieved, false)) return nullptr;
  if (sched.gcwaiting.load(base::kRelaxed)) return nullptr;
  const int32_t n = sched.gomaxprocs.load(base::kRelaxed);
  P* const victim = allp(p->watched < n ? p->watched : 0);
  P* next = allp((victim->id + 1) % n);
  if (next == p) next = allp((p->id + 1) % n);
  const uint32_t tick = victim->schedtick.load(base::kRelaxed);
  const bool stuck = tick == p->watched_tick && victim != p;
  p->watched = next->id;
  p->watched_tick =
      next == victim ? tick : next->schedtick.load(base::kRelaxed);
  if (!stuck) return nullptr;
  checkTimers(p, victim, now, poll_until);
  bool inherit_time;
  G* gp = p->runq.get(&inherit_time);
  if (gp == nullptr) gp = stealFrom(p, victim, /*take_runnext=*/false);
  if (gp == nullptr) return nullptr;
  p->relieved = true;
  wakep();  // see idle.cc: work that moves is submitted again
  return gp;
}

G* stealWork(M* m, int64_t* now, int64_t* poll_until, bool* inherit_time,
             bool* new_work) {
  P* const p = m->p;
  const auto nprocs = static_cast<uint32_t>(sched.gomaxprocs.load());
  bool ran_timer = false;
  for (int round = 0; round < kStealRounds; ++round) {
    const bool last = round == kStealRounds - 1;
    for (StealOrder order(nprocs, m->rand.Next()); !order.done();
         order.next()) {
      if (sched.gcwaiting.load(base::kRelaxed)) {
        *new_work = true;
        return nullptr;
      }
      P* const victim = allp(static_cast<int32_t>(order.at()));
      if (victim == p) continue;
      if (last && checkTimers(p, victim, now, poll_until)) {
        ran_timer = true;
        // Its callbacks readied goroutines into our own queue.
        if (G* gp = p->runq.get(inherit_time)) return gp;
      }
      // Also from a P whose status is idle: one on the idle list is empty, and
      // one that was handed off with work waits for its thread to start. Who
      // found that work in (l3) and could not have it would search for as long.
      if (G* gp = stealFrom(p, victim, last)) {
        *inherit_time = false;
        return gp;
      }
    }
  }
  *new_work = ran_timer;
  return nullptr;
}

}  // namespace parkour::runtime
