// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// queued.h: who waits on a channel, for tests that must know that somebody has
// parked before they go on.

#ifndef PARKOUR_TESTS_CONFORMANCE_RUNTIME_QUEUED_H_
#define PARKOUR_TESTS_CONFORMANCE_RUNTIME_QUEUED_H_

#include "parkour/base/lock.h"
#include "parkour/chan/chan.h"

namespace parkour::tests {

inline int QueueLength(const internal::WaitQueue& q) {
  int n = 0;
  for (const runtime::Sudog* s = q.first; s != nullptr; s = s->next) ++n;
  return n;
}

template <typename T>
int ReceiversQueued(const Chan<T>& ch) {
  base::MutexLock lock(&ch.core()->lock);
  return QueueLength(ch.core()->recvq);
}

template <typename T>
int SendersQueued(const Chan<T>& ch) {
  base::MutexLock lock(&ch.core()->lock);
  return QueueLength(ch.core()->sendq);
}

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CONFORMANCE_RUNTIME_QUEUED_H_
