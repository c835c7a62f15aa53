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
    return Out(engine.Load(Id(), order, PARKOUR_MODEL_HERE));
  }
  void store(T v, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    engine.Store(Id(), In(v), order, PARKOUR_MODEL_HERE);
  }
  T exchange(T v, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, PARKOUR_MODEL_HERE, [v](T) { return v; });
  }
  T fetch_add(T d, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, PARKOUR_MODEL_HERE,
                  [d](T v) { return static_cast<T>(v + d); });
  }
  T fetch_sub(T d, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, PARKOUR_MODEL_HERE,
                  [d](T v) { return static_cast<T>(v - d); });
  }
  T fetch_or(T d, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, PARKOUR_MODEL_HERE,
                  [d](T v) { return static_cast<T>(v | d); });
  }
  T fetch_and(T d, Order order = Order::seq_cst, PARKOUR_MODEL_SITE) {
    return Update(order, PARKOUR_MODEL_HERE,
                  [d](T v) { return static_cast<T>(v & d); });
  }

  bool compare_exchange_strong(T& expected, T v, Order order, Order failure,
                               PARKOUR_MODEL_SITE) {
    Value e = In(expected);
    const bool ok =
        engine.Cas(Id(), &e, In(v), order, failure, PARKOUR_MODEL_HERE);
    if (!ok) expected = Out(e);
    return ok;
  }
  bool compare_exchange_strong(T& expected, T v, Order order = Order::seq_cst,
                               PARKOUR_MODEL_SITE) {
    return compare_exchange_strong(expected, v, order, OnFailure(order),
                                   site_file, site_line, site_function);
  }
  // Spurious failure only repeats the caller's loop.
  bool compare_exchange_weak(T& expected, T v, Order order, Order failure,
                             PARKOUR_MODEL_SITE) {
    return compare_exchange_strong(expected, v, order, failure, site_file,
                                   site_line, site_function);
  }
  bool compare_exchange_weak(T& expected, T v, Order order = Order::seq_cst,
                             PARKOUR_MODEL_SITE) {
    return compare_exchange_strong(expected, v, order, OnFailure(order),
                                   site_file, site_line, site_function);
  }

  // Blocks the modelled thread while this holds v; returns what it holds then,
  // with acquire.
  T AwaitNot(T v, PARKOUR_MODEL_SITE) {
    return Out(engine.Await(Id(), In(v), PARKOUR_MODEL_HERE));
  }
  // Blocks while this is 0, then takes 1 off.
  void AwaitTake(PARKOUR_MODEL_SITE) {
    engine.Await(Id(), 0, PARKOUR_MODEL_HERE, /*take=*/true);
  }
  // Adds 1, for AwaitTake.
  void Give(PARKOUR_MODEL_SITE) { engine.Give(Id(), PARKOUR_MODEL_HERE); }
  // Release stores that are no part of what is modelled: never mutated.
  void Put(T v, PARKOUR_MODEL_SITE) {
    engine.Put(Id(), In(v), PARKOUR_MODEL_HERE);
  }
  // The newest value, as nobody in the model can see it; for checks.
  T Now() const { return Out(engine.memory().Newest(Id())); }
  // futex(2).
  void FutexWait(T expected, PARKOUR_MODEL_SITE) {
    engine.FutexWait(Id(), In(expected), PARKOUR_MODEL_HERE);
  }
  void FutexWake(int count, PARKOUR_MODEL_SITE) {
    engine.FutexWake(Id(), count, PARKOUR_MODEL_HERE);
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
    return Out(
        engine.Rmw(Id(), order, site, [&f](Value v) { return In(f(Out(v))); }));
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

// Set once, awaited once, as often as one likes: what a note or a parked
// goroutine is to a model of something else.
class Event {
 public:
  void Set(PARKOUR_MODEL_SITE) {
    if (word_.Now() != 0) engine.Fail("an event is set twice");
    word_.Put(1, site_file, site_line, site_function);
  }
  void Wait(PARKOUR_MODEL_SITE) {
    word_.AwaitTake(site_file, site_line, site_function);
  }
  void Name(const char* name) { word_.Name(name); }

 private:
  Atomic<uint32_t> word_{0};
};

}  // namespace parkour::model

#endif  // PARKOUR_TESTS_MODEL_ATOMIC_H_
