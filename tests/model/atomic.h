// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// atomic.h: std::atomic for modelled threads. Product code gets it under the
// name base::Atomic, from the stand-in for base/atomic.h in standin/.
//
// Every operation knows the line it stands on (a default argument), so that a
// mutant can change one operation of the product without touching its source.
//
// Outside of an execution an Atomic holds its initial value and may not be
// used; in each execution it starts anew from that value.

#ifndef PARKOUR_TESTS_MODEL_ATOMIC_H_
#define PARKOUR_TESTS_MODEL_ATOMIC_H_

#include <cstring>
#include <type_traits>

#include "parkour/tests/model/engine.h"

namespace parkour::model {

template <typename T>
class Atomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(Value));

 public:
  constexpr Atomic() = default;
  constexpr Atomic(T initial) : initial_(initial) {}  // NOLINT: as std::atomic
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load(Order order = Order::seq_cst, PARKOUR_MODEL_SITE) const {
    return Out(engine.Load(Id(), order, site));
  }
  void store(T v, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    engine.Store(Id(), In(v), order, site);
  }
  T exchange(T v, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, site, [v](T) { return v; });
  }
  T fetch_add(T d, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, site, [d](T v) { return static_cast<T>(v + d); });
  }
  T fetch_sub(T d, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, site, [d](T v) { return static_cast<T>(v - d); });
  }
  T fetch_or(T d, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, site, [d](T v) { return static_cast<T>(v | d); });
  }
  T fetch_and(T d, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, site, [d](T v) { return static_cast<T>(v & d); });
  }

  bool compare_exchange_strong(T& expected, T v, Order order, Order failure,
                               PARKOUR_MODEL_SITE) {
    Value e = In(expected);
    const bool ok = engine.Cas(Id(), &e, In(v), order, failure, site);
    if (!ok) expected = Out(e);
    return ok;
  }
  bool compare_exchange_strong(T& expected, T v, Order order = Order::seq_cst,
                               PARKOUR_MODEL_SITE) {
    return compare_exchange_strong(expected, v, order, OnFailure(order), site);
  }
  // Spurious failure only repeats the caller's loop.
  bool compare_exchange_weak(T& expected, T v, Order order, Order failure,
                             PARKOUR_MODEL_SITE) {
    return compare_exchange_strong(expected, v, order, failure, site);
  }
  bool compare_exchange_weak(T& expected, T v, Order order = Order::seq_cst,
                             PARKOUR_MODEL_SITE) {
    return compare_exchange_strong(expected, v, order, OnFailure(order), site);
  }

  // Blocks the modelled thread while this holds v; returns what it holds then,
  // with acquire.
  T AwaitNot(T v, PARKOUR_MODEL_SITE) {
    return Out(engine.Await(Id(), In(v), site));
  }
  // futex(2).
  void FutexWait(T expected, PARKOUR_MODEL_SITE) {
    engine.FutexWait(Id(), In(expected), site);
  }
  void FutexWake(int count, PARKOUR_MODEL_SITE) {
    engine.FutexWake(Id(), count, site);
  }
  // In the trace; `name` must live as long as the program.
  void Name(const char* name) { engine.NameLocation(Id(), name); }

 private:
  static Value In(T v) {
    Value out = 0;
    if constexpr (std::is_integral_v<T>) {
      out = static_cast<Value>(v);
    } else {
      std::memcpy(&out, &v, sizeof(T));
    }
    return out;
  }
  static T Out(Value v) {
    T out;
    std::memcpy(&out, &v, sizeof(T));  // little endian
    return out;
  }
  static Order OnFailure(Order order) {
    if (order == Order::acq_rel) return Order::acquire;
    if (order == Order::release) return Order::relaxed;
    return order;
  }

  template <typename F>
  T Update(Order order, const Site& site, F f) {
    return Out(engine.Rmw(Id(), order, site,
                          [&f](Value v) { return In(f(Out(v))); }));
  }

  int Id() const {
    if (execution_ != engine.execution() || !engine.active()) {
      execution_ = engine.execution();
      id_ = engine.NewLocation(In(initial_));
    }
    return id_;
  }

  mutable uint64_t execution_ = 0;
  mutable int id_ = -1;
  T initial_{};
};

}  // namespace parkour::model

#endif  // PARKOUR_TESTS_MODEL_ATOMIC_H_
