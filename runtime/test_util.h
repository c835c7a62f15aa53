// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// test_util.h: what the tests of several rooms share.
//
// Blocking: everything here may be called from goroutines and plain threads.

#ifndef PARKOUR_RUNTIME_TEST_UTIL_H_
#define PARKOUR_RUNTIME_TEST_UTIL_H_

#include <cstdint>
#include <utility>

#include "parkour/base/clock.h"
#include "parkour/base/sanitizer.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/go.h"

namespace parkour::runtime::testing {

inline constexpr int64_t kMs = 1000000;
inline constexpr int64_t kSecond = 1000 * kMs;

// How often to repeat what takes `n` rounds at full speed.
constexpr int Scaled(int n) {
  const int scaled = PARKOUR_TSAN || PARKOUR_ASAN ? n / 20 : n;
  return scaled > 0 ? scaled : 1;
}

// Runs f in a goroutine and returns when it has ended, also by Goexit.
template <typename F>
void RunInGoroutine(F&& f) {
  base::Note done;
  struct Finally {
    base::Note* note;
    ~Finally() { note->Wakeup(); }
  };
  go([&f, &done] {
    Finally finally{&done};
    f();
  });
  done.Sleep();
}

// For what has no event to wait on: lets others run until pred() holds. False
// after 30 s.
template <typename Pred>
bool Eventually(Pred pred) {
  const int64_t end = base::nanotime() + 30 * kSecond;
  while (!pred()) {
    if (base::nanotime() > end) return false;
    Gosched();
  }
  return true;
}

// A goroutine signals its last act before it is dead; waits for the rest.
inline bool GoroutinesBackTo(int64_t n) {
  return Eventually([n] { return NumGoroutine() <= n; });
}

// Sets GOMAXPROCS, and back at the end of the scope.
class ProcsScope {
 public:
  explicit ProcsScope(int n) : old_(GOMAXPROCS(n)) {}
  ~ProcsScope() { GOMAXPROCS(old_); }
  ProcsScope(const ProcsScope&) = delete;
  ProcsScope& operator=(const ProcsScope&) = delete;

 private:
  const int old_;
};

}  // namespace parkour::runtime::testing

#endif  // PARKOUR_RUNTIME_TEST_UTIL_H_
