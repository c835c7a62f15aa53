// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// once.h: something that happens exactly once, however many ask for it.
//
//   sync::Once once;
//   once.Do([&] { table = LoadTable(); });      // others wait until it is done
//
//   auto config = sync::OnceValue([&] { return ReadConfig(); });
//   Use(config());        // reads it
//   Use(config());        // the same object
//
// Once::Do runs the function of the first call; an exception passes to that
// caller, and the Once is done all the same. OnceFunc, OnceValue and OnceValues
// wrap one function instead; if it throws, every call throws that exception.
//
// Requires:   f must not call the same Once: it would wait for itself.
// Guarantees: no Do returns before the one run of f has ended. The functions
//             that OnceFunc and OnceValue return may be copied; copies share
//             the one run. f is destroyed after its run, with what it holds.
// Memory:     the end of f happens before any Do returns.
// Blocking:   parks while another runs f; otherwise as f itself.
// See:        Go: src/sync/once.go, src/sync/oncefunc.go

#ifndef PARKOUR_SYNC_ONCE_H_
#define PARKOUR_SYNC_ONCE_H_

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "parkour/base/atomic.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"

namespace parkour::sync {

class Once {
 public:
  constexpr Once() = default;
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  // Runs f if this is the first Do of this Once; otherwise returns when that
  // first f has ended.
  template <typename F>
  void Do(F&& f) {
    // Not "exchange done_, then run": the loser would return before f's end.
    if (!done_.load(base::kAcquire)) DoSlow(std::forward<F>(f));
  }

 private:
  template <typename F>
  void DoSlow(F&& f) {
    MutexLock lock(&mu_);
    if (done_.load(base::kRelaxed)) return;
    // Also when f throws, or ends its goroutine by Goexit.
    struct Finally {
      base::Atomic<bool>* done;
      ~Finally() { done->store(true, base::kRelease); }
    } finally{&done_};
    std::invoke(std::forward<F>(f));
  }

  base::Atomic<bool> done_{false};  // writers hold mu_
  Mutex mu_;
};

namespace internal {

// What the copies of one OnceFunc or OnceValue share.
template <typename F>
class OnceState {
 public:
  using R = std::invoke_result_t<F>;
  // A reference is kept as a pointer, "no value" as a bool.
  using Stored = std::conditional_t<
      std::is_void_v<R>, bool,
      std::conditional_t<std::is_reference_v<R>,
                         std::add_pointer_t<std::remove_reference_t<R>>,
                         std::remove_cv_t<R>>>;

  explicit OnceState(F f) : f_(std::move(f)) {}

  const Stored& Get() {
    bool first = false;
    once_.Do([&] {
      first = true;
      Run();
    });
    // Not within once_: what f holds may use this very function.
    if (first) f_.reset();
    if (error_ != nullptr) std::rethrow_exception(error_);
    return *value_;
  }

 private:
  void Run() {
    try {
      if constexpr (std::is_void_v<R>) {
        std::invoke(*std::move(f_));
        value_.emplace(true);
      } else if constexpr (std::is_reference_v<R>) {
        R result = std::invoke(*std::move(f_));
        value_.emplace(std::addressof(result));
      } else {
        value_.emplace(std::invoke(*std::move(f_)));
      }
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  Once once_;
  // Written under once_, constant from then on.
  std::optional<F> f_;
  std::optional<Stored> value_;
  std::exception_ptr error_;
};

}  // namespace internal

// A function that runs f at its first call and nothing later.
template <typename F>
auto OnceFunc(F f) {
  return [state = std::make_shared<internal::OnceState<F>>(std::move(f))] {
    state->Get();
  };
}

// A function that returns what f returned at the first call: by const
// reference, which holds as long as a copy of the function does (if f returns a
// reference, that very reference).
template <typename F>
auto OnceValue(F f) {
  using State = internal::OnceState<F>;
  return [state = std::make_shared<State>(std::move(f))]() -> decltype(auto) {
    if constexpr (std::is_reference_v<typename State::R>) {
      return static_cast<typename State::R>(*state->Get());
    } else {
      return state->Get();
    }
  };
}

// Go's name for an f that returns several values, here a pair or a tuple:
//   auto parsed = sync::OnceValues([&] { return std::pair(Parse(a), ok); });
//   auto [value, ok] = parsed();
template <typename F>
auto OnceValues(F f) {
  return OnceValue(std::move(f));
}

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_ONCE_H_
