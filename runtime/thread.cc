// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Ms and their threads: made when a P has work and no M is idle, ended only
// with a goroutine that was locked to them.
//
// Go: proc.go (newm, mstart, mexit, mcommoninit, checkmcount)

#include "parkour/base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/base/sanitizer.h"
#include "parkour/runtime/fault.h"
#include "parkour/runtime/limits.h"
#include "parkour/runtime/log.h"
#include "parkour/runtime/proc.h"

namespace parkour::runtime {
namespace {

// g0's stack: the scheduler needs little; unwinding and symbolising for a
// report need more.
constexpr size_t kG0StackSize =
    PARKOUR_ASAN || PARKOUR_TSAN ? size_t{8} << 20 : size_t{512} << 10;

// Ms whose thread has ended, by schedlink.
M* mfree ABSL_GUARDED_BY(sched.lock) = nullptr;

void mstart(void* arg) {
  M* const m = static_cast<M*>(arg);
  setm(m);
  pthread_sigmask(SIG_SETMASK, &sched.sigmask, nullptr);
  if (m->foreign_maker) {
    sched_setaffinity(0, sizeof(sched.affinity), &sched.affinity);
  }
  m->tid.store(base::ThreadId(), base::kRelaxed);
  m->trace.SetThread(base::ThreadId());
  m->eh = ThreadEhGlobals();
  gobufInitThread(&m->g0);
  InstallAltStack(m);
  // The poller sleeps with nanosecond timeouts; the default slack of 50 us
  // would be the largest part of a short sleep's lateness.
  prctl(PR_SET_TIMERSLACK, 1000);
  P* const p = m->nextp;
  m->nextp = nullptr;
  acquirep(m, p);
  schedule(m);
  RemoveAltStack(m);
  mexit(m);
}

void checkmcount() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock) {
  if (mcount() <= sched.maxmcount) return;
  // Go: proc.go (checkmcount).
  char text[96];
  std::snprintf(text, sizeof(text),
                "runtime: program exceeds %d-thread limit\n", sched.maxmcount);
  base::WriteStderr(text);
  base::Throw("thread exhaustion");
}

// Counted before the thread exists, so that the deadlock check sees it as
// running from the start.
M* reserveM() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock) {
  M* m = mfree;
  if (m != nullptr) {
    mfree = m->schedlink;
    m->schedlink = nullptr;
    sched.nmfreed.fetch_sub(1, base::kRelaxed);
    return m;
  }
  m = new M;
  m->id = sched.mnext.fetch_add(1, base::kRelaxed);
  checkmcount();
  m->alllink = sched.allm.load(base::kRelaxed);
  sched.allm.store(m, base::kRelease);
  return m;
}

void releaseM(M* m) ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock) {
  sched.nmfreed.fetch_add(1, base::kRelaxed);
  m->schedlink = mfree;
  mfree = m;
}

// The system refuses a thread. The work waits for an M that exists: what p held
// goes where all can see it, and sysmon tries again (see sysmon.cc).
void giveBack(M* m, P* p, bool spinning, int error) {
  {
    base::MutexLockAlive lock(&sched.lock);
    m->nextp = nullptr;
    m->spinning.store(false, base::kRelaxed);
    releaseM(m);
    bool inherit_time;
    while (G* gp = p->runq.get(&inherit_time)) globrunqput(gp);
    if (sched.gcwaiting.load(base::kRelaxed)) {
      p->status.store(kPgcstop, base::kRelease);
      if (--sched.stopwait == 0) sched.stopnote.Wakeup();
    } else {
      pidleput(p);
    }
    sched.thread_refused.store(true, base::kRelaxed);
    if (spinning) {
      PARKOUR_CHECK(sched.nmspinning.fetch_sub(1, base::kSeqCst) > 0);
    }
  }
  static base::Atomic<bool> warned{false};
  if (!warned.exchange(true)) {
    LogWarning(absl::StrCat(
        "the system refuses another thread (errno ", -error,
        "; see ulimit -u, kernel.threads-max and pids.max); goroutines wait "
        "for the ",
        mcount(), " there are"));
  }
}

}  // namespace

int64_t mcount() {
  return sched.mnext.load(base::kRelaxed) - sched.nmfreed.load(base::kRelaxed);
}

// Go: proc.go (debug.setMaxThreads)
int SetMaxThreads(int threads) {
  ensureStarted();
  base::MutexLockAlive lock(&sched.lock);
  const int old = sched.maxmcount;
  sched.maxmcount = threads;
  checkmcount();
  return old;
}

bool newm(P* p, bool spinning) {
  M* m;
  {
    base::MutexLockAlive lock(&sched.lock);
    m = reserveM();
  }
  const M* const maker = getm();
  m->foreign_maker =
      maker != nullptr && (maker->proxy || maker->lockedg != nullptr);
  m->nextp = p;
  m->spinning.store(spinning, base::kRelaxed);
  m->in_runtime.store(1, base::kRelaxed);
  m->exiting = false;
  char name[16];
  std::snprintf(name, sizeof(name), "parkour-m%ld", m->id);
  const int error = base::StartThread(name, kG0StackSize, mstart, m);
  if (error == 0) return true;
  giveBack(m, p, spinning, error);
  return false;
}

// The thread of a goroutine that ended while locked to it; runs on g0, last
// thing before the thread ends.
void mexit(M* m) {
  handoffp(releasep(m));
  setm(nullptr);
  m->trace.Close();
  base::MutexLockAlive lock(&sched.lock);
  releaseM(m);
  checkdead();
}

}  // namespace parkour::runtime
