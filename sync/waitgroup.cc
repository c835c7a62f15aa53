// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/waitgroup.h"

#include "parkour/base/check.h"
#include "parkour/runtime/sema.h"

namespace parkour::sync {

// Dance: counter and waiters share one word, so exactly one Add takes the
// counter to zero with waiters present; it clears the word and releases the
// semaphore once for each. From that clearing on it touches only the semaphore,
// whose table outlives the WaitGroup: the first waiter may already destroy it.
void WaitGroup::Add(int delta) {
  const uint64_t added = static_cast<uint64_t>(static_cast<int64_t>(delta))
                         << 32;
  const uint64_t state = state_.fetch_add(added, base::kSeqCst) + added;
  const auto counter = static_cast<int32_t>(state >> 32);
  const auto waiters = static_cast<uint32_t>(state);
  if (counter < 0) base::Panic("sync: negative WaitGroup counter");
  if (waiters != 0 && delta > 0 && counter == delta) {
    base::Panic("sync: WaitGroup misuse: Add called concurrently with Wait");
  }
  if (counter > 0 || waiters == 0) return;
  // The counter is zero and waiters are parked or about to be: no Add may come
  // now, and no further waiter would count itself.
  if (state_.load(base::kSeqCst) != state) {
    base::Panic("sync: WaitGroup misuse: Add called concurrently with Wait");
  }
  state_.store(0, base::kSeqCst);
  for (uint32_t i = 0; i < waiters; ++i) runtime::semrelease(&sema_);
}

void WaitGroup::Wait() {
  uint64_t state = state_.load(base::kSeqCst);
  for (;;) {
    if (static_cast<int32_t>(state >> 32) == 0) return;
    if (!state_.compare_exchange_weak(state, state + 1, base::kSeqCst)) {
      continue;
    }
    runtime::semacquire(&sema_, runtime::WaitReason::kSyncWaitGroupWait,
                        /*lifo=*/false, {.object = this});
    if (state_.load(base::kSeqCst) != 0) {
      base::Panic(
          "sync: WaitGroup is reused before previous Wait has returned");
    }
    return;
  }
}

}  // namespace parkour::sync
