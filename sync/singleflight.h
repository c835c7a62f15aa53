// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// singleflight.h: many ask for the same thing at once; it is fetched once.
//
//   sync::singleflight::Group<std::string, Page> group;
//
//   auto [page, shared] = group.Do(url, [&] { return Fetch(url); });
//   if (!page.ok()) return page.status();      // absl::StatusOr<Page>
//
// While one call of Do runs its function, others with the same key wait for it
// and get its result. Nothing is remembered once it has ended.
//
// There is no DoChan: room sync does not know channels. `go` a Do and send its
// result where you want it.
//
// Requires:   V and absl::Status can be copied: every caller gets one. fn does
//             not call Do with its own key.
// Guarantees: an exception of fn reaches every caller that waited for it.
// Memory:     the end of fn happens before the return of every Do that shares
//             its result.
// Blocking:   as fn; those that wait for it park.
// See:        Go: golang.org/x/sync/singleflight, src/internal/singleflight

#ifndef PARKOUR_SYNC_SINGLEFLIGHT_H_
#define PARKOUR_SYNC_SINGLEFLIGHT_H_

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::sync::singleflight {

template <typename V>
struct Result {
  absl::StatusOr<V> value;
  bool shared;  // given to several callers
};

template <typename K, typename V, typename Hash = std::hash<K>,
          typename Eq = std::equal_to<K>>
class Group {
 public:
  Group() = default;
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  // The result of fn(), a V or an absl::StatusOr<V>; or, if a Do with the same
  // key is under way, the result of that.
  template <typename F>
  Result<V> Do(K key, F&& fn) {
    std::shared_ptr<Call> call;
    bool mine;
    {
      MutexLock lock(&mu_);
      const auto it = calls_.find(key);
      mine = it == calls_.end();
      if (mine) {
        call = std::make_shared<Call>();
        calls_.emplace(key, call);
      } else {
        call = it->second;
        ++call->duplicates;
      }
    }
    bool shared = true;
    if (mine) {
      shared = Run(key, call.get(), std::forward<F>(fn));
    } else {
      call->done.Wait();
    }
    if (call->error != nullptr) std::rethrow_exception(call->error);
    return {*call->value, shared};
  }

  // The next Do with this key runs its function even if one is under way.
  void Forget(const K& key) {
    MutexLock lock(&mu_);
    calls_.erase(key);
  }

  // The same, unless somebody shares the one under way. Returns whether none is
  // under way now, as far as the next Do is concerned.
  bool ForgetUnshared(const K& key) {
    MutexLock lock(&mu_);
    const auto it = calls_.find(key);
    if (it == calls_.end()) return true;
    if (it->second->duplicates > 0) return false;
    calls_.erase(it);
    return true;
  }

 private:
  struct Call {
    Call() { done.Add(1); }

    WaitGroup done;
    // Written before done, constant after.
    std::optional<absl::StatusOr<V>> value;
    std::exception_ptr error;
    int duplicates = 0;  // guarded by the Group's mu_
  };

  // Returns whether others wait for the result.
  template <typename F>
  bool Run(const K& key, Call* call, F&& fn) {
    try {
      call->value.emplace(std::invoke(std::forward<F>(fn)));
    } catch (...) {
      // Runtime::Goexit comes this way too, and ends the others as well.
      call->error = std::current_exception();
    }
    bool shared;
    {
      // Together: who finds the call in the map finds it unfinished.
      MutexLock lock(&mu_);
      const auto it = calls_.find(key);
      if (it != calls_.end() && it->second.get() == call) calls_.erase(it);
      shared = call->duplicates > 0;
    }
    call->done.Done();
    return shared;
  }

  Mutex mu_;
  std::unordered_map<K, std::shared_ptr<Call>, Hash, Eq> calls_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace parkour::sync::singleflight

#endif  // PARKOUR_SYNC_SINGLEFLIGHT_H_
