// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// hchan_pool.h: the memory of channels. It stays a channel's for ever: what was
// freed is the next one's that is made, and nothing goes back to the system.
//
// So whoever has unlocked a channel may look at its lock once more, although
// somebody else has destroyed the channel meanwhile, or made another in its
// place: the word that is read is still a lock's count of waiters, and at worst
// somebody is woken for nothing. That look is all that UnlockAlive needs
// (base/lock.h), and it saves one locked instruction of two for each value.
//
// Who destroys a channel comes after all its users, so its lock is free and has
// no waiters: its words are those of a new one, which is made over them. To the
// late look it is one lock that lives on, as in tests/model/lock_model_test.cc.
//
// Sanitizers want to see memory freed: there it comes from the heap, and
// channels are unlocked by Unlock (kStableChannels).
//
// Blocking:      a lock for a moment; AllocateHchan throws std::bad_alloc.
// Thread-safety: any thread.

#ifndef PARKOUR_CHAN_HCHAN_POOL_H_
#define PARKOUR_CHAN_HCHAN_POOL_H_

#include <cstddef>

#include "parkour/base/sanitizer.h"

namespace parkour::internal {

inline constexpr bool kStableChannels = !(PARKOUR_ASAN || PARKOUR_TSAN);

inline constexpr size_t kHchanBytes = 192;

// Of kHchanBytes, aligned to a cache line.
void* AllocateHchan();
void FreeHchan(void* p);

}  // namespace parkour::internal

#endif  // PARKOUR_CHAN_HCHAN_POOL_H_
