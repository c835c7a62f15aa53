// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The product's runtime/runq.h, with a ring of 2: the owner against thieves.
// Every element must be taken once, with what was written into it before.

#include <gtest/gtest.h>

#include "parkour/runtime/runq.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

struct Element {
  Shared<int> payload{0, "payload"};
  Element* link = nullptr;
};
using List = base::Queue<Element, &Element::link>;

enum Plan { kRing, kRunnext };

template <Plan kPlan, int kThieves>
struct RunqModel {
  using Runq = runtime::BasicRunq<Element, List, 2>;
  static constexpr int kThreads = 1 + kThieves;
  static constexpr int kElements = kPlan == kRing ? 4 : 2;

  void Thread(int t) {
    if (t > 0) {
      Thief(&q[t]);
    } else if (kPlan == kRing) {
      OwnRing();
    } else {
      OwnRunnext();
    }
  }

  void Put(int i, bool next) {
    elements[i].payload.Set(i + 1);
    List overflow;
    q[0].put(&elements[i], next, &overflow);
    while (Element* e = overflow.PopFront()) Take(e);
  }

  void OwnRing() {
    bool inherit;
    Put(0, /*next=*/false);
    Put(1, /*next=*/true);
    Put(2, /*next=*/true);
    Take(q[0].get(&inherit));
    Put(3, /*next=*/false);
    Take(q[0].get(&inherit));
  }

  void OwnRunnext() {
    bool inherit;
    Put(0, /*next=*/true);
    Put(1, /*next=*/true);
    Take(q[0].get(&inherit));
  }

  // What a thief got it may hand on, over its own ring.
  void Thief(Runq* mine) {
    Take(mine->steal(&q[0], /*take_runnext=*/true, [] {}));
    bool inherit;
    if (kThieves == 1) Take(mine->get(&inherit));
  }

  void Take(Element* e) {
    if (e == nullptr) return;
    const auto i = static_cast<size_t>(e - elements);
    Require(e->payload.Get() == static_cast<int>(i) + 1, "wrong payload");
    Require(++taken[i] == 1, "an element was taken twice");
  }

  void Finish() {
    bool inherit;
    for (Runq& r : q) {
      while (Element* e = r.get(&inherit)) Take(e);
      Require(r.empty(), "an empty queue is not empty");
    }
    for (int n : taken) Require(n == 1, "an element was lost");
  }

  Element elements[kElements];
  Runq q[kThreads];
  int taken[kElements] = {};
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"put cas acq_rel -> release", kOwner},
    {"put load#2 acquire -> relaxed", kFuture},
    {"get cas#1 acq_rel -> acquire", kOwner},
    {"get cas#1 acq_rel -> release", kOwner},
    {"get load#2 acquire -> relaxed", kRetried},
    {"get cas#2 release -> relaxed", kOwner},
    {"putSlow cas release -> relaxed", kOwner},
    {"grab load#1 acquire -> relaxed", kRetried},
    {"grab load#3 acquire -> relaxed", kLocked},
    {"grab cas#1 acq_rel -> acquire", kOneWord},
    {"grab cas#1 acq_rel -> release", kLocked},
    {"grab cas#2 release -> relaxed", kFuture},
};

TEST(RunqModel, OwnerAndThief) {
  Options options;
  options.stale_limit = 1;
  options.stale_failures = false;
  CheckModel<RunqModel<kRing, 1>, RunqModel<kRunnext, 1>,
             RunqModel<kRunnext, 2>>(
      {.name = "runq", .options = options, .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
