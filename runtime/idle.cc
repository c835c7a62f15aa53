// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Spinning Ms, idle Ps and Ms, and who wakes whom.
//
// The delicate dance. Enough Ms must run to use all Ps, and no more: an M that
// wakes up for nothing costs two context switches. Between "has work" and
// "asleep" an M is *spinning*: it has a P and no goroutine, and searches all
// queues, timers and the poller. Work is submitted like this:
//
//   submit:  (s1) put the G into some queue
//            (s2) full barrier
//            (s3) read nmspinning: if it is 0 make it 1 and wake an M (wakep)
//
// A submitter that finds somebody spinning does nothing more: that M is going
// to look everywhere, or is being replaced. So whoever stops spinning must not
// leave work behind:
//
//   found a G: resetspinning: nmspinning--, then wakep. Every M that goes from
//            spinning to running starts another spinner, until there is
//            nothing more to find; that ramps up to as many Ms as there is
//            work for.
//   found nothing: (l1) put the P on the idle list
//            (l2) nmspinning-- (full barrier)
//            (l3) look at all queues, all timers and the global queue again
//
// Why no wake-up is lost: take the submitter that reads nmspinning > 0 in (s3)
// because of spinner S and does nothing. S has not yet done (l2) in the total
// order of barriers, so (s1) precedes (s2) precedes (l2) precedes S's (l3),
// which therefore sees the G. If S found another G, its wakep starts a new
// spinner after (s1), with the same argument for that one. Every M that leaves
// spinning does (l3), not only the last: a G may have been submitted while two
// were spinning, and the last one may already be past its look.
//
// One hole is left (needspinning). S may find work in (l3) and no idle P to run
// it with, because all Ps run something. Those Ps' Ms then find nothing
// themselves and go idle *without ever having spun*, so without (l3). S
// therefore sets needspinning when it fails to get a P; an M that puts its P on
// the idle list reads it before and after, and spins once more instead. A
// submitter that finds no idle P does the same (leaveToBusyPs); Go takes
// sched.lock there, at every wake-up on a busy machine.
//
// Work that moves is submitted again. A thief that spins leaves its loot with
// resetspinning's wakep; relieve() takes from another's ring without spinning
// and calls wakep itself, after the loot is in its own ring: else the second
// look (l3) of somebody who goes idle could pass the one ring before and the
// other after the move, and find nothing in either.
//
// The idle list and npidle change together under sched.lock. nmspinning and
// needspinning are atomics of their own.
//
// Model: tests/model/spinning_model_test.cc. Go: proc.go (header comment,
// wakep, resetspinning, startm, stopm, pidleget).

#include "parkour/base/check.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/tracer.h"

