// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// watcher.h: a thread of the runtime's that does what signal handlers and
// sysmon may not: walk over all goroutines, write files.
//
//   watcherStart();
//   watcherDo(kWatchQuit, ShowAll);          // what
//   watcherWake(kWatchQuit);                 // when: from a signal handler
//
// Requests that come while one is being served are served once, afterwards.
//
// Dance (watch): a request is a bit in one word, set by a release
// read-modify-write before the futex is woken; the watcher takes all bits by an
// acquire exchange before it serves them. A bit set after that is found by the
// next exchange, or by the futex, which does not sleep on a word that is not 0.
//
// Blocking: watcherWake does not, and is async-signal-safe.

#ifndef PARKOUR_RUNTIME_WATCHER_H_
#define PARKOUR_RUNTIME_WATCHER_H_

#include <cstdint>

namespace parkour::runtime {

// Bits.
enum WatchFor : uint32_t {
  kWatchQuit = 1,      // SIGQUIT: a dump
  kWatchSnapshot = 2,  // SIGUSR2: the flight recorder
  kWatchStall = 4,     // sysmon: a goroutine has run for long
};

// Once. False if the system refuses the thread.
bool watcherStart();

// Before the first watcherWake for it.
void watcherDo(WatchFor what, void (*work)());

void watcherWake(WatchFor what);

// Makes `handler` that of `signal`, unless the program has one of its own or
// was started with the signal ignored. True if it did.
bool watchSignal(int signal, void (*handler)(int));

// In the child of a fork, where there is no watcher: undoes all of it.
void watcherAfterFork();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_WATCHER_H_
