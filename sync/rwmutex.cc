// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// readers_    meaning
// n >= 0      n readers hold it; no writer
// n - max     a writer holds or waits, and n readers hold it or wait for it
//
// Dance (writer meets readers): the writer subtracts max from readers_ and
// learns in the same step how many hold it: r. Whoever of these leaves from now
// on sees a negative readers_ and counts departing_ down; who left before was
// not in r. departing_ may go below zero before the writer has added r to it:
// the one whose step makes it exactly zero, writer or last reader, knows that
// all are gone. Readers that come later see the negative count and wait on
// reader_sema_; the writer's Unlock adds max back, learns how many these are,
// and releases each. All steps are read-modify-writes of the two words, in one
// total order.
//
// Go: src/sync/rwmutex.go

#include "parkour/sync/rwmutex.h"

#include "parkour/base/check.h"
#include "parkour/runtime/sema.h"

namespace parkour::sync {

void RWMutex::RLockSlow() {
  runtime::semacquire(&reader_sema_, runtime::WaitReason::kSyncRWMutexRLock,
                      /*lifo=*/false, {this, &writer_});
}

bool RWMutex::TryRLock() {
  int32_t n = readers_.load(base::kRelaxed);
  while (n >= 0) {
    if (readers_.compare_exchange_weak(n, n + 1, base::kSeqCst,
                                       base::kRelaxed)) {
      return true;
    }
  }
  return false;
}

void RWMutex::RUnlockSlow(int32_t before) {
  if (before == 0 || before == -kMaxReaders) {
    base::Fatal("sync: RUnlock of unlocked RWMutex");
  }
  if (departing_.fetch_sub(1, base::kSeqCst) == 1) {
    runtime::semrelease(&writer_sema_);
  }
}

// The analysis cannot see that writers_ stays locked until Unlock.
void RWMutex::Take() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  writers_.Take(&writer_);
  const int32_t r = readers_.fetch_sub(kMaxReaders, base::kSeqCst);
  if (r != 0 && departing_.fetch_add(r, base::kSeqCst) + r != 0) {
    runtime::semacquire(&writer_sema_, runtime::WaitReason::kSyncRWMutexLock,
                        /*lifo=*/false, {.object = this});
  }
}

bool RWMutex::TryTake() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!writers_.TryTake()) return false;
  int32_t none = 0;
  if (readers_.compare_exchange_strong(none, -kMaxReaders, base::kSeqCst)) {
    return true;
  }
  writers_.Unlock();
  return false;
}

void RWMutex::Unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const int32_t waiting =
      readers_.fetch_add(kMaxReaders, base::kSeqCst) + kMaxReaders;
  if (waiting >= kMaxReaders) {
    base::Fatal("sync: Unlock of unlocked RWMutex");
  }
  for (int32_t i = 0; i < waiting; ++i) runtime::semrelease(&reader_sema_);
  writers_.Unlock();
}

}  // namespace parkour::sync
