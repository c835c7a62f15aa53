// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// pool.h: objects that are expensive to make, kept for the next one who needs
// one.
//
//   sync::Pool<std::string> buffers(
//       [] { return std::make_unique<std::string>(); });
//
//   std::unique_ptr<std::string> b = buffers.Get();   // any one, or a new one
//   b->clear();                                       // it is as it was left
//   ...
//   buffers.Put(std::move(b));
//
// Every P has a cache of its own and looks into the others' when it is empty.
//
// Go's garbage collector empties its pools. Parkour has none; its rule, which
// is the same but for the clock: Trim ends a generation, and what nobody has
// taken out for two generations is destroyed. The pool calls Trim itself, from
// a Put, when the last was 10 s ago (SetTrimInterval); a pool that is not used
// at all keeps what it has until it is destroyed, or until you call Trim.
//
// Requires:   all calls have returned before it is destroyed.
// Guarantees: an object is given to one caller at a time. No promise that Get
//             returns something that was Put.
// Memory:     a Put happens before the Get that returns its object.
// Blocking:   no; runs New and T's destructor in the caller, with no lock held.
// See:        Go: src/sync/pool.go

#ifndef PARKOUR_SYNC_POOL_H_
#define PARKOUR_SYNC_POOL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "parkour/base/atomic.h"

namespace parkour::sync {

namespace internal {

// A Pool of whatever the pointers point to.
class PoolCore {
 public:
  using Destroy = void (*)(void* item);

  explicit PoolCore(Destroy destroy) : destroy_(destroy) {}
  ~PoolCore();
  PoolCore(const PoolCore&) = delete;
  PoolCore& operator=(const PoolCore&) = delete;

  void Put(void* item);  // if it throws (no memory), the item is the caller's
  void* Get();           // null: there is none
  void Trim();
  void SetTrimInterval(int64_t ns) { trim_interval_.store(ns, base::kRelaxed); }

 private:
  static constexpr int64_t kTrimInterval = int64_t{10} * 1000 * 1000 * 1000;

  struct Local;
  struct Locals;

  Locals* GetLocals();
  void MaybeTrim();

  const Destroy destroy_;
  base::Atomic<Locals*> locals_{nullptr};  // set once, by the first call
  base::Atomic<int64_t> last_trim_{0};     // nanotime; 0: no Put has looked yet
  base::Atomic<int64_t> trim_interval_{kTrimInterval};
};

}  // namespace internal

template <typename T>
class Pool {
 public:
  // Without New, an empty pool's Get returns null.
  Pool() = default;
  explicit Pool(std::function<std::unique_ptr<T>()> new_item)
      : new_(std::move(new_item)) {}

  // An object from the pool, or what New makes.
  std::unique_ptr<T> Get() {
    if (void* item = core_.Get()) {
      return std::unique_ptr<T>(static_cast<T*>(item));
    }
    return new_ ? new_() : nullptr;
  }

  // Gives an object to the pool; null is ignored.
  void Put(std::unique_ptr<T> item) {
    if (item == nullptr) return;
    core_.Put(item.get());
    (void)item.release();
  }

  // Ends a generation; see above.
  void Trim() { core_.Trim(); }

  // How often the pool trims itself, about: it looks at the clock once in a few
  // hundred Puts. InfiniteDuration: never.
  void SetTrimInterval(absl::Duration interval) {
    core_.SetTrimInterval(absl::ToInt64Nanoseconds(interval));
  }

 private:
  const std::function<std::unique_ptr<T>()> new_;
  internal::PoolCore core_{[](void* item) { delete static_cast<T*>(item); }};
};

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_POOL_H_
