// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/proxy.h"

#include <pthread.h>
#include <unistd.h>

#include "parkour/base/check.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/start.h"

namespace parkour::runtime {
namespace {

base::Mutex pool_mu{base::LockRank::kLeaf};
M* pool ABSL_GUARDED_BY(pool_mu) = nullptr;  // by schedlink

pthread_key_t exit_key;

// Runs when a thread that had an M ends. Its M is given to the next one.
void dropm(void* arg) {
  M* const m = static_cast<M*>(arg);
  if (m->curg->locals != nullptr) destroyLocals(m->curg);
  PARKOUR_CHECK(m->in_runtime.load(base::kRelaxed) == 0);
  setm(nullptr);
  m->trace.Close();
  base::MutexLock lock(&pool_mu);
  m->schedlink = pool;
  pool = m;
}

M* newProxy() {
  static const bool have_key = pthread_key_create(&exit_key, dropm) == 0;
  PARKOUR_CHECK(have_key);
  {
    base::MutexLock lock(&pool_mu);
    if (M* m = pool) {
      pool = m->schedlink;
      return m;
    }
  }
  M* const m = new M;
  m->proxy = true;
  G* const gp = new G;
  gp->proxy = true;
  gp->goid.store(newGoid(nullptr), base::kRelaxed);
  gp->atomicstatus.store(kGrunning, base::kRelaxed);
  gp->m.store(m, base::kRelaxed);
  m->curg = gp;
  return m;
}

// After Main's end the main thread is woken by another plain thread or never.
// Those are not known by name, only by their number, and may end meanwhile.
void sleepUntilReady(M* m) {
  constexpr int64_t kLookEvery = 50000000;
  if (!worldEnded() || base::ThreadId() != getpid()) {
    m->park.Sleep();
    return;
  }
  while (!m->park.SleepFor(kLookEvery)) {
    if (unknownThreads() || sched.external_wakers.load() > 0) continue;
    base::Fatal(
        "parkour: a wait after Main or Shutdown: no goroutine runs any more, "
        "and no other thread is there to end it");
  }
}

}  // namespace

M* needm() {
  ensureStarted();
  // What runs right after the start may have met the runtime already.
  if (M* m = getm()) return m;
  M* const m = newProxy();
  m->in_runtime.store(0, base::kRelaxed);
  m->eh = ThreadEhGlobals();
  m->tid.store(base::ThreadId(), base::kRelaxed);
  m->trace.SetThread(base::ThreadId());
  pthread_setspecific(exit_key, m);
  setm(m);
  return m;
}

// The waker may come at any moment after unlockf has published the G; the note
// remembers it. The note is cleared before that moment.
void proxyPark(M* m, UnlockF unlockf, void* lock) {
  G* const gp = m->curg;
  m->park.Clear();
  setgstatus(gp, kGrunning, kGwaiting);
  sched.proxies_parked.fetch_add(1, base::kAcqRel);
  if (unlockf != nullptr && !unlockf(gp, lock)) {
    sched.proxies_parked.fetch_sub(1, base::kAcqRel);
    casgstatus(gp, kGwaiting, kGrunning);
    return;
  }
  {
    base::MutexLockAlive sched_lock(&sched.lock);
    checkdead();
  }
  sleepUntilReady(m);
  setgstatus(gp, kGrunnable, kGrunning);
}

void proxyReady(G* gp) {
  M* const m = gp->m.load(base::kRelaxed);
  casgstatus(gp, kGwaiting, kGrunnable);
  // Before the wake-up: from now on the thread counts as one that can make
  // progress.
  sched.proxies_parked.fetch_sub(1, base::kAcqRel);
  m->park.Wakeup();
}

}  // namespace parkour::runtime
