// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Dance (scan): the scavenger and a waker meet at a parked goroutine's status.
// (A dump that reads the stack plays the scavenger's part, too.)
//
//     scavenger                            waker (wakeg)
//     waiting -> waiting+scan     (a)      waiting -> runnable          (c)
//     releases pages below sp              waiting+scan -> runnable+scan (d)
//     waiting+scan -> waiting     (b)
//     or finds runnable+scan:     (e)
//        waiting, queues the G
//
// Every arrow is a compare-and-swap on the one word, so exactly one of (a) and
// (c) wins, and of (b) and (d):
//   * No page of a running goroutine is released: between (a) and (b) or (e)
//     the word is never plain runnable, so nobody queues or runs the G. (a)
//     succeeds only on a waiting G, whose context was saved before its status
//     became waiting (parkHook runs on another stack); sp is read after (a).
//   * No wake-up is lost: (d) leaves it in the word, and (e) finds it there,
//     because (b) fails then. The waker does not wait for the scavenger, which
//     may lose its CPU between (a) and (b): only this goroutine does.
//   * The waker's last look at the G is (d): afterwards the scavenger may link
//     it into a list, so the waker has it in none (injectglist).
// What the waker wrote for the goroutine before (d) is released by (d),
// acquired by the failing (b), and passed on by the queue.
// For the deadlock check one M more has to count as running while the scavenger
// may hold a goroutine that somebody has woken: callers of scavengeParked see
// to that (incidlelocked).
//
// Model: tests/model/scan_model_test.cc. Go: proc.go (castogscanstatus)

#include "parkour/runtime/scavenge.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/traceback.h"
#include "parkour/runtime/tracer.h"

namespace parkour::runtime {

base::Mutex scavenge_mu{base::LockRank::kScavenge};

namespace {

// Pages that one look asks the kernel about: 1 KiB of answers on the stack.
constexpr size_t kWindow = 1024;
// What ends a step early: freeing pages takes the kernel longer than all else.
constexpr uint64_t kEnoughBytes = uint64_t{1} << 20;

base::Atomic<uint64_t> turns{0};
base::Atomic<uint64_t> freed_stacks{0};
base::Atomic<uint64_t> trimmed_stacks{0};
base::Atomic<uint64_t> released_bytes{0};
base::Atomic<uint64_t> near_overflows{0};
base::Atomic<int64_t> busy_ns{0};

// Creation sites that were warned of.
constexpr size_t kMaxWarned = 64;
uintptr_t warned[kMaxWarned] ABSL_GUARDED_BY(scavenge_mu);
size_t nwarned ABSL_GUARDED_BY(scavenge_mu) = 0;
// To be logged when no lock is held: a user's logger may do anything.
// Never destroyed, for sysmon runs while the process ends; made at the first
// use, which may come before this file's own.
std::string& Warning() ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu) {
  static std::string& text = *new std::string;
  return text;
}

// The lowest page of [lo, hi) that has memory (hi: none has), and how many.
struct Residency {
  uintptr_t lowest;
  size_t pages;
  bool known = true;  // false: the kernel does not tell
};

Residency Look(uintptr_t lo, uintptr_t hi) {
  Residency found{hi, 0};
  unsigned char present[kWindow];
  for (uintptr_t at = lo; at < hi; at += kWindow * kPageSize) {
    const uintptr_t end = std::min<uintptr_t>(hi, at + kWindow * kPageSize);
    if (base::sys::Resident(reinterpret_cast<void*>(at), end - at, present) <
        0) {
      return {hi, 0, false};
    }
    const size_t n = (end - at + kPageSize - 1) / kPageSize;
    for (size_t i = 0; i < n; ++i) {
      if ((present[i] & 1) == 0) continue;
      if (found.pages++ == 0) found.lowest = at + i * kPageSize;
    }
  }
  return found;
}

bool release(uintptr_t lo, uintptr_t hi, size_t pages) {
  if (base::sys::Discard(reinterpret_cast<void*>(lo), hi - lo) != 0) {
    return false;  // locked into memory, for example
  }
  released_bytes.fetch_add(pages * kPageSize, base::kRelaxed);
  return true;
}

bool firstWarning(uintptr_t created_at)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu) {
  for (size_t i = 0; i < nwarned; ++i) {
    if (warned[i] == created_at) return false;
  }
  if (nwarned == kMaxWarned) return false;
  warned[nwarned++] = created_at;
  return true;
}

