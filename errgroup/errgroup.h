// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// errgroup.h: goroutines that work on one task: wait for all, hear of the first
// error, cancel the rest.
//
//   auto [group, ctx] = errgroup::WithContext(parent);
//   group.SetLimit(10);
//   for (const std::string& url : urls) {
//     group.Go([url, ctx = ctx] { return Fetch(ctx, url); });
//   }
//   absl::Status first = group.Wait();
//
// A Group is a handle: copies are the same group. A default-constructed one is
// ready for use; it cancels nothing.
//
// Requires:   Go is not called at the same time as SetLimit, nor, while no
//             goroutine of the group runs, as Wait.
// Memory:     the end of each function happens before Wait returns.
// Blocking:   Wait parks, and Go while the limit is reached.
// Lifetime:   the goroutines keep the group; nobody has to wait.
// Misuse:     SetLimit while goroutines are active panics in Go's words. An
//             exception that escapes a function is a panic as in any goroutine.
// See:        Go: golang.org/x/sync/errgroup

#ifndef PARKOUR_ERRGROUP_ERRGROUP_H_
#define PARKOUR_ERRGROUP_ERRGROUP_H_

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "parkour/base/atomic.h"
#include "parkour/chan/chan.h"
#include "parkour/context/context.h"
#include "parkour/runtime/go.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::errgroup {

struct WithContextResult;

class Group {
 public:
  Group() : state_(std::make_shared<State>()) {}

  // Runs f, which returns an absl::Status, in a goroutine; waits first until
  // the number of the group's goroutines is below the limit. The first error
  // cancels the group's context, with that error as its cause.
  template <typename F>
  requires std::is_invocable_r_v<absl::Status, std::decay_t<F> &&> void Go(
      F&& f) const {
    const Chan<Unit> slots = state_->slots;
    if (slots) slots.Send(Unit());
    Run(slots, std::forward<F>(f));
  }

  // As Go, if it need not wait; otherwise false, and f will not run.
  template <typename F>
  requires std::is_invocable_r_v<absl::Status, std::decay_t<F> &&> bool TryGo(
      F&& f) const {
    const Chan<Unit> slots = state_->slots;
    if (slots && !slots.TrySend(Unit())) return false;
    Run(slots, std::forward<F>(f));
    return true;
  }

  // At most n goroutines at a time; n < 0: no limit, 0: Go waits forever.
  // REQUIRES: none of the group's goroutines is active.
  void SetLimit(int n) const;

  // Returns when all have finished, with the first error or OK. Cancels the
  // group's context.
  absl::Status Wait() const;

 private:
  friend WithContextResult WithContext(const context::Context& parent);

  struct State {
    sync::WaitGroup wg;
    Chan<Unit> slots;  // holds one per active goroutine; nil: no limit
    context::CancelCauseFunc cancel;  // constant once shared
    bool has_context = false;         // constant once shared
    base::Atomic<bool> failed{false};
    absl::Status err;  // written by whoever set `failed`, read after Wait

    void Fail(absl::Status error);
  };

  // What must happen at the end of a goroutine, also if it is a Goexit.
  struct Finally {
    State* state;
    Chan<Unit> slots;
    ~Finally() {
      if (state == nullptr) return;
      if (slots) slots.TryRecv();
      state->wg.Done();
    }
  };

  template <typename F>
  void Run(const Chan<Unit>& slots, F&& f) const {
    state_->wg.Add(1);
    Finally undo{state_.get(), slots};  // copying f may throw
    parkour::go(
        [state = state_, slots](auto&& fn) {
          const Finally finally{state.get(), slots};
          // A temporary, so that what it holds is gone before Wait returns.
          absl::Status err = std::decay_t<decltype(fn)>(std::move(fn))();
          if (!err.ok()) state->Fail(std::move(err));
        },
        std::forward<F>(f));
    undo.state = nullptr;
  }

  std::shared_ptr<State> state_;
};

// For structured bindings: auto [group, ctx] = ...
struct WithContextResult {
  Group group;
  context::Context ctx;
};

// A group, and a context derived from `parent` that is cancelled when a
// function of the group fails, and in any case when Wait returns.
[[nodiscard]] WithContextResult WithContext(const context::Context& parent);

}  // namespace parkour::errgroup

#endif  // PARKOUR_ERRGROUP_ERRGROUP_H_
