// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The dance (record) of trace/recorder.h: a writer fills blocks, of which there
// are two, while a reader collects and copies. recorder.h: Append; recorder.cc:
// NextBlock, Retire, TakeFree, Reusable, Collection.

#include <gtest/gtest.h>

#include <vector>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

constexpr uint32_t kBlockRecords = 2;

struct RecordModel {
  static constexpr int kThreads = 2;

  struct Block {
    Atomic<uint32_t> count{0};
    Shared<int> records[kBlockRecords];
    int serial = 0;  // guarded by pool_mu
  };
  struct Slice {
    Block* block;
    uint32_t end;
  };

  RecordModel() {
    for (Block& b : blocks) b.count.Name("count");
    blocks[0].serial = 1;
  }

  void Thread(int t) { t == 0 ? Write() : Read(); }

  void Write() {
    for (int i = 1; i <= 5; ++i) Append(i);
  }
  void Append(int record) {
    uint32_t n = mine->count.load(Order::relaxed);
    if (n == kBlockRecords) {
      if (!NextBlock()) return;
      n = 0;
    }
    written = n + 1;
    if (Mutant("counts before it writes")) {
      mine->count.store(n + 1, Order::release);
      mine->records[n].Set(record);
      return;
    }
    mine->records[n].Set(record);
    mine->count.store(n + 1, Order::release);
  }
  // The oldest again: with two blocks, the other one.
  bool NextBlock() {
    LockGuard in(&pool_mu);
    Block* const next = mine == &blocks[0] ? &blocks[1] : &blocks[0];
    if (pins != 0 && next->serial != 0 && !Mutant("reuses what is pinned")) {
      return false;
    }
    next->serial = ++serial;
    next->count.store(0, Order::relaxed);
    mine = next;
    return true;
  }

  void Read() {
    std::vector<Slice> slices;
    {
      LockGuard in(&pool_mu);
      if (!Mutant("does not pin")) ++pins;
      for (Block& b : blocks) {
        if (b.serial == 0) continue;
        slices.push_back({&b, b.count.load(Order::acquire)});
      }
    }
    for (const Slice& s : slices) {
      int last = 0;
      for (uint32_t i = 0; i < s.end; ++i) {
        const int record = s.block->records[i].Get();
        Require(record > last, "records out of order");
        last = record;
      }
    }
    LockGuard in(&pool_mu);
    if (!Mutant("does not pin")) --pins;
  }

  void Finish() {
    Require(mine->count.Now() == written, "a record was not counted");
  }

  Lock pool_mu;
  int pins = 0;    // guarded by pool_mu
  int serial = 1;  // guarded by pool_mu
  Block blocks[2];
  Block* mine = &blocks[0];  // the writer's
  uint32_t written = 0;      // to it
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {};

TEST(RecordModel, AWriterAndAReader) {
  CheckModel<RecordModel>({.name = "record",
                           .named = {"counts before it writes",
                                     "reuses what is pinned", "does not pin"},
                           .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
