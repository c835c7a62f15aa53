// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/newborn.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/traceback.h"

namespace parkour::runtime {
namespace {

// With a context that begins.
G* onNewContext(G* newborn, G* gp) {
  takeOver(newborn, gp);
  gobufInit(&gp->sched, gp->stack_lo, gp->stack_hi, goroutineEntry);
  return gp;
}

}  // namespace

void takeOver(G* newborn, G* gp) {
  gp->run = newborn->run;
  gp->closure = newborn->closure;
  gp->newborn = newborn;
  gp->goid.store(newborn->goid.load(base::kRelaxed), base::kRelaxed);
  gp->gopc.store(newborn->gopc.load(base::kRelaxed), base::kRelaxed);
  gp->parent_goid.store(newborn->parent_goid.load(base::kRelaxed),
                        base::kRelaxed);
  gp->trace_seq.store(newborn->trace_seq.load(base::kRelaxed), base::kRelaxed);
  gp->tracking = newborn->tracking;
  gp->tracking_stamp = newborn->tracking_stamp;
  gp->stack_peak.store(0, base::kRelaxed);
  gp->hog = 0;
  gp->sched.fp = nullptr;  // no frames yet
  if (gp->atomicstatus.load(base::kRelaxed) == kGidle) {
    setgstatus(gp, kGidle, kGdead);
  }
  setgstatus(gp, kGdead, kGrunnable);
  setgstatus(newborn, kGrunnable, kGdead);
}

G* newbornalloc(P* p, absl::Status* status) {
  if (p != nullptr) {
    if (p->newborns.empty()) newborntake(&p->newborns, kShelfHalf);
    if (p->newborns.empty()) newbornmake(&p->newborns);
    if (!p->newborns.empty()) {
      G* const gp = p->newborns.Pop();
      // The next one to be made: likely soon, and in no cache if they are many.
      if (const G* next = p->newborns.top()) prefetchNewborn(next);
      return gp;
    }
  }
  absl::StatusOr<G*> fresh = slotalloc(sizeof(Newborn));
  if (!fresh.ok()) {
    *status = fresh.status();
    return nullptr;
  }
  return *fresh;
}

void newbornfree(P* p, G* gp) {
  if (p == nullptr) {
    stackfree(gp);
    return;
  }
  shelve(&p->newborns, gp);
}

G* birth(P* p, G* gp) {
  G* const with_stack = p->gfree.empty() ? nullptr : p->gfree.Pop();
  return with_stack == nullptr ? nullptr : onNewContext(gp, with_stack);
}

G* birthAnyway(P* p, G* gp) {
  if (p->gfree.empty()) gfrefill(p);
  if (G* born = birth(p, gp)) return born;
  absl::StatusOr<G*> fresh = stackalloc(0);
  if (!fresh.ok()) {
    base::Fatal(absl::StrCat(fresh.status().message(), ", for goroutine ",
                             gp->goid.load(base::kRelaxed), ", created by ",
                             FunctionName(gp->gopc.load(base::kRelaxed))));
  }
  return onNewContext(gp, *fresh);
}

}  // namespace parkour::runtime

namespace parkour::internal {

void ClosureMoved() {
  runtime::M* const m = runtime::enterRuntime();
  runtime::G* const gp = m->curg;
  if (runtime::G* const newborn = std::exchange(gp->newborn, nullptr)) {
    runtime::newbornfree(m->p, newborn);
  }
  runtime::leaveRuntime();
}

}  // namespace parkour::internal
