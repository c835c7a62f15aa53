// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// local.h: a variable of which every goroutine has its own.
//
//   runtime::Local<Arena> arena;                  // at namespace scope
//   runtime::Local<int> depth([] { return 1; });
//
//   void Serve() {
//     arena->Clear();                             // this goroutine's
//     ++*depth;
//   }
//
// What thread_local is in a program of threads. In a goroutine a thread_local
// may be another variable after any call into Parkour; a Local stays the same
// one, and references to it stay good.
//
// A value is made at the goroutine's first use of it and destroyed when the
// goroutine ends, the newest first; in goroutine 1 when Main's function
// returns. A plain thread has values as well, until it ends. A value outlives
// its Local if that goes first.
//
// Requires:      making a value does not use the same Local.
// Guarantees:    constant initialisation: usable before main. No allocation
//                after a goroutine's first use of a Local.
// Blocking:      no; but making and destroying a value may park.
// Thread-safety: any goroutine or thread may use a Local at any time, each with
//                its own value, which needs no lock.
// See:           Go has none: contexts carry what belongs to a request

#ifndef PARKOUR_RUNTIME_LOCAL_H_
#define PARKOUR_RUNTIME_LOCAL_H_

#include <cstdint>

#include "parkour/base/atomic.h"

namespace parkour {
namespace internal {

// One goroutine's value of one Local; in the goroutine's list, newest first.
struct LocalBox {
  void (*destroy)(LocalBox* box);
  LocalBox* next;
  uint32_t slot;
};

// The caller's value in this slot, or null.
LocalBox* FindLocal(uint32_t slot);
void AddLocal(uint32_t slot, LocalBox* box);

// The number of a Local, given out at its first use; never 0.
uint32_t LocalSlot(base::Atomic<uint32_t>* slot);

}  // namespace internal

namespace runtime {

template <typename T>
class Local {
 public:
  // Values start as T().
  constexpr Local() : make_([] { return T(); }) {}
  // Values start as what `make` returns; a function or a lambda without
  // captures.
  constexpr explicit Local(T (*make)()) : make_(make) {}
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;

  // The calling goroutine's value.
  T& operator*() const { return *Get(); }
  T* operator->() const { return Get(); }

 private:
  struct Box : internal::LocalBox {
    explicit Box(T (*make)()) : value(make()) {
      destroy = [](LocalBox* box) { delete static_cast<Box*>(box); };
    }
    T value;
  };

  T* Get() const {
    const uint32_t slot = internal::LocalSlot(&slot_);
    internal::LocalBox* box = internal::FindLocal(slot);
    if (box == nullptr) {
      box = new Box(make_);
      internal::AddLocal(slot, box);
    }
    return &static_cast<Box*>(box)->value;
  }

  T (*const make_)();
  mutable base::Atomic<uint32_t> slot_{0};
};

}  // namespace runtime
}  // namespace parkour

#endif  // PARKOUR_RUNTIME_LOCAL_H_
