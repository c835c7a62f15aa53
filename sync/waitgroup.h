// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// waitgroup.h: waits for a number of goroutines to finish.
//
//   sync::WaitGroup wg;
//   for (auto& job : jobs) wg.Go([&job] { job.Run(); });
//   wg.Wait();
//
// Guarantees: may be destroyed as soon as Wait has returned.
// Memory:     a Done happens before the Wait that it lets return.
// Blocking:   Wait parks the goroutine (a plain thread sleeps).
// Misuse:     panics in Go's words: "sync: negative WaitGroup counter",
//             "sync: WaitGroup misuse: Add called concurrently with Wait",
//             "sync: WaitGroup is reused before previous Wait has returned".
// See:        Go: src/sync/waitgroup.go

#ifndef PARKOUR_SYNC_WAITGROUP_H_
#define PARKOUR_SYNC_WAITGROUP_H_

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "parkour/base/atomic.h"
#include "parkour/runtime/go.h"

namespace parkour::sync {

class WaitGroup {
 public:
  constexpr WaitGroup() = default;
  WaitGroup(const WaitGroup&) = delete;
  WaitGroup& operator=(const WaitGroup&) = delete;

  // Adds delta, which may be negative, to the counter. When the counter gets to
  // zero all that wait go on. A positive Add that may find the counter at zero
  // must happen before Wait.
  void Add(int delta);

  void Done() { Add(-1); }

  // Returns when the counter is zero.
  void Wait();

  // Runs f(args...) in a goroutine that counts. The WaitGroup must outlive it.
  // f and args, with what they hold, are destroyed before it counts as done.
  template <typename F, typename... Args>
  void Go(F&& f, Args&&... args) {
    Add(1);
    // Copying f may throw: then nothing was started.
    struct Undo {
      WaitGroup* wg;
      ~Undo() {
        if (wg != nullptr) wg->Done();
      }
    } undo{this};
    parkour::go(
        [this](auto&& fn, auto&&... a) {
          struct Finally {
            WaitGroup* wg;
            ~Finally() { wg->Done(); }
          } finally{this};
          // Temporaries, so that what they hold is gone before Done, too.
          std::invoke(std::decay_t<decltype(fn)>(std::move(fn)),
                      std::decay_t<decltype(a)>(std::move(a))...);
        },
        std::forward<F>(f), std::forward<Args>(args)...);
    undo.wg = nullptr;
  }

 private:
  // The counter in the upper half, the number of waiters in the lower.
  base::Atomic<uint64_t> state_{0};
  base::Atomic<uint32_t> sema_{0};
};

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_WAITGROUP_H_
