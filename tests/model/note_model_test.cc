// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// base::Note (base/thread.cc), copied because its file also starts threads: a
// sleeper and a waker, twice, with spurious wake-ups of the futex.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

struct Note {
  void Clear() { word.store(0, Order::relaxed); }
  void Wakeup() {
    if (Mutant("wakes before it publishes")) word.FutexWake(1);
    const uint32_t old = word.exchange(1, Order::release);
    Require(old == 0, "check failed: old == 0");
    if (!Mutant("wakes before it publishes")) word.FutexWake(1);
  }
  void Sleep() {
    if (Mutant("believes a spurious wake-up")) {
      if (word.load(Order::acquire) == 0) word.FutexWait(0);
      return;
    }
    while (word.load(Order::acquire) == 0) word.FutexWait(0);
  }
  Atomic<uint32_t> word{0};
};

// As between startm and stopm: the next wake-up comes only after the sleeper
// has cleared the note and said so under a lock.
struct NoteModel {
  static constexpr int kThreads = 2;
  NoteModel() { note.word.Name("note"); }
  void Thread(int t) {
    for (int i = 1; i <= 2; ++i) {
      if (t == 0) {
        note.Sleep();
        Require(nextp.Get() == i, "woken without what it waited for");
        note.Clear();
        asleep.Set();
      } else {
        nextp.Set(i);
        note.Wakeup();
        asleep.Wait();
      }
    }
  }
  void Finish() {}
  Note note;
  Event asleep;
  Shared<int> nextp{0, "m.nextp"};
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"Wakeup rmw torn", kOwner},
};

TEST(NoteModel, SleepAndWake) {
  Options options;
  options.spurious_wakeups = true;
  CheckModel<NoteModel>(
      {.name = "note",
       .options = options,
       .named = {"wakes before it publishes", "believes a spurious wake-up"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
