// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/chan/selectgo.h"

#include <algorithm>

#include "parkour/base/check.h"
#include "parkour/chan/hchan_ops.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/mprof.h"
#include "parkour/runtime/park.h"

namespace parkour::internal {
namespace {

using base::kRelaxed;
using runtime::G;
using runtime::Sudog;
using runtime::WaitReason;

// What a select knows of itself while it is parked; lies in its frame.
struct Select {
  Scase* cases;
  const uint16_t* poll_order;
  uint16_t* lock_order;  // by channel address
  int n;                 // cases with a channel

  Scase& at(int i) const { return cases[lock_order[i]]; }
  bool firstOfChannel(int i) const { return i == 0 || at(i).c != at(i - 1).c; }
};

// A shuffle of the cases that have a channel.
int makePollOrder(Scase* cases, uint16_t* order, int n) {
  base::Rand& rand = runtime::getm()->rand;
  int count = 0;
  for (int i = 0; i < n; ++i) {
    if (cases[i].c == nullptr) continue;
    const auto j =
        static_cast<int>(rand.Below(static_cast<uint32_t>(count + 1)));
    order[count] = order[j];
    order[j] = static_cast<uint16_t>(i);
    ++count;
  }
  return count;
}

void lockAll(const Select& s) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (int i = 0; i < s.n; ++i) {
    if (s.firstOfChannel(i)) s.at(i).c->lock.Lock();
  }
}

void unlockAll(const Select& s) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (int i = s.n - 1; i >= 0; --i) {
    if (s.firstOfChannel(i)) unlockChan(s.at(i).c);
  }
}

// The commit of the park. As soon as the first channel is unlocked the select
// may be completed and its frame be gone: everything is read before, but for
// the cases whose channel is still locked. The last unlock touches nothing
// after it.
bool parkCommit(G* gp, void*) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Hchan* last = nullptr;
  for (Sudog* s = static_cast<Sudog*>(gp->param); s != nullptr;) {
    Sudog* const next = s->select_next;
    Hchan* const c = static_cast<Hchan*>(s->c);
    if (c != last && last != nullptr) unlockChan(last);
    last = c;
    s = next;
  }
  if (last != nullptr) unlockChan(last);
  return true;
}

// Pass 1, all locked: is a case ready? Completes it and drops the locks.
bool tryAll(const Select& s, Selected* result) {
  for (int i = 0; i < s.n; ++i) {
    Scase& k = s.cases[s.poll_order[i]];
    Sudog* woken = nullptr;
    const OpResult r = k.send ? trySendLocked(k.c, k.elem, &woken)
                              : tryRecvLocked(k.c, k.elem, &woken);
    if (r == OpResult::kWouldBlock) continue;
    unlockAll(s);
    if (woken != nullptr) wakeWaiter(woken, /*success=*/true);
    if (k.send && r == OpResult::kClosed) {
      base::Panic("send on closed channel");
    }
    *result = {s.poll_order[i], r == OpResult::kDone};
    return true;
  }
  return false;
}

// Pass 2, all locked: stands in every queue and parks. Returns the entry that
// was completed; the locks are dropped.
Sudog* parkOnAll(const Select& s) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  G* const gp = runtime::getg();
  const int64_t began = runtime::waitBegins();
  for (int i = 0; i < s.n; ++i) {
    Scase& k = s.at(i);
    k.sudog.g = gp;
    k.sudog.c = k.c;
    k.sudog.elem = k.elem;
    k.sudog.is_select = true;
    k.sudog.success = false;
    k.sudog.releasetime = began;
    k.sudog.select_next = i + 1 < s.n ? &s.at(i + 1).sudog : nullptr;
    (k.send ? k.c->sendq : k.c->recvq).enqueue(&k.sudog);
  }
  gp->param = &s.at(0).sudog;
  runtime::noteWait(gp, gp->param);
  runtime::gopark(parkCommit, nullptr, WaitReason::kSelect);
  Sudog* const winner = static_cast<Sudog*>(gp->param);
  if (began != 0) runtime::blockevent(winner->releasetime - began);
  return winner;
}

// Pass 3: takes the losers out.
Selected finish(const Select& s, Sudog* winner) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Selected result{-1, false};
  lockAll(s);
  runtime::getg()->select_done.store(0, kRelaxed);
  for (int i = 0; i < s.n; ++i) {
    Scase& k = s.at(i);
    if (&k.sudog == winner) {
      result = {s.lock_order[i], k.sudog.success};
    } else {
      (k.send ? k.c->sendq : k.c->recvq).remove(&k.sudog);
    }
  }
  unlockAll(s);
  PARKOUR_CHECK(result.index >= 0);
  if (s.cases[result.index].send && !result.received) {
    base::Panic("send on closed channel");
  }
  return result;
}

}  // namespace

Selected selectgo(Scase* cases, uint16_t* order, int n, bool block) {
  PARKOUR_CHECK(n <= kMaxSelectCases);
  runtime::RuntimeScope in;
  Select s{cases, order, order + n, 0};
  s.n = makePollOrder(cases, order, n);
  if (s.n == 0) {
    if (!block) return {-1, false};
    runtime::noteWait(runtime::getg(), nullptr);
    runtime::gopark(nullptr, nullptr,
                    n == 0 ? WaitReason::kSelectNoCases : WaitReason::kSelect);
    base::Throw("unreachable");
  }
  std::copy(order, order + s.n, s.lock_order);
  std::sort(s.lock_order, s.lock_order + s.n, [cases](uint16_t a, uint16_t b) {
    return cases[a].c < cases[b].c;
  });
  lockAll(s);
  Selected result;
  if (tryAll(s, &result)) return result;
  if (!block) {
    unlockAll(s);
    return {-1, false};
  }
  return finish(s, parkOnAll(s));
}

}  // namespace parkour::internal