// Remembers how deep gp went; warns if that was near the guard.
void noteDepth(G* gp, size_t used) ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu) {
  if (used <= gp->stack_peak.load(base::kRelaxed)) return;
  gp->stack_peak.store(static_cast<uint32_t>(used), base::kRelaxed);
  if (!NearOverflow(gp, used)) return;
  near_overflows.fetch_add(1, base::kRelaxed);
  const uintptr_t created_at = gp->gopc.load(base::kRelaxed);
  if (!Warning().empty() || !firstWarning(created_at)) return;
  Warning() = absl::StrCat(
      "goroutine ", gp->goid.load(base::kRelaxed), ", created by ",
      FunctionName(created_at), ", or an earlier one on its stack, used ", used,
      " of ", gp->stack_hi - gp->stack_lo,
      " bytes of stack: give it more with GoOptions::stack_size");
}

// It has not run since it was trimmed. Sure only if the clock has moved on in
// between, as it has between rounds.
bool nothingNew(const G* gp, int64_t parked_before) {
  return gp->waitsince.load(base::kRelaxed) == gp->trimmed &&
         parked_before != kEverybody;
}

void trim(G* gp, int64_t parked_before)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu) {
  const int64_t since = gp->waitsince.load(base::kRelaxed);
  if (since > parked_before || nothingNew(gp, parked_before)) return;
  if (!beginScan(gp)) return;
  gp->trimmed = since;
  const uintptr_t sp = reinterpret_cast<uintptr_t>(gp->sched.sp);
  // Elsewhere: it parked on a stack of its own, a coroutine's, say.
  if (sp >= gp->stack_lo && sp < gp->stack_hi) {
    const uintptr_t keep = sp & -kPageSize;
    const Residency below = Look(gp->stack_lo, keep);
    const uintptr_t lo = below.known ? below.lowest : gp->stack_lo;
    if (lo < keep && release(lo, keep, below.pages)) {
      trimmed_stacks.fetch_add(1, base::kRelaxed);
    }
  }
  endScan(gp);
}

// A live goroutine's stack: what it has used, and what it can do without.
void lookAt(G* gp, int64_t parked_before)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu) {
  const GStatus status = readgstatus(gp);
  if (status == kGidle || status == kGdead) return;
  if (status == kGwaiting && nothingNew(gp, parked_before)) return;
  noteDepth(gp, MeasureStack(gp).used);
  if (status == kGwaiting) trim(gp, parked_before);
}

// All of a dead goroutine's slot but the guard. False, and the stack is as
// before, if the system does not take it.
bool freeOne(G* gp) ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu) {
  if (gp->is_newborn) {
    released_bytes.fetch_add(newborncold(gp), base::kRelaxed);
    return true;
  }
  const uintptr_t lo = gp->stack_lo;
  const uintptr_t hi = gp->slot_lo + gp->slot_size;
  const bool guarded = gp->guarded;
  const Residency all = Look(lo, hi);
  if (all.lowest < gp->stack_hi) noteDepth(gp, gp->stack_hi - all.lowest);
  Gobuf context = gp->sched;
  if (!release(lo, hi, all.pages)) return false;
  gobufDestroy(&context);
  freed_stacks.fetch_add(1, base::kRelaxed);
  Slab* const slab = SlabOf(lo);
  base::MutexLock lock(&stacks_mu);
  stackcold(slab, (lo - slab->base) / slab->slot_size, guarded);
  return true;
}

G* takeExpired() {
  base::MutexLock lock(&stacks_mu);
  // Stacks first: they are more.
  for (int i = kStackClasses - 1; i >= 0; --i) {
    if (G* gp = stack_classes[i].expired.Pop()) return gp;
  }
  return nullptr;
}

}  // namespace

bool beginScan(G* gp) {
  uint32_t expected = kGwaiting;
  return gp->atomicstatus.compare_exchange_strong(
      expected, kGwaiting | kGscan, base::kAcqRel, base::kRelaxed);
}

