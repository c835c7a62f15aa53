// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// fake_clock.h: hours pass while nobody has anything to do.
//
//   PARKOUR_TEST(Cache, ForgetsAfterAnHour) {
//     test::FakeClock clock;
//     Cache cache;
//     cache.Put("key", "value");
//     time::Sleep(absl::Minutes(59));    // takes no time
//     EXPECT_TRUE(cache.Get("key"));
//     time::Sleep(absl::Minutes(2));
//     EXPECT_FALSE(cache.Get("key"));
//   }
//
// While there is a FakeClock time runs as always, and besides, whenever every
// goroutine of the process waits for another one or for time itself, the time
// until the first timer is skipped: Sleep, timers, tickers, deadlines of
// contexts and connections all see it. Go's synctest does the same, for some
// goroutines and with a clock that otherwise stands.
//
// A goroutine that waits for the network, is in runtime::Blocking or computes
// keeps time from being skipped: test with net::Pipe instead of sockets. Plain
// threads do not: let the test be a goroutine, and the threads wait.
//
// absl::Now() is not moved. A deadline made with it means what it says at the
// moment when it is set: SetDeadline(absl::Now() + d) is d from now.
//
// Requires: one at a time. time::Sleep in a plain thread really sleeps.
// Blocking: Settle parks; the destructor waits for a thread that looks.
// See:      Go: testing/synctest

#ifndef PARKOUR_TESTING_FAKE_CLOCK_H_
#define PARKOUR_TESTING_FAKE_CLOCK_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/base/thread.h"
#include "parkour/chan/chan.h"

namespace parkour::test {

class FakeClock {
 public:
  FakeClock();
  ~FakeClock();
  FakeClock(const FakeClock&) = delete;
  FakeClock& operator=(const FakeClock&) = delete;

  // How much time was skipped so far.
  absl::Duration Skipped() const;

  // How much time has passed for goroutines since the constructor: what was
  // skipped and what it took.
  absl::Duration Elapsed() const;

  // Returns when all other goroutines wait for something that only this one, or
  // time, can bring about; no time is skipped meanwhile. Go: synctest.Wait.
  void Settle() const;

 private:
  static void Watch(void* clock);
  void Look();

  const int64_t start_;
  base::Atomic<int64_t> skipped_{0};
  base::Atomic<bool> stop_{false};
  base::Note stopped_;
  mutable base::Mutex mu_{base::LockRank::kLeaf};
  mutable std::vector<Chan<Unit>> settling_ ABSL_GUARDED_BY(mu_);
  // How many they are, to be read with the world stopped.
  mutable base::Atomic<int32_t> holders_{0};
};

}  // namespace parkour::test

#endif  // PARKOUR_TESTING_FAKE_CLOCK_H_
