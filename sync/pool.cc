// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Each P has a Local; a P's goroutines use no other as long as it has
// something, so its lock is nearly always free. Plain threads, and Ps beyond
// those there were at the first call, share Locals with others, which is
// slower, not wrong.
//
// Go's Local is a lock-free deque whose owner is pinned to the P. Rejected for
// now: it saves two uncontended atomic operations per call, and costs a
// structure that needs a model of its own.
//
// Go: src/sync/pool.go

#include "parkour/sync/pool.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "parkour/base/clock.h"
#include "parkour/base/lock.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"

namespace parkour::sync::internal {
namespace {

// How many Puts go to a Local between two looks at the clock.
constexpr uint32_t kPutsPerLook = 256;

}  // namespace

struct alignas(128) PoolCore::Local {
  base::Mutex mu{base::LockRank::kLeaf};
  // What was put since the last Trim: the first one, and the others.
  void* slot ABSL_GUARDED_BY(mu) = nullptr;
  std::vector<void*> shared ABSL_GUARDED_BY(mu);
  // What was there at the last Trim already.
  std::vector<void*> victims ABSL_GUARDED_BY(mu);
  uint32_t puts ABSL_GUARDED_BY(mu) = 0;

  // Hints for those who pass by: how many there are in slot and shared, and in
  // victims. Writers hold mu.
  base::Atomic<size_t> items{0};
  base::Atomic<size_t> old_items{0};

  // Returns whether it is time for a look at the clock.
  bool Put(void* item) {
    base::MutexLock lock(&mu);
    if (slot == nullptr) {
      slot = item;
    } else {
      shared.push_back(item);
    }
    items.store(items.load(base::kRelaxed) + 1, base::kRelaxed);
    return ++puts % kPutsPerLook == 0;
  }

  // The owner takes the slot first, others leave it for last.
  void* Take(bool own) {
    if (items.load(base::kRelaxed) == 0) return nullptr;
    base::MutexLock lock(&mu);
    void* item = nullptr;
    if (slot != nullptr && (own || shared.empty())) {
      item = std::exchange(slot, nullptr);
    } else if (!shared.empty()) {
      item = shared.back();
      shared.pop_back();
    }
    if (item != nullptr) {
      items.store(items.load(base::kRelaxed) - 1, base::kRelaxed);
    }
    return item;
  }

  void* TakeVictim() {
    if (old_items.load(base::kRelaxed) == 0) return nullptr;
    base::MutexLock lock(&mu);
    if (victims.empty()) return nullptr;
    void* const item = victims.back();
    victims.pop_back();
    old_items.store(victims.size(), base::kRelaxed);
    return item;
  }

  // Makes what there is victims; returns those that were.
  std::vector<void*> Age() {
    base::MutexLock lock(&mu);
    if (slot != nullptr) shared.push_back(std::exchange(slot, nullptr));
    std::vector<void*> doomed = std::exchange(victims, std::move(shared));
    shared = {};
    items.store(0, base::kRelaxed);
    old_items.store(victims.size(), base::kRelaxed);
    return doomed;
  }
};

struct PoolCore::Locals {
  explicit Locals(size_t n) : all(n) {}

  // The caller's own. REQUIRES: inside a RuntimeScope.
  size_t Home() const {
    const runtime::M* const m = runtime::getm();
    if (m->p != nullptr) return static_cast<size_t>(m->p->id) % all.size();
    return reinterpret_cast<uintptr_t>(m) / sizeof(*m) % all.size();
  }

  std::vector<Local> all;
};

PoolCore::~PoolCore() {
  Trim();
  Trim();
  delete locals_.load(base::kAcquire);
}

// REQUIRES: inside a RuntimeScope, so that the runtime has started.
PoolCore::Locals* PoolCore::GetLocals() {
  Locals* locals = locals_.load(base::kAcquire);
  if (locals != nullptr) return locals;
  const int n = std::max(runtime::sched.gomaxprocs.load(), runtime::NumCPU());
  auto* const made = new Locals(static_cast<size_t>(std::max(n, 1)));
  if (locals_.compare_exchange_strong(locals, made, base::kAcqRel)) return made;
  delete made;
  return locals;
}

void PoolCore::Put(void* item) {
  bool look;
  {
    runtime::RuntimeScope in;
    Locals* const locals = GetLocals();
    look = locals->all[locals->Home()].Put(item);
  }
  if (look) MaybeTrim();
}

void* PoolCore::Get() {
  runtime::RuntimeScope in;
  Locals* const locals = GetLocals();
  std::vector<Local>& all = locals->all;
  const size_t home = locals->Home();
  for (size_t i = 0; i < all.size(); ++i) {
    void* item = all[(home + i) % all.size()].Take(/*own=*/i == 0);
    if (item != nullptr) return item;
  }
  for (size_t i = 0; i < all.size(); ++i) {
    void* item = all[(home + i) % all.size()].TakeVictim();
    if (item != nullptr) return item;
  }
  return nullptr;
}

// The destructors are the user's: they run outside of everything.
void PoolCore::Trim() {
  Locals* const locals = locals_.load(base::kAcquire);
  if (locals == nullptr) return;
  for (Local& local : locals->all) {
    for (void* item : local.Age()) destroy_(item);
  }
}

void PoolCore::MaybeTrim() {
  const int64_t now = base::nanotime();
  int64_t last = last_trim_.load(base::kRelaxed);
  const int64_t interval = trim_interval_.load(base::kRelaxed);
  if (last != 0 && now - last < interval) return;
  // One of those who come at the same time; the first look of all only starts
  // the clock.
  if (!last_trim_.compare_exchange_strong(last, now, base::kRelaxed)) return;
  if (last != 0) Trim();
}

}  // namespace parkour::sync::internal
