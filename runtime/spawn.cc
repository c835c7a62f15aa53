// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A goroutine's beginning and end.
//
// Go: proc.go (newproc, newproc1, gfget, gfput, goexit0, gdestroy)

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/base/sanitizer.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/latency.h"
#include "parkour/runtime/newborn.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/scavenge.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/tracer.h"

#if PARKOUR_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace parkour::runtime {
namespace {

// Go: proc.go (_GoidCacheBatch).
constexpr uint64_t kGoidBatch = 16;

// What Goexit throws. Whoever catches it without rethrowing destroys it
// unseen, which its destructor notices. It may arrive several times, on several
// threads: a std::exception_ptr to it may be thrown again, as sync::OnceFunc
// and singleflight do.
class GoexitSignal {
 public:
  GoexitSignal() = default;
  // The language wants one for a throw; it is not called.
  GoexitSignal(const GoexitSignal&) : arrived_(true) {}
  ~GoexitSignal() {
    if (!arrived_.load(base::kAcquire)) {
      base::Fatal(
          "runtime.Goexit was swallowed by a catch (...): rethrow what you do "
          "not know");
    }
  }
  // Whoever destroys it comes after all arrivals: the count of references that
  // sees to that is the C++ library's own, and ThreadSanitizer does not see it.
  void Arrive() const { arrived_.exchange(true, base::kAcqRel); }

 private:
  mutable base::Atomic<bool> arrived_{false};
};

G* gfget(P* p) {
  if (p == nullptr) return nullptr;
  if (p->gfree.empty()) gfrefill(p);
  return p->gfree.Pop();
}

void countGoroutine(P* p, int64_t delta) {
  if (p == nullptr) {
    sched.goroutines.fetch_add(delta, base::kRelease);
    return;
  }
  // One writer: no read-modify-write needed.
  p->goroutines.store(p->goroutines.load(base::kRelaxed) + delta,
                      base::kRelease);
}

void noteCreation(M* m, G* gp, void (*run)(void*), void* created_at) {
  gp->run = run;
  gp->gopc.store(reinterpret_cast<uintptr_t>(created_at), base::kRelaxed);
  // A timer's callback runs on g0: then there is no parent.
  gp->parent_goid.store(
      m->curg == nullptr ? 0 : m->curg->goid.load(base::kRelaxed),
      base::kRelaxed);
}

// gp's closure is complete; from here on it may run.
void start(M* m, G* gp, uint64_t goid) {
  gp->goid.store(goid, base::kRelaxed);
  gp->stack_peak.store(0, base::kRelaxed);
  gp->hog = 0;
  trackNew(gp, goid);
  countGoroutine(m->p, +1);
  if (gp->atomicstatus.load(base::kRelaxed) == kGidle) {
    setgstatus(gp, kGidle, kGdead);
  }
  gp->trace_seq.store(0, base::kRelaxed);
  setgstatus(gp, kGdead, kGrunnable);
  traceGoCreate(m, gp);
  readyToRun(gp, /*next=*/true);
}

// A newborn's closure, if it may be copied, comes to the stack.
inline void takeBytes(M* m, G* gp, std::byte* to) {
  G* const newborn = gp->newborn;
  if (newborn == nullptr || !newbornOf(newborn)->of_bytes) return;
  std::memcpy(to, newborn->closure, internal::kLargestNewbornClosure);
  gp->closure = to;
  gp->newborn = nullptr;
  newbornfree(m->p, newborn);
}

// Runs the closure; returns also when Goexit ended it. Typed, so that any other
// exception finds no handler and terminates at its throw.
__attribute__((noinline)) void runClosure(G* gp) {
  try {
    gp->run(gp->closure);
  } catch (const GoexitSignal& signal) {
    signal.Arrive();
  }
}

}  // namespace

uint64_t newGoid(P* p) {
  if (p == nullptr) return sched.goidgen.fetch_add(1, base::kRelaxed) + 1;
  if (p->goidcache == p->goidcacheend) {
    p->goidcache = sched.goidgen.fetch_add(kGoidBatch, base::kRelaxed) + 1;
    p->goidcacheend = p->goidcache + kGoidBatch;
  }
  return p->goidcache++;
}

void gfrefill(P* p) {
  stacktake(&p->gfree, kShelfHalf);
  if (p->gfree.empty()) stackmake(&p->gfree);
}

void gfput(P* p, G* gp) {
  if (p == nullptr || gp->slot_size != DefaultStackSize()) {
    stackfree(gp);
    return;
  }
  shelve(&p->gfree, gp);
}

// The first function of every goroutine, and the last.
PARKOUR_REAL_STACK void goroutineEntry() {
  runHook();
  M* m = getm();
  G* const gp = m->curg;
  alignas(internal::kNewbornClosureAlign)
      std::byte closure[internal::kLargestNewbornClosure];
  do {
    takeBytes(m, gp, closure);
    leaveRuntime();
    runClosure(gp);
    if (gp->locals != nullptr) destroyLocals(gp);
    m = enterRuntime();
    traceGoDestroy(m, gp);
  } while (gp->lockedm == nullptr && switchAwayDying(m, gp));
  mcall(m, gp, gdestroyHook, /*dying=*/true);
  base::Throw("runtime: a dead goroutine was resumed");
}

