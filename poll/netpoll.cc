// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The portable half of the netpoller: waiting, waking, deadlines.
//
// Go: src/runtime/netpoll.go (netpollblock, netpollunblock,
// poll_runtime_pollSetDeadline, netpolldeadlineimpl)

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/poll/netpoll_epoll.h"
#include "parkour/poll/pd_pool.h"
#include "parkour/poll/polldesc.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/proc.h"

namespace parkour::poll {
namespace {

using runtime::G;
using runtime::RuntimeScope;
using runtime::Timer;

// Bits of PollDesc::info.
constexpr uint32_t kInfoClosing = 1;
constexpr uint32_t kInfoExpired[2] = {2, 4};
constexpr uint32_t kInfoEventError = 8;
constexpr uint32_t kInfoNotPlain = 16;
// What publishInfo does not compute from the guarded fields.
constexpr uint32_t kInfoEvents = kInfoEventError | kInfoNotPlain;

// K: wait -> G. On failure an edge slipped in, and the G goes on.
// The M that a goroutine leaves looks into the poller before it sleeps. A plain
// thread leaves none: if nobody polls (lastpoll), all Ms may be asleep already.
// An M that goes to sleep gives up its P first and reads the waiters after it.
bool blockCommit(G* gp, void* gate) {
  const bool plain_thread = gp->proxy;
  uintptr_t expected = kPdWait;
  if (!static_cast<base::Atomic<uintptr_t>*>(gate)->compare_exchange_strong(
          expected, reinterpret_cast<uintptr_t>(gp), base::kSeqCst)) {
    return false;
  }
  runtime::netpollAdjustWaiters(1);
  if (plain_thread) {
    base::FenceSeqCst();
    if (runtime::sched.lastpoll.load(base::kSeqCst) != 0) runtime::wakep();
  }
  return true;
}

void readDeadline(void* pd, uintptr_t seq, int64_t) {
  static_cast<PollDesc*>(pd)->expire(true, false, seq, 0);
}
void writeDeadline(void* pd, uintptr_t seq, int64_t) {
  static_cast<PollDesc*>(pd)->expire(false, true, 0, seq);
}
void bothDeadlines(void* pd, uintptr_t seq, int64_t) {
  static_cast<PollDesc*>(pd)->expire(true, true, seq, 0);
}

}  // namespace

int PollDesc::check(Mode mode) const {
  const uint32_t i = info.load(base::kSeqCst);
  if (i & kInfoClosing) return kErrClosing;
  if (i & kInfoExpired[mode]) return kErrTimeout;
  if (mode == kRead && (i & kInfoEventError)) return kErrNotPollable;
  return 0;
}

bool PollDesc::plain() const {
  return (info.load(base::kAcquire) & kInfoEvents) == 0;
}

// Go: netpoll.go (poll_runtime_pollReset).
int PollDesc::prepare(Mode mode) {
  const int err = check(mode);
  if (err != 0) return err;
  if (gate[mode].load(base::kRelaxed) != kPdNil) {
    gate[mode].store(kPdNil, base::kSeqCst);
  }
  return 0;
}

namespace {

bool IsSet(const base::Atomic<uint32_t>* cancelled) {
  return cancelled != nullptr && cancelled->load(base::kSeqCst) != 0;
}

}  // namespace

// An edge may be stale, a deadline may have been extended: look again.
int PollDesc::wait(Mode mode, const base::Atomic<uint32_t>* cancelled) {
  int err = check(mode);
  if (err != 0) return err;
  if (!registered.load(base::kAcquire) && (err = registerFd()) != 0) return err;
  while (!block(mode, cancelled)) {
    if ((err = check(mode)) != 0) return err;
    if (IsSet(cancelled)) return kErrCancelled;
  }
  return 0;
}

void PollDesc::kick(Mode mode) {
  RuntimeScope in;
  int32_t delta = 0;
  G* const gp = unblock(mode, /*io_ready=*/false, &delta);
  if (gp != nullptr) goready(gp);
  runtime::netpollAdjustWaiters(delta);
}

// Returns true if an edge was taken, false if something else woke us.
bool PollDesc::block(Mode mode, const base::Atomic<uint32_t>* cancelled) {
  RuntimeScope in;
  base::Atomic<uintptr_t>& g = gate[mode];
  for (;;) {
    uintptr_t old = kPdReady;
    if (g.compare_exchange_strong(old, kPdNil, base::kSeqCst)) return true;
    old = kPdNil;
    if (g.compare_exchange_strong(old, kPdWait, base::kSeqCst)) break;
    if (old != kPdReady && old != kPdNil) {
      base::Throw("runtime: double wait on a descriptor");
    }
  }
  if (check(mode) == 0 && !IsSet(cancelled)) {
    runtime::gopark(blockCommit, &g, runtime::WaitReason::kIOWait);
  }
  const uintptr_t old = g.exchange(kPdNil, base::kSeqCst);
  if (old > kPdWait) base::Throw("runtime: corrupted poll descriptor");
  return old == kPdReady;
}

// Go: netpoll.go (netpollunblock).
G* PollDesc::unblock(Mode mode, bool io_ready, int32_t* delta) {
  base::Atomic<uintptr_t>& g = gate[mode];
  uintptr_t old = g.load(base::kSeqCst);
  for (;;) {
    if (old == kPdReady) return nullptr;
    if (old == kPdNil && !io_ready) return nullptr;
    const uintptr_t now = io_ready ? kPdReady : kPdNil;
    if (g.compare_exchange_weak(old, now, base::kSeqCst)) break;
  }
  if (old == kPdNil || old == kPdWait) return nullptr;
  --*delta;
  return reinterpret_cast<G*>(old);
}

G* PollDesc::ready(Mode mode, int32_t* delta) {
  return unblock(mode, /*io_ready=*/true, delta);
}

// A late event of an earlier owner must not leave its mark.
void PollDesc::setEventError(bool error, uint32_t event_tag) {
  const uint32_t i = info.load(base::kRelaxed);
  if (((i & kInfoEventError) != 0) == error) return;
  base::MutexLockAlive l(&lock);
  if (tag().load(base::kRelaxed) != event_tag) return;
  if (error) {
    info.fetch_or(kInfoEventError, base::kSeqCst);
  } else {
    info.fetch_and(~kInfoEventError, base::kSeqCst);
  }
}

void PollDesc::setNotPlain() {
  if (info.load(base::kRelaxed) & kInfoNotPlain) return;
  info.fetch_or(kInfoNotPlain, base::kSeqCst);
}

// Published before anybody is unblocked.
void PollDesc::publishInfo() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  uint32_t bits = 0;
  if (closing) bits |= kInfoClosing;
  if (deadline[kRead] < 0) bits |= kInfoExpired[kRead];
  if (deadline[kWrite] < 0) bits |= kInfoExpired[kWrite];
  uint32_t old = info.load(base::kRelaxed);
  while (!info.compare_exchange_weak(old, (old & kInfoEvents) | bits,
                                     base::kSeqCst)) {
  }
}

