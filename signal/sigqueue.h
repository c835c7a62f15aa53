// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sigqueue.h: from the handler, where nothing is allowed, to a thread, where
// everything is.
//
// The handler adds its signal to a set and wakes the thread. The set is a word:
// signals of one kind coalesce, as they do in the kernel.
//
// Dance (thread): the handler adds to `pending`, then sets `news` and wakes;
// the thread clears `news`, then takes `pending`, and sleeps only while `news`
// is 0, which the kernel checks under the futex's lock. A signal that comes
// after the set was taken leaves `news` at 1.
//
// Dance (stop): a handler may have started, on any thread, before its signal
// was given up, and is over it later. It counts itself in `delivering` before
// it looks whether the signal is `wanted`. Giving up means: the old disposition
// first, then no longer wanted, then wait until nobody is delivering. So a
// handler that still saw `wanted` has added to `pending` when the wait is over,
// and one that did not finds the old disposition in place and sends the signal
// there, by raising it once more. None is lost.
//
// See: Go: src/runtime/sigqueue.go

#ifndef PARKOUR_SIGNAL_SIGQUEUE_H_
#define PARKOUR_SIGNAL_SIGQUEUE_H_

#include <cstdint>

namespace parkour::signal {

// A signal in a set; signals are 1 to 64.
inline constexpr int kMaxSignal = 64;
constexpr uint64_t Bit(int signal) { return uint64_t{1} << (signal - 1); }

// All that can be had.
extern const uint64_t kAllSignals;

// Who decides what a signal does.
enum class Owner : unsigned char {
  kHost,    // whoever did before us
  kQueue,   // our handler
  kNobody,  // ignored
};

// REQUIRES: calls are serialised; `signal` is one of kAllSignals.
void SetOwner(int signal, Owner owner);

// The signals that came since the last call. Those that were given up before
// are all in it if AwaitHandlers was called in between.
uint64_t TakePending();
void AwaitHandlers();

// Starts the thread that calls deliver() after signals have come, and whenever
// the set of wanted signals has changed. REQUIRES: called once.
void StartQueue(void (*deliver)());
void WakeQueue();

}  // namespace parkour::signal

#endif  // PARKOUR_SIGNAL_SIGQUEUE_H_
