// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// LockOSThread: a goroutine and a thread that belong to each other.
//
// m->lockedg and g->lockedm are set together. When the locked G blocks, its M
// gives its P away and sleeps; when another M finds the G runnable it hands its
// own P to the locked M.
//
// Go: proc.go (LockOSThread, stoplockedm, startlockedm)

#include "parkour/base/check.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/proc.h"

namespace parkour::runtime {

// Returns when startlockedm has handed over a P and m->lockedg may run.
void stoplockedm(M* m) {
  PARKOUR_CHECK(m->lockedg->lockedm == m);
  if (m->p != nullptr) handoffp(releasep(m));
  sched.nmidlelocked.fetch_add(1, base::kRelaxed);
  {
    base::MutexLockAlive lock(&sched.lock);
    checkdead();
  }
  mPark(m);
  P* const p = m->nextp;
  m->nextp = nullptr;
  acquirep(m, p);
}

// Hands this M's P to gp's M, and stops.
void startlockedm(M* m, G* gp) {
  M* const locked = gp->lockedm;
  PARKOUR_CHECK(locked != m && locked->nextp == nullptr);
  sched.nmidlelocked.fetch_sub(1, base::kRelaxed);
  locked->nextp = releasep(m);
  locked->park.Wakeup();
  stopm(m);
}

void LockOSThread() {
  RuntimeScope in;
  M* const m = getm();
  if (m->proxy) return;
  ++m->locked_ext;
  m->lockedg = m->curg;
  m->curg->lockedm = m;
}

void UnlockOSThread() {
  RuntimeScope in;
  M* const m = getm();
  if (m->proxy || m->locked_ext == 0) return;
  if (--m->locked_ext > 0) return;
  m->lockedg = nullptr;
  m->curg->lockedm = nullptr;
}

}  // namespace parkour::runtime
