// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/chan/hchan_pool.h"

#include <cstdint>
#include <new>

#include "absl/base/thread_annotations.h"
#include "parkour/base/list.h"
#include "parkour/base/lock.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/m.h"

namespace parkour::internal {
namespace {

// What a free one holds: behind the lock, whose words stay as they are.
struct Free {
  unsigned char channel[kHchanBytes - sizeof(void*)];
  Free* next;
};
static_assert(sizeof(Free) == kHchanBytes);

using FreeList = base::Stack<Free, &Free::next>;

// By threads, so that they rarely meet; what is many for one goes to all.
constexpr size_t kShards = 16;
constexpr size_t kFull = 64;
constexpr size_t kHalf = kFull / 2;
constexpr size_t kPiece = size_t{48} << 10;  // a whole number of channels
static_assert(kPiece % kHchanBytes == 0);

struct alignas(64) Shard {
  base::Mutex mu{base::LockRank::kLeaf};
  FreeList list ABSL_GUARDED_BY(mu);
};

Shard shards[kShards];
Shard rest;

Shard* MyShard() {
  const auto m = reinterpret_cast<uintptr_t>(runtime::getm());
  return &shards[(m * 0x9e3779b97f4a7c15u) >> 60];
}

void Move(FreeList* from, FreeList* to, size_t n) {
  for (; n > 0 && !from->empty(); --n) to->Push(from->Pop());
}

void NewPiece(FreeList* list) {
  int error = 0;
  auto* const piece =
      static_cast<unsigned char*>(base::sys::Reserve(kPiece, &error));
  if (piece == nullptr) throw std::bad_alloc();
  for (size_t at = kPiece; at > 0;) {
    at -= kHchanBytes;
    list->Push(reinterpret_cast<Free*>(piece + at));
  }
}

// Some more, from where all leave theirs or from the system.
FreeList Refill() {
  FreeList some;
  {
    base::MutexLockAlive lock(&rest.mu);
    Move(&rest.list, &some, kHalf);
  }
  if (some.empty()) NewPiece(&some);
  return some;
}

}  // namespace

void* AllocateHchan() {
  if (!kStableChannels) {
    return ::operator new (kHchanBytes, std::align_val_t{64});
  }
  Shard* const shard = MyShard();
  {
    base::MutexLockAlive lock(&shard->mu);
    if (Free* const p = shard->list.Pop()) return p;
  }
  FreeList some = Refill();
  Free* const p = some.Pop();
  if (!some.empty()) {
    base::MutexLockAlive lock(&shard->mu);
    Move(&some, &shard->list, some.size());
  }
  return p;
}

void FreeHchan(void* p) {
  if (!kStableChannels) {
    ::operator delete (p, std::align_val_t{64});
    return;
  }
  Shard* const shard = MyShard();
  FreeList many;
  {
    base::MutexLockAlive lock(&shard->mu);
    shard->list.Push(static_cast<Free*>(p));
    if (shard->list.size() < kFull) return;
    Move(&shard->list, &many, kHalf);
  }
  base::MutexLockAlive lock(&rest.mu);
  Move(&many, &rest.list, many.size());
}

}  // namespace parkour::internal