int PollDesc::registerFd() {
  // Into the runtime first: a program's first call may be a Dial in a plain
  // thread, and the runtime's start is what makes the poller.
  RuntimeScope in;
  base::MutexLockAlive l(&lock);
  if (registered.load(base::kRelaxed)) return 0;
  const int err = netpollopen(fd, this);
  if (err == 0) registered.store(true, base::kRelease);
  return err;
}

void PollDesc::evict() {
  RuntimeScope in;
  G* woken[2];
  int32_t delta = 0;
  {
    base::MutexLockAlive l(&lock);
    PARKOUR_CHECK(!closing);
    closing = true;
    publishInfo();
    for (const Mode mode : {kRead, kWrite}) {
      ++seq[mode];
      woken[mode] = unblock(mode, /*io_ready=*/false, &delta);
      stopTimer(mode);
    }
  }
  for (G* gp : woken) {
    if (gp != nullptr) goready(gp);
  }
  runtime::netpollAdjustWaiters(delta);
}

// Go: netpoll.go (poll_runtime_pollSetDeadline).
void PollDesc::setDeadline(int64_t when, int modes) {
  RuntimeScope in;
  G* woken[2] = {nullptr, nullptr};
  int32_t delta = 0;
  {
    base::MutexLockAlive l(&lock);
    if (closing) return;
    const int64_t old[2] = {deadline[kRead], deadline[kWrite]};
    if (when > 0 && when <= base::nanotime()) when = -1;
    for (const Mode mode : {kRead, kWrite}) {
      if (modes & (1 << mode)) deadline[mode] = when;
    }
    publishInfo();
    armTimers(old);
    for (const Mode mode : {kRead, kWrite}) {
      if (deadline[mode] < 0 && old[mode] >= 0) {
        woken[mode] = unblock(mode, /*io_ready=*/false, &delta);
      }
    }
  }
  for (G* gp : woken) {
    if (gp != nullptr) goready(gp);
  }
  runtime::netpollAdjustWaiters(delta);
}

