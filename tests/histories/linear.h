// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// linear.h: whether a history is linearizable: whether each operation may be
// thought of as happening at one moment between its call and its return, so
// that all of them, one after the other, do what a specification says.
//
// The search is Wing's and Gong's with Lowe's memory: of the operations that
// may come first (called before any of the others has returned) one is taken,
// the specification makes its step, and so on; a set of taken operations with a
// state that has failed once is not tried again. What is new here are pairs: an
// unbuffered channel is no queue of length zero but a rendezvous, whose send
// and receive happen at the same moment.
//
// See: Wing and Gong, "Testing and verifying concurrent objects", 1993; Lowe,
//      "Testing for linearizability", 2017

#ifndef PARKOUR_TESTS_HISTORIES_LINEAR_H_
#define PARKOUR_TESTS_HISTORIES_LINEAR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "parkour/tests/histories/history.h"

namespace parkour::tests {

// What the objects of a history are when nobody disturbs: a state and steps.
class Spec {
 public:
  using State = std::vector<int64_t>;

  virtual ~Spec() = default;
  virtual State Initial() const = 0;

  // Whether `op` may happen now, with this result; then *state is what follows.
  // `history` is all of it: some operations may fail when others are near.
  virtual bool Step(const Op& op, const History& history,
                    State* state) const = 0;

  // Whether both may happen at the same moment. `first` and `second` are of
  // different clients; asked in both orders.
  virtual bool StepTogether(const Op& /*first*/, const Op& /*second*/,
                            State* /*state*/) const {
    return false;
  }

  // "send(2, 17)": for people.
  virtual std::string Show(const Op& op) const = 0;
};

enum class Verdict {
  kLinearizable,
  kNot,
  kUndecided,  // the search was given up
};

struct Judgement {
  Verdict verdict = Verdict::kUndecided;
  int64_t steps = 0;  // of the search
  // Not linearizable: the history, with a mark at what the longest explanation
  // leaves out.
  std::string explanation;
};

inline constexpr int64_t kMaxSearchSteps = 2000000;

Judgement Judge(const Spec& spec, const History& history,
                int64_t max_steps = kMaxSearchSteps);

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_HISTORIES_LINEAR_H_
