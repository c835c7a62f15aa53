// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// runtime/watcher.cc: Watch and watcherWake. What a waker did before it asked
// is seen by the service, and no request is lost while another is served.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

struct WatcherModel {
  static constexpr int kThreads = 3;
  static constexpr int Requests(int kind) { return kind == 0 ? 2 : 1; }

  WatcherModel() { wanted.Name("wanted"); }

  void Thread(int t) { t == 0 ? Watch() : Wake(t - 1); }

  void Wake(int kind) {
    for (int i = 1; i <= Requests(kind); ++i) {
      asked[kind].store(i, Order::relaxed);
      if (Mutant("wakes before it asks")) wanted.FutexWake(1);
      wanted.fetch_or(uint32_t{1} << kind, Order::release);
      if (!Mutant("wakes before it asks")) wanted.FutexWake(1);
    }
  }

  void Watch() {
    Daemon();
    for (;;) {
      uint32_t now;
      if (Mutant("forgets after the service")) {
        while ((now = wanted.load(Order::acquire)) == 0) wanted.FutexWait(0);
      } else {
        while ((now = wanted.exchange(0, Order::acquire)) == 0) {
          wanted.FutexWait(0);
        }
      }
      for (int kind = 0; kind < 2; ++kind) {
        if (now & (uint32_t{1} << kind)) {
          served[kind] = asked[kind].load(Order::relaxed);
        }
      }
      if (Mutant("forgets after the service")) {
        wanted.fetch_and(~now, Order::relaxed);
      }
    }
  }

  void Finish() {
    for (int kind = 0; kind < 2; ++kind) {
      Require(served[kind] == Requests(kind), "a request was not served");
    }
  }

  Atomic<uint32_t> wanted{0};
  Atomic<int> asked[2] = {};
  int served[2] = {};
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {};

TEST(WatcherModel, RequestsDuringAService) {
  Options options;
  options.stale_limit = 1;
  CheckModel<WatcherModel>(
      {.name = "watcher",
       .options = options,
       .named = {"wakes before it asks", "forgets after the service"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