void gdestroy(G* gp) {
  setgstatus(gp, kGrunning, kGdead);
  gp->m.store(nullptr, base::kRelaxed);
  gp->waitreason.store(WaitReason::kZero, base::kRelaxed);
  gp->param = nullptr;
  if (!gp->name.empty()) gp->name.Set("");
}

void countDestroyed(P* p) {
  countGoroutine(p, -1);
  if (sched.draining.load(base::kRelaxed)) goroutineEnded();
}

// Runs on the stack that goes on.
void gdestroyHook(G* gp) {
  M* const m = getm();
  gdestroy(gp);
  if (gp->lockedm != nullptr) {
    PARKOUR_CHECK(gp->lockedm == m);
    gp->lockedm = nullptr;
    m->lockedg = nullptr;
    m->locked_ext = 0;
    m->exiting = true;  // its thread ends with it
  }
#if PARKOUR_ASAN
  // Frames that were left without returning would poison the next goroutine's.
  // From the lowest of them on: what was never used needs no shadow.
  void* const lo = reinterpret_cast<void*>(gp->stack_lo);
  if (void* const lowest =
          __asan_region_is_poisoned(lo, gp->stack_hi - gp->stack_lo)) {
    __asan_unpoison_memory_region(
        lowest, gp->stack_hi - reinterpret_cast<uintptr_t>(lowest));
  }
#endif
  if (NearOverflow(gp, gp->stack_peak.load(base::kRelaxed))) {
    // The next one on this stack must not be taken for it.
    base::sys::Discard(reinterpret_cast<void*>(gp->stack_lo),
                       (gp->stack_hi & -kPageSize) - gp->stack_lo);
  }
  gfput(m->p, gp);
  countDestroyed(m->p);
}

void Gosched() { Yield(); }

void Goexit() {
  {
    RuntimeScope in;
    if (getm()->proxy) {
      base::Fatal("runtime.Goexit called outside a goroutine");
    }
  }
  throw GoexitSignal();
}

// Who sees that a goroutine is gone sees what it did.
int64_t NumGoroutine() {
  int64_t n = sched.goroutines.load(base::kAcquire);
  const int32_t procs = sched.gomaxprocs.load();
  for (int32_t i = 0; i < procs; ++i) {
    n += allp(i)->goroutines.load(base::kAcquire);
  }
  return n < 0 ? 0 : n;
}

int64_t NumThread() { return mcount(); }

}  // namespace parkour::runtime

namespace parkour::internal {

using runtime::G;

Spawn::Spawn(const GoOptions& options, size_t size, size_t align,
             void (*run)(void*), void* created_at, Stack stack) {
  runtime::RuntimeScope in;
  runtime::M* const m = runtime::getm();
  if (stack == Stack::kLater && options.stack_size == 0 &&
      options.name.empty()) {
    gp_ = runtime::newbornalloc(m->p, &status_);
    if (gp_ == nullptr) return;
    runtime::newbornOf(gp_)->of_bytes = false;
    runtime::noteCreation(m, gp_, run, created_at);
    return;
  }
  if (options.stack_size == 0) gp_ = runtime::gfget(m->p);
  if (gp_ == nullptr) {
    absl::StatusOr<G*> gp = runtime::stackalloc(options.stack_size);
    if (!gp.ok()) {
      status_ = gp.status();
      return;
    }
    gp_ = *gp;
  }
  runtime::noteCreation(m, gp_, run, created_at);
  const uintptr_t top = (gp_->stack_hi - size) & ~uintptr_t{align - 1};
  gp_->closure = reinterpret_cast<void*>(top);
  if (!options.name.empty()) gp_->name.Set(options.name);
  runtime::gobufInit(&gp_->sched, gp_->stack_lo, top, runtime::goroutineEntry);
}

Spawn::~Spawn() {
  if (gp_ == nullptr) return;
  runtime::RuntimeScope in;
  if (!gp_->is_newborn) gp_->name.Set("");
  runtime::stackfree(gp_);
}

void* Spawn::closure() const { return gp_->closure; }

void Spawn::Start() {
  runtime::RuntimeScope in;
  runtime::M* const m = runtime::getm();
  runtime::start(m, std::exchange(gp_, nullptr), runtime::newGoid(m->p));
}

void Spawn::StartMain() {
  runtime::RuntimeScope in;
  runtime::start(runtime::getm(), std::exchange(gp_, nullptr),
                 runtime::kMainGoid);
}

void GoBytes(void (*run)(void*), const void* closure, size_t size,
             void* created_at) {
  absl::Status status;
  {
    runtime::RuntimeScope in;
    runtime::M* const m = runtime::getm();
    if (G* const gp = runtime::newbornalloc(m->p, &status)) {
      runtime::newbornOf(gp)->of_bytes = true;
      std::memcpy(gp->closure, closure, size);
      runtime::noteCreation(m, gp, run, created_at);
      runtime::start(m, gp, runtime::newGoid(m->p));
      return;
    }
  }
  GoFailed(status);
}

void GoFailed(const absl::Status& status) {
  base::Fatal(std::string(status.message()));
}

void GoNil() { base::Fatal("go of nil func value"); }

}  // namespace parkour::internal
