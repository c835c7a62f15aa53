// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/lockrank.h"

#ifndef NDEBUG

#include <cstdio>

#include "parkour/base/check.h"

namespace parkour::base {
namespace {

struct Held {
  const void* lock;
  LockRank rank;
};

constexpr int kMaxHeld = 64;  // a select may hold many channels at once

// What this thread holds. Runtime locks are taken and released by one thread,
// with no switch between but the commit of a park, which runs on that thread.
thread_local Held held[kMaxHeld];
thread_local int held_count = 0;

}  // namespace

[[gnu::noinline]] void LockRankAcquire(const void* lock, LockRank rank) {
  for (int i = 0; i < held_count; ++i) {
    const bool by_address =
        rank == LockRank::kHchan || rank == LockRank::kTimers;
    const bool ordered =
        held[i].rank < rank ||
        (by_address && held[i].rank == rank && held[i].lock < lock);
    if (!ordered) {
      char text[128];
      std::snprintf(text, sizeof(text),
                    "lock ordering problem: rank %d taken while holding %d",
                    static_cast<int>(rank), static_cast<int>(held[i].rank));
      Throw(text);
    }
  }
  if (held_count < kMaxHeld) held[held_count++] = {lock, rank};
}

[[gnu::noinline]] void LockRankRelease(const void* lock) {
  for (int i = held_count - 1; i >= 0; --i) {
    if (held[i].lock != lock) continue;
    held[i] = held[--held_count];
    return;
  }
}

}  // namespace parkour::base

#endif  // NDEBUG