// Waiting+scan back to waiting, or, if it was woken meanwhile, into a queue.
void endScan(G* gp) {
  uint32_t expected = kGwaiting | kGscan;
  if (gp->atomicstatus.compare_exchange_strong(expected, kGwaiting,
                                               base::kAcqRel, base::kAcquire)) {
    return;
  }
  PARKOUR_CHECK(expected == (kGrunnable | kGscan));
  // Ours alone: its waker has gone.
  gp->atomicstatus.store(kGwaiting, base::kRelaxed);
  GQueue woken;
  woken.PushBack(gp);
  injectglist(&woken);
}

std::string scavengeWarning() {
  if (Warning().empty() && guards_off_unsaid.exchange(false)) {
    return kGuardsOff;
  }
  return std::exchange(Warning(), std::string());
}

bool wakegHeld(G* gp) {
  for (;;) {
    uint32_t status = kGwaiting | kGscan;
    if (gp->atomicstatus.compare_exchange_strong(
            status, kGrunnable | kGscan, base::kAcqRel, base::kRelaxed)) {
      return false;
    }
    if (status != kGwaiting) badgstatus(gp, kGwaiting, kGrunnable);
    if (gp->atomicstatus.compare_exchange_strong(
            status, kGrunnable, base::kAcqRel, base::kRelaxed)) {
      return true;
    }
  }
}

StackDepth MeasureStack(const G* gp) {
  const Residency all = Look(gp->stack_lo, gp->slot_lo + gp->slot_size);
  const size_t used = all.lowest < gp->stack_hi ? gp->stack_hi - all.lowest : 0;
  return {std::max<size_t>(used, gp->stack_peak.load(base::kRelaxed)),
          all.pages * kPageSize};
}

void scavengeTurn() {
  turns.fetch_add(1, base::kRelaxed);
  GList idle;
  {
    base::MutexLockAlive lock(&sched.lock);
    for (P* p = sched.pidle; p != nullptr; p = p->link) {
      while (G* gp = p->gfree.Pop()) idle.Push(gp);
      while (G* gp = p->newborns.Pop()) idle.Push(gp);
    }
  }
  stackgive(&idle);
  base::MutexLock lock(&stacks_mu);
  for (StackClass& c : stack_classes) {
    if (!c.expired.empty()) continue;  // the last turn is not done
    std::swap(c.expired, c.cool);
    std::swap(c.cool, c.hot);
  }
}

bool scavengeFree(size_t n) {
  const uint64_t enough = released_bytes.load(base::kRelaxed) + kEnoughBytes;
  for (; n > 0 && released_bytes.load(base::kRelaxed) < enough; --n) {
    G* const gp = takeExpired();
    if (gp == nullptr) return false;
    if (!freeOne(gp)) stackfree(gp);
  }
  return true;
}

bool scavengePoller(size_t n) {
  const size_t bytes = netpoller()->Scavenge(turns.load(base::kRelaxed), n);
  released_bytes.fetch_add(bytes, base::kRelaxed);
  return bytes > 0;
}

bool scavengeParked(StackCursor* at, size_t n, int64_t parked_before) {
  const uint64_t enough = released_bytes.load(base::kRelaxed) + kEnoughBytes;
  for (; n > 0 && at->slab < nslabs.load(base::kAcquire) &&
         released_bytes.load(base::kRelaxed) < enough;
       --n) {
    const Slab* const slab = slabs[at->slab].load(base::kAcquire);
    if (holdsNewborns(slab)) {
      *at = {at->slab + 1, 0};
      continue;
    }
    if (slab->state[at->slot].load(base::kAcquire) == SlotState::kMade) {
      lookAt(SlotG(slab, at->slot), parked_before);
    }
    if (++at->slot == slab->slots) *at = {at->slab + 1, 0};
  }
  return at->slab < nslabs.load(base::kAcquire);
}

ScavengeCounts ReadScavengeCounts() {
  return {.turns = turns.load(base::kRelaxed),
          .freed_stacks = freed_stacks.load(base::kRelaxed),
          .trimmed_stacks = trimmed_stacks.load(base::kRelaxed),
          .released_bytes = released_bytes.load(base::kRelaxed),
          .near_overflows = near_overflows.load(base::kRelaxed),
          .busy_ns = busy_ns.load(base::kRelaxed)};
}

void CountScavengerTime(int64_t ns) { busy_ns.fetch_add(ns, base::kRelaxed); }

}  // namespace parkour::runtime
