// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// flight.h: equal questions share one answer, and each of those who ask may
// stop waiting.
//
// sync::singleflight::Group is not enough: a caller of its Do cannot leave, and
// to leave from outside one must have been counted before. Here asking counts
// at once; the work is cancelled when the last of those who asked has left,
// and who asks after that starts anew.
//
// State of a Call   meaning                             becomes
// in calls_         under way; may be joined            finished, abandoned
// finished          value set, done closed              -
// abandoned         nobody waits, its context has been  -
//                   cancelled; its value is dropped
//
// Thread-safety: all methods.
// See:           Go: src/net/lookup.go (lookupIPAddr), internal/singleflight

#ifndef PARKOUR_NET_FLIGHT_H_
#define PARKOUR_NET_FLIGHT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/context/context.h"
#include "parkour/runtime/go.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"

namespace parkour::net {

template <typename V>
class Flights : public std::enable_shared_from_this<Flights<V>> {
 public:
  using Work = std::function<absl::StatusOr<V>(const context::Context&)>;

  // The result of work(), run in a goroutine of its own unless a call with this
  // key is under way; ctx's error if that ends before. The work's context has
  // the values of the ctx that started it, and ends when nobody waits any more.
  absl::StatusOr<V> Do(const context::Context& ctx, const std::string& key,
                       Work work) {
    const std::shared_ptr<Call> call = Join(ctx, key, std::move(work));
    absl::Status ended;
    Select(call->done.OnRecv([] {}),
           ctx.Done().OnRecv([&] { ended = ctx.Err(); }));
    Leave(key, call);
    if (!ended.ok()) return ended;
    return call->value;
  }

 private:
  struct Call {
    Chan<Unit> done = MakeChan<Unit>();
    absl::StatusOr<V> value;  // written before done is closed, constant after
    context::CancelFunc cancel;
    int waiters = 0;  // guarded by the owner's mu_
  };

  std::shared_ptr<Call> Join(const context::Context& ctx,
                             const std::string& key, Work work) {
    sync::MutexLock lock(&mu_);
    if (const auto it = calls_.find(key); it != calls_.end()) {
      ++it->second->waiters;
      return it->second;
    }
    const auto started = std::make_shared<Call>();
    started->waiters = 1;
    auto [own, cancel] = context::WithCancel(context::WithoutCancel(ctx));
    started->cancel = cancel;
    // The C library's resolver and its plug-ins need room.
    go({.stack_size = 1 << 20, .name = "net.lookup"},
       [self = this->shared_from_this(), call = started, own = own, key,
        work = std::move(work)] {
         call->value = work(own);
         self->Forget(key, call);
         call->done.Close();
       });
    // Only what runs may be joined: go may have thrown. It cannot have ended
    // yet, Forget needs the lock.
    calls_[key] = started;
    return started;
  }

  void Leave(const std::string& key, const std::shared_ptr<Call>& call) {
    {
      sync::MutexLock lock(&mu_);
      if (--call->waiters > 0) return;
      ForgetLocked(key, call);
    }
    call->cancel();
  }

  void Forget(const std::string& key, const std::shared_ptr<Call>& call) {
    sync::MutexLock lock(&mu_);
    ForgetLocked(key, call);
  }

  void ForgetLocked(const std::string& key, const std::shared_ptr<Call>& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto it = calls_.find(key);
    if (it != calls_.end() && it->second == call) calls_.erase(it);
  }

  sync::Mutex mu_;
  std::map<std::string, std::shared_ptr<Call>> calls_ ABSL_GUARDED_BY(mu_);
};

}  // namespace parkour::net

#endif  // PARKOUR_NET_FLIGHT_H_
