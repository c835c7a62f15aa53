// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// hchan_ops.h: one operation on a locked channel, without waiting; what a plain
// operation and a select have in common.
//
// Requires: the channel's lock is held. The waiter in *woken, if any, must be
//           given to wakeWaiter once no channel is locked.

#ifndef PARKOUR_CHAN_HCHAN_OPS_H_
#define PARKOUR_CHAN_HCHAN_OPS_H_

#include "parkour/chan/hchan.h"

namespace parkour::internal {

enum class OpResult { kDone, kClosed, kWouldBlock };

// Sends by moving from *elem. kClosed: the caller panics after unlocking.
OpResult trySendLocked(Hchan* c, void* elem, runtime::Sudog** woken);

// Makes *elem, raw storage, of the value received (kDone).
OpResult tryRecvLocked(Hchan* c, void* elem, runtime::Sudog** woken);

// Once the lock is free others may go on and drop the last handle: the channel
// may be gone, but its memory is a channel's still (hchan_pool.h).
inline void unlockChan(Hchan* c) ABSL_UNLOCK_FUNCTION(c->lock) {
  if (kStableChannels) {
    c->lock.UnlockAlive();
  } else {
    c->lock.Unlock();
  }
}

// The waiter is out of its queue and complete: it may go on.
void wakeWaiter(runtime::Sudog* s, bool success);

}  // namespace parkour::internal

#endif  // PARKOUR_CHAN_HCHAN_OPS_H_