namespace parkour::runtime {

constinit Sched sched;

namespace {

// No P is idle, so there is nobody to wake. An M that is just going idle
// without having spun must look once more, though; it has, or will have, read
// needspinning. Dekker's handshake, without sched.lock on this side:
//
//     here                        giveUpP, under sched.lock
//     needspinning = 1            npidle++
//     --- full barrier ---        --- full barrier ---
//     read npidle                 read needspinning again
//
// If both read 0 one of the barriers would have to come before itself: either
// we see the idle P and go on to wake it, or that M sees our wish and takes its
// P back. A 1 that stands there already serves as well: whoever resets it
// becomes a spinner by that, and searches after.
bool leaveToBusyPs() {
  if (sched.needspinning.load(base::kRelaxed) == 0) {
    sched.needspinning.store(1, base::kRelaxed);
    base::FenceSeqCst();
  }
  return sched.npidle.load(base::kRelaxed) == 0;
}

}  // namespace

// Go: proc.go (wakep).
void wakep() {
  // (s2): what the caller queued comes before the read of nmspinning.
  base::FenceSeqCst();
  if (sched.nmspinning.load(base::kRelaxed) != 0) return;
  if (sched.npidle.load(base::kRelaxed) == 0 && leaveToBusyPs()) return;
  int32_t expected = 0;
  if (!sched.nmspinning.compare_exchange_strong(expected, 1, base::kSeqCst)) {
    return;
  }
  P* p;
  {
    base::MutexLockAlive lock(&sched.lock);
    p = pidlegetSpinning();
    if (p == nullptr) {
      // No spinner after all. Whoever relied on our 1 and did nothing must find
      // a busy P to rely on instead: undone under the lock, together with the
      // look at the idle list, because a P becomes idle only under it, after a
      // look at the global queue.
      PARKOUR_CHECK(sched.nmspinning.fetch_sub(1, base::kSeqCst) > 0);
      return;
    }
  }
  startm(p, /*spinning=*/true);
}

void becomeSpinning(M* m) {
  m->spinning.store(true, base::kRelaxed);
  sched.nmspinning.fetch_add(1, base::kSeqCst);
  // An exchange, so that what was queued before the 1 was set is seen by the
  // search that follows.
  sched.needspinning.exchange(0, base::kSeqCst);
}

// Also wakep's second half: the last spinner that found work starts another.
void resetspinning(M* m) {
  PARKOUR_CHECK(m->spinning.load(base::kRelaxed));
  m->spinning.store(false, base::kRelaxed);
  PARKOUR_CHECK(sched.nmspinning.fetch_sub(1, base::kSeqCst) > 0);
  wakep();
}

void pidleput(P* p) {
  PARKOUR_CHECK(p->runq.empty());
  p->link = sched.pidle;
  sched.pidle = p;
  sched.npidle.fetch_add(1, base::kSeqCst);
}

P* pidleget() {
  P* const p = sched.pidle;
  if (p == nullptr) return nullptr;
  sched.pidle = p->link;
  p->link = nullptr;
  sched.npidle.fetch_sub(1, base::kSeqCst);
  wakeSysmonLocked();
  return p;
}

// Go: proc.go (pidlegetSpinning).
P* pidlegetSpinning() {
  P* const p = pidleget();
  if (p == nullptr) sched.needspinning.store(1, base::kRelaxed);
  return p;
}

// sysmon sleeps for good only while no P runs anything.
void wakeSysmonLocked() {
  if (!sched.sysmonwait.load(base::kRelaxed)) return;
  sched.sysmonwait.store(false, base::kRelaxed);
  sched.sysmonnote.Wakeup();
}

// A goroutine that computes in bursts, or calls a library that blocks, would
// stop its P for a slice and sysmon's tick, 10 to 20 ms, each time anew. Go,
// too, forgets. One that lost its P before is looked at within a fraction of a
// millisecond the next kHogTurns times that it runs, which it has to deserve
// again by using up a slice (enterSlow).
void hurrySysmon(P* p) {
  p->hogtick.store(p->schedtick.load(base::kRelaxed), base::kRelaxed);
  sched.sysmonhurry.fetch_add(1, base::kRelease);
  base::FutexWake(&sched.sysmonhurry, 1);
}

void acquirep(M* m, P* p) {
  PARKOUR_CHECK(m->p == nullptr);
  PARKOUR_CHECK(p->m.load(base::kRelaxed) == nullptr);
  PARKOUR_CHECK(p->status.load(base::kRelaxed) == kPidle);
  traceProcStart(m, p);
  adoptp(m, p);
}

// acquirep's second half.
void adoptp(M* m, P* p) {
  m->p = p;
  p->m.store(m, base::kRelaxed);
  p->status.store(kPrunning, base::kRelease);
}

P* releasep(M* m) {
  P* const p = m->p;
  PARKOUR_CHECK(p != nullptr && p->m.load(base::kRelaxed) == m);
  PARKOUR_CHECK(p->status.load(base::kRelaxed) == kPrunning);
  traceProcStop(m, p);
  m->p = nullptr;
  p->m.store(nullptr, base::kRelaxed);
  p->status.store(kPidle, base::kRelease);
  return p;
}

namespace {

void mput(M* m) ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock) {
  m->schedlink = sched.midle;
  sched.midle = m;
  sched.nmidle.fetch_add(1, base::kRelaxed);
  checkdead();
}

M* mget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock) {
  M* const m = sched.midle;
  if (m == nullptr) return nullptr;
  sched.midle = m->schedlink;
  m->schedlink = nullptr;
  sched.nmidle.fetch_sub(1, base::kRelaxed);
  return m;
}

}  // namespace

// `p` comes out of the idle list and must not be lost: it goes to a
// sleeping M or to a new thread; if the system has no thread for us newm puts
// it back.
void startm(P* p, bool spinning) {
  M* m;
  {
    base::MutexLockAlive lock(&sched.lock);
    m = mget();
  }
  if (m == nullptr) {
    newm(p, spinning);
    return;
  }
  PARKOUR_CHECK(!m->spinning.load(base::kRelaxed) && m->nextp == nullptr);
  PARKOUR_CHECK(!spinning || p->runq.empty());
  m->nextspinning = spinning;
  m->nextp = p;
  m->park.Wakeup();
}

void mPark(M* m) {
  m->blocked.store(true, base::kRelaxed);
  m->park.Sleep();
  m->park.Clear();
  m->blocked.store(false, base::kRelaxed);
}

// Sleeps until startm hands this M a P.
void stopm(M* m) {
  PARKOUR_CHECK(m->p == nullptr && !m->spinning.load(base::kRelaxed));
  {
    base::MutexLockAlive lock(&sched.lock);
    mput(m);
  }
  mPark(m);
  m->spinning.store(m->nextspinning, base::kRelaxed);
  m->nextspinning = false;
  P* const p = m->nextp;
  m->nextp = nullptr;
  acquirep(m, p);
}

// A timer for `when` was started: the M that sleeps in the poller must not
// sleep longer; if nobody does, somebody must look at the timers.
void wakeNetPoller(int64_t when) {
  if (sched.lastpoll.load(base::kSeqCst) == 0) {
    // Somebody is in the poller, or on the way into it, and looked at the
    // timers before it took the token. poll_until is 0 until it has published
    // when it will wake, and 0 again before it returns the token, so a value
    // that belongs to another poll is never read; 0 breaks to be sure, and a
    // break that comes before the wait is remembered.
    const int64_t until = sched.poll_until.load(base::kSeqCst);
    if (until == 0 || until > when) netpoller()->Break();
    return;
  }
  wakep();
}

}  // namespace parkour::runtime
