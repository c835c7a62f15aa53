// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// shared.h: plain data of modelled threads. Two accesses of which one writes,
// not ordered by release and acquire, are a data race and fail the execution.
// An access is no scheduling point: a race shows in every schedule that has
// both accesses, whatever their order.

#ifndef PARKOUR_TESTS_MODEL_SHARED_H_
#define PARKOUR_TESTS_MODEL_SHARED_H_

#include <string>

#include "parkour/tests/model/engine.h"

namespace parkour::model {

template <typename T>
class Shared {
 public:
  Shared() = default;
  explicit Shared(T v, const char* name = "data") : value_(v), name_(name) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T Get() const {
    const int t = engine.self();
    const View& v = engine.memory().view(t);
    Check(write_clock_ <= v.clock[writer_], "read", writer_);
    read_clock_[t] = v.clock[t];
    return value_;
  }
  void Set(T value) {
    const int t = engine.self();
    const View& v = engine.memory().view(t);
    Check(write_clock_ <= v.clock[writer_], "write", writer_);
    for (int r = 0; r <= kMaxThreads; ++r) {
      Check(read_clock_[r] <= v.clock[r], "write", r);
    }
    writer_ = t;
    write_clock_ = v.clock[t];
    value_ = value;
  }

 private:
  void Check(bool ok, const char* what, int other) const {
    if (ok) return;
    engine.Fail(std::string("data race: T") + std::to_string(engine.self()) +
                "'s " + what + " of " + name_ + " against T" +
                std::to_string(other));
  }

  T value_{};
  const char* name_ = "data";
  int writer_ = kMain;
  uint16_t write_clock_ = 0;
  mutable uint16_t read_clock_[kMaxThreads + 1] = {};
};

}  // namespace parkour::model

#endif  // PARKOUR_TESTS_MODEL_SHARED_H_
