// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// history.h: what the goroutines of a program did, and when: operations with
// the moments of their call and of their return.
//
//   Recorder recorder(clients);
//   // in client 3:
//   const int64_t call = recorder.Now();
//   std::optional<int> v = ch.Recv();
//   recorder.Add(3, {.kind = kRecv, .result = v ? *v : kClosed}, call);
//   // when all are done:
//   History history = recorder.Take();
//
// Guarantees: if one operation returned before another was called, its `ret` is
//             less than the other's `call`.
// Blocking:   nothing here blocks. Each client adds only its own.

#ifndef PARKOUR_TESTS_HISTORIES_HISTORY_H_
#define PARKOUR_TESTS_HISTORIES_HISTORY_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "parkour/base/atomic.h"

namespace parkour::tests {

struct Op {
  int kind = 0;        // the specification's
  int object = 0;      // of several, which
  int64_t arg = 0;     // what was given
  int64_t result = 0;  // what came back
  int client = 0;
  int64_t call = 0;  // the moments, all different
  int64_t ret = 0;
};

// Whether some moment belongs to both.
inline bool Overlap(const Op& a, const Op& b) {
  return a.call < b.ret && b.call < a.ret;
}

using History = std::vector<Op>;

class Recorder {
 public:
  explicit Recorder(int clients) : logs_(clients) {}

  // A moment. One counter for all, sequentially consistent: whatever happened
  // before one Now, in real time, has smaller numbers than what happens after
  // it.
  int64_t Now() { return clock_.fetch_add(1, base::kSeqCst); }

  // Adds an operation that was called at `call` and has returned just now.
  void Add(int client, Op op, int64_t call) {
    op.client = client;
    op.call = call;
    op.ret = Now();
    logs_[client].push_back(op);
  }

  // All operations in the order of their calls. When no client runs any more.
  History Take() {
    History all;
    for (const History& log : logs_) {
      all.insert(all.end(), log.begin(), log.end());
    }
    std::sort(all.begin(), all.end(),
              [](const Op& a, const Op& b) { return a.call < b.call; });
    return all;
  }

 private:
  base::Atomic<int64_t> clock_{1};
  std::vector<History> logs_;  // by client
};

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_HISTORIES_HISTORY_H_