// Starts, moves or stops the timers after the deadlines changed from `old`.
void PollDesc::armTimers(const int64_t old[2]) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const bool combined =
      deadline[kRead] > 0 && deadline[kRead] == deadline[kWrite];
  const bool was_combined = old[kRead] > 0 && old[kRead] == old[kWrite];
  for (const Mode mode : {kRead, kWrite}) {
    if (old[mode] == deadline[mode] && combined == was_combined) continue;
    ++seq[mode];
    stopTimer(mode);
    if (deadline[mode] <= 0 || (combined && mode == kWrite)) continue;
    Timer* const t = &timer[mode];
    t->f = combined ? bothDeadlines
                    : (mode == kRead ? readDeadline : writeDeadline);
    t->arg = this;
    t->seq = seq[mode];
    ++timers_out;
    runtime::timerStart(t, deadline[mode], 0);
  }
}

// One that is not stopped has run, or will.
void PollDesc::stopTimer(Mode mode) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (runtime::timerStop(&timer[mode])) --timers_out;
}

// Runs on a scheduler stack.
void PollDesc::expire(bool read, bool write, uintptr_t rseq, uintptr_t wseq) {
  G* woken[2] = {nullptr, nullptr};
  int32_t delta = 0;
  bool last;
  {
    base::MutexLockAlive l(&lock);
    if (read ? seq[kRead] == rseq : seq[kWrite] == wseq) {
      if (read) deadline[kRead] = -1;
      if (write) deadline[kWrite] = -1;
      publishInfo();
      if (read) woken[kRead] = unblock(kRead, false, &delta);
      if (write) woken[kWrite] = unblock(kWrite, false, &delta);
    }
    last = --timers_out == 0 && orphan;
  }
  if (last) pdGive(this);
  for (G* gp : woken) {
    if (gp != nullptr) goready(gp);
  }
  runtime::netpollAdjustWaiters(delta);
}

namespace {

base::Atomic<int64_t> in_use{0};

}  // namespace

PollDesc* pollOpen(int fd) {
  PollDesc* const pd = pdTake();
  in_use.fetch_add(1, base::kRelaxed);
  base::MutexLockAlive l(&pd->lock);
  PARKOUR_CHECK(pd->timers_out == 0);
  pd->fd = fd;
  pd->closing = false;
  pd->orphan = false;
  pd->deadline[kRead] = pd->deadline[kWrite] = 0;
  pd->gate[kRead].store(kPdNil, base::kRelaxed);
  pd->gate[kWrite].store(kPdNil, base::kRelaxed);
  pd->registered.store(false, base::kRelaxed);
  pd->info.store(0, base::kSeqCst);
  return pd;
}

void pollClose(PollDesc* pd) {
  bool last;
  {
    base::MutexLockAlive l(&pd->lock);
    PARKOUR_CHECK(pd->closing);
    PARKOUR_CHECK(pd->gate[kRead].load() <= kPdReady);
    PARKOUR_CHECK(pd->gate[kWrite].load() <= kPdReady);
    // Whatever the kernel still has for the old owner is late from here on.
    const uint32_t next = (pd->tag().load(base::kRelaxed) + 1) & kTagMask;
    pd->tag().store(next == 0 ? 1 : next, base::kSeqCst);
    pd->fd = -1;
    pd->orphan = pd->timers_out > 0;
    last = !pd->orphan;
  }
  in_use.fetch_sub(1, base::kRelaxed);
  if (last) pdGive(pd);
}

int64_t PollDescsInUse() { return in_use.load(base::kRelaxed); }

}  // namespace parkour::poll
