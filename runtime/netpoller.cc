// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/netpoller.h"

#include "parkour/base/thread.h"

namespace parkour::runtime {
namespace {

// Waits for timers only. The word is 1 from Break until a blocking Poll has
// seen it; a Break before the wait is thus remembered.
class FutexPoller : public Netpoller {
 public:
  int32_t Poll(int64_t delay_ns, GQueue*) override {
    if (delay_ns == 0) return 0;
    if (broken_.load(base::kAcquire) == 0) {
      base::FutexWait(&broken_, 0, delay_ns);
    }
    broken_.store(0, base::kRelease);
    return 0;
  }

  size_t Scavenge(uint64_t, size_t) override { return 0; }

  void Break() override {
    if (broken_.exchange(1, base::kAcqRel) == 0) base::FutexWake(&broken_, 1);
  }

 private:
  base::Atomic<uint32_t> broken_{0};
};

Netpoller* installed = nullptr;

}  // namespace

base::Atomic<int32_t> netpollWaiters{0};

void SetNetpoller(Netpoller* poller) { installed = poller; }

Netpoller* netpoller() {
  static FutexPoller fallback;
  return installed != nullptr ? installed : &fallback;
}

}  // namespace parkour::runtime
