// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// semaphore.h: a weighted semaphore: a number of units of something, taken and
// given back by the handful.
//
//   sync::Semaphore memory(64 << 20);
//   memory.Acquire(size);                       // waits for its turn
//   absl::Cleanup give_back = [&] { memory.Release(size); };
//
//   absl::Status err = memory.Acquire(ctx, size);  // or for the context's end
//   if (!err.ok()) return err;                     // nothing was taken
//
// Guarantees: those that wait are served in their order, a large request
//             included: no later one, however small, overtakes it. One that is
//             larger than the whole waits for ever and is in nobody's way. May
//             be destroyed as soon as all calls but a Release's have returned.
// Memory:     a Release happens before the Acquire that it lets return.
// Blocking:   Acquire parks the goroutine (a plain thread sleeps).
// Misuse:     "panic: semaphore: released more than held".
// See:        Go: golang.org/x/sync/semaphore

#ifndef PARKOUR_SYNC_SEMAPHORE_H_
#define PARKOUR_SYNC_SEMAPHORE_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "parkour/base/lock.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
struct G;
}  // namespace parkour::runtime

namespace parkour::sync {

class Semaphore {
 public:
  class Request;

  explicit constexpr Semaphore(int64_t size) : size_(size) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  // Takes n units; returns when it has them. REQUIRES: n >= 0.
  void Acquire(int64_t n = 1);

  // As Acquire, but gives up when the context is cancelled: its error then, and
  // nothing is taken.
  template <typename Context>
  requires requires(const Context& ctx) { ctx.Done(); }
  absl::Status Acquire(const Context& ctx, int64_t n = 1);

  // Takes n units if they are free and nobody waits.
  bool TryAcquire(int64_t n = 1);

  // Gives n units back.
  void Release(int64_t n = 1);

 private:
  // Grants what can be granted, from the head of the queue; returns the parked
  // goroutines to be readied, as a list by Request::next_.
  Request* GrantLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  static void ReadyAll(Request* list);

  const int64_t size_;
  // Ranked below the scheduler's: it is held until the switch to another
  // goroutine is over.
  base::Mutex mu_{base::LockRank::kSema};
  int64_t held_ ABSL_GUARDED_BY(mu_) = 0;
  Request* head_ ABSL_GUARDED_BY(mu_) = nullptr;
  Request* tail_ ABSL_GUARDED_BY(mu_) = nullptr;
};

// A place in the queue that can be given up: what an Acquire with a context, or
// with a time limit, is made of.
//
//   sync::Semaphore::Request request(&semaphore, n);
//   ... somebody may call request.Cancel() ...
//   if (request.Wait()) { ...; semaphore.Release(n); }
//
// State      meaning                             becomes
// waiting    in the queue, or larger than the    granted by a Release,
//            whole and in none                   cancelled by Cancel
// granted    the units are its owner's           -
// cancelled  it has nothing                      -
//
// Lifetime: the owner destroys it after Wait has returned and every Cancel too.
class Semaphore::Request {
 public:
  // Takes the units if it can, or else queues up; does not park.
  Request(Semaphore* semaphore, int64_t n);
  ~Request();
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Parks until the request is granted (true) or cancelled (false).
  // REQUIRES: one caller.
  bool Wait();

  // Gives up waiting; no effect once granted. From any goroutine or thread.
  void Cancel();

 private:
  friend class Semaphore;
  enum class State { kWaiting, kGranted, kCancelled };

  Semaphore* const s_;
  const int64_t n_;
  // Guarded by s_->mu_; constant once not kWaiting.
  State state_ = State::kWaiting;
  bool queued_ = false;           // guarded by s_->mu_
  runtime::G* parked_ = nullptr;  // guarded by s_->mu_
  Request* prev_ = nullptr;       // guarded by s_->mu_
  Request* next_ = nullptr;       // guarded by s_->mu_, then the granter's
};

// A template because this room lies below room context: AfterFunc is found with
// the argument.
template <typename Context>
requires requires(const Context& ctx) { ctx.Done(); }
absl::Status Semaphore::Acquire(const Context& ctx, int64_t n) {
  if (absl::Status err = ctx.Err(); !err.ok()) return err;
  if (TryAcquire(n)) return absl::OkStatus();
  Request request(this, n);
  WaitGroup cancelled;
  cancelled.Add(1);
  const auto stop = AfterFunc(ctx, [&] {
    request.Cancel();
    cancelled.Done();
  });
  const bool granted = request.Wait();
  if (!stop()) cancelled.Wait();
  const absl::Status err = ctx.Err();
  // Both at once: the cancellation has precedence.
  if (granted && !err.ok()) Release(n);
  return err;
}

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_SEMAPHORE_H_
