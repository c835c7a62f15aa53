// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// heldlocks.h: in debug builds a goroutine that parks while it holds a
// std::mutex is a fatal error:
//
//   fatal error: goroutine parks while holding a std::mutex (pthread mutex
//   0x7f31c0001240), see docs/CPP_TRAPS.md
//
// It would be unlocked on another thread, which is undefined, and meanwhile
// everybody who wants it blocks a thread. pthread_mutex_lock and its like are
// interposed: they note in a list of the thread's what it holds. A goroutine
// begins with an empty list, because the one before it on this thread did not
// leave without; so whatever the list names at a switch, the goroutine that
// leaves has locked.
//
// No false alarm: an unlock takes the mutex off the list of its own thread, or
// does nothing. A lock that goes past the list (mtx_lock, a library that
// resolves its symbols itself) is a mistake that is not found. Only an unlock
// that goes past it, or on another thread, would leave a name behind; the
// first is not known to exist, the second is the mistake itself.
//
// Allowed: a goroutine that is locked to its thread, and plain threads.
// Not where a sanitizer interposes them already, nor with
// PARKOUR_NO_HELD_LOCKS, for programs that bring a pthread_mutex_lock of their
// own or are linked with libc statically.

#ifndef PARKOUR_RUNTIME_HELDLOCKS_H_
#define PARKOUR_RUNTIME_HELDLOCKS_H_

#include "parkour/base/sanitizer.h"
#include "parkour/runtime/m.h"

#if !defined(NDEBUG) && !defined(PARKOUR_NO_HELD_LOCKS) && !PARKOUR_ASAN && \
    !PARKOUR_TSAN
#define PARKOUR_HELD_LOCKS 1
#else
#define PARKOUR_HELD_LOCKS 0
#endif

namespace parkour::runtime {

// gp is about to leave m, for now or for good.
#if PARKOUR_HELD_LOCKS
void checkHeldLocks(const M* m, const G* gp, bool dying);
#else
inline void checkHeldLocks(const M*, const G*, bool) {}
#endif

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_HELDLOCKS_H_
