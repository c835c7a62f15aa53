// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Dance (system call): the M stores "syscall" into its P's status and forgets
// the P; from then on the P belongs to whoever changes the status by CAS: the M
// coming back, sysmon (retake), or who stops the world. The M announces first
// and looks at gcwaiting second; who stops the world sets gcwaiting first and
// looks at the status second; so one of them takes the P.
//
// Go: proc.go (reentersyscall, exitsyscall, exitsyscallfast, exitsyscall0)

#include "parkour/runtime/syscall.h"

#include "parkour/base/check.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/tracer.h"

namespace parkour::runtime {
namespace {

// The world is being stopped: hand our P over at once.
void stopInSyscall(P* p) {
  base::MutexLockAlive lock(&sched.lock);
  uint32_t expected = kPsyscall;
  if (sched.stopwait > 0 &&
      p->status.compare_exchange_strong(expected, kPgcstop, base::kSeqCst)) {
    p->syscalltick.fetch_add(1, base::kRelaxed);
    traceProcSteal(p);
    if (--sched.stopwait == 0) sched.stopnote.Wakeup();
  }
}

// The old P if nobody took it, else any idle one. *kept: it has been this M's
// all the time. It may have come to be in a system call again, another M's:
// then this is a theft like any other.
P* takeP(M* m, bool* kept) {
  P* const old = m->oldp;
  m->oldp = nullptr;
  *kept = false;
  uint32_t expected = kPsyscall;
  if (old != nullptr && !sched.gcwaiting.load(base::kSeqCst) &&
      old->status.compare_exchange_strong(expected, kPidle, base::kSeqCst)) {
    *kept = old->syscalltick.load(base::kRelaxed) == m->syscalltick;
    if (!*kept) traceProcSteal(old);
    return old;
  }
  if (sched.npidle.load(base::kRelaxed) == 0) return nullptr;
  base::MutexLockAlive lock(&sched.lock);
  return sched.gcwaiting.load(base::kRelaxed) ? nullptr : pidleget();
}

// No P was free a moment ago.
void exitsyscall0(G* gp) {
  M* const m = getm();
  casgstatus(gp, kGsyscall, kGrunnable);
  traceSyscallEndBlocked(m, gp);
  gp->m.store(nullptr, base::kRelaxed);
  const bool locked = gp->lockedm != nullptr;
  P* p = nullptr;
  {
    base::MutexLockAlive lock(&sched.lock);
    if (!sched.gcwaiting.load(base::kRelaxed)) p = pidleget();
    if (p == nullptr) globrunqput(gp);
  }
  if (p != nullptr) {
    acquirep(m, p);
    runqput(p, gp, /*next=*/true);
    if (!locked) return;
  }
  // schedule() waits in stoplockedm for somebody to hand this M its G.
  if (!locked) stopm(m);
}

}  // namespace

void EnterSyscall() {
  M* const m = enterRuntime();
  if (m->proxy) {
    leaveRuntime();
    return;
  }
  PARKOUR_CHECK(m->in_runtime.load(base::kRelaxed) == 1);
  P* const p = m->p;
  traceSyscallBegin(m, m->curg, p);
  casgstatus(m->curg, kGrunning, kGsyscall);
  m->syscalltick = p->syscalltick.load(base::kRelaxed);
  m->oldp = p;
  m->p = nullptr;
  p->m.store(nullptr, base::kRelaxed);
  p->status.store(kPsyscall, base::kSeqCst);
  if (sched.gcwaiting.load(base::kSeqCst)) stopInSyscall(p);
  // Set, cleared and read by this thread only; a read-modify-write because
  // others set the other bits.
  m->attention.fetch_or(kAttnSyscall, base::kRelaxed);
  leaveRuntime();
}

void ExitSyscall() {
  M* const m = getm();
  if (m == nullptr || m->proxy) return;
  if ((m->attention.fetch_and(~kAttnSyscall, base::kRelaxed) & kAttnSyscall) ==
      0) {
    base::Fatal("runtime: ExitSyscall without EnterSyscall");
  }
  // The handshake of enter.h, without a yield: a retaker that still thinks of
  // the P this M had must have made up its mind before we acquire it again.
  m->in_runtime.store(1, base::kRelaxed);
  entryBarrier();
  awaitRetaker(m);
  exitsyscall(m);
  leaveRuntime();
}

// REQUIRES: in_runtime is 1, the M has no P, its G is in state syscall.
void exitsyscall(M* m) {
  G* const gp = m->curg;
  bool kept;
  if (P* p = takeP(m, &kept)) {
    if (kept) {
      adoptp(m, p);
      traceSyscallEnd(m, gp, p);
    } else {
      traceSyscallEndBlocked(m, gp);
      acquirep(m, p);
      traceGoStart(m, gp);
    }
    p->syscalltick.fetch_add(1, base::kRelaxed);
    casgstatus(gp, kGsyscall, kGrunning);
    return;
  }
  mcall(m, gp, exitsyscall0);
}

}  // namespace parkour::runtime
