// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// specs.h: what channels and locks promise, as steps of a state.
//
// docs/GUARANTEES.md says the same in words.

#ifndef PARKOUR_TESTS_HISTORIES_SPECS_H_
#define PARKOUR_TESTS_HISTORIES_SPECS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "parkour/tests/histories/linear.h"

namespace parkour::tests {

// Several channels together, because a select with a default looks at all of
// its channels at one moment. A select that took a case is an operation of that
// case's kind.
//
// State, for each channel: whether it is closed, how many values it holds, and
// these, the oldest first.
class ChanSpec : public Spec {
 public:
  enum Kind {
    kSend,     // arg: the value
    kRecv,     // result: the value, or kClosed
    kTrySend,  // arg; result: 1 sent, 0 not
    kTryRecv,  // result: the value, or kNothing (closed and empty, or empty)
    kClose,
    kLen,   // result
    kNone,  // a select took its default. arg: NoneOf(...)
  };
  static constexpr int64_t kClosed = -1;
  static constexpr int64_t kNothing = -2;

  // Channels, as sets of bits, of which none could be received from, and none
  // could be sent on.
  static constexpr int64_t NoneOf(uint32_t recv, uint32_t send) {
    return int64_t{recv} | int64_t{send} << 16;
  }

  explicit ChanSpec(std::vector<int> caps);

  State Initial() const override;
  bool Step(const Op& op, const History& history, State* state) const override;
  bool StepTogether(const Op& first, const Op& second,
                    State* state) const override;
  std::string Show(const Op& op) const override;

 private:
  // A channel within a state.
  struct View {
    int64_t* closed;
    int64_t* count;
    int64_t* values;
    int cap;
  };
  View At(int object, State* state) const;
  bool NothingReady(const Op& op, State* state) const;

  std::vector<int> caps_;
  std::vector<size_t> offsets_;
};

// A lock with writers and readers; without the latter it is a mutex.
// State: writers, readers.
//
// The Unlock of a lock with readers lets these in first and other writers
// second, as Go's does. So a TryLock may fail beside an Unlock that has not
// returned, although readers have come and gone since.
class LockSpec : public Spec {
 public:
  enum Kind { kLock, kUnlock, kTryLock, kRLock, kRUnlock, kTryRLock };
  enum class Of { kMutex, kRWMutex };

  explicit LockSpec(Of of) : of_(of) {}

  State Initial() const override { return {0, 0}; }
  bool Step(const Op& op, const History& history, State* state) const override;
  std::string Show(const Op& op) const override;

 private:
  const Of of_;
};

// State: units held.
class SemaphoreSpec : public Spec {
 public:
  enum Kind {
    kAcquire,     // arg: units; result: 1, or 0 if it was cancelled
    kTryAcquire,  // arg; result
    kRelease,     // arg
  };

  explicit SemaphoreSpec(int64_t size) : size_(size) {}

  State Initial() const override { return {0}; }
  bool Step(const Op& op, const History& history, State* state) const override;
  std::string Show(const Op& op) const override;

 private:
  const int64_t size_;
};

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_HISTORIES_SPECS_H_
