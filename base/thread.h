// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// thread.h: the thread door: starting a thread, and putting one to sleep.
//
//   base::Note note;
//   // sleeper:            // waker:
//   note.Sleep();          note.Wakeup();
//   note.Clear();
//
// Blocking: Note::Sleep blocks the thread, never a goroutine; everything else
//           returns at once.
// See:      Go: src/runtime/lock_futex.go

#ifndef PARKOUR_BASE_THREAD_H_
#define PARKOUR_BASE_THREAD_H_

#include <cstddef>
#include <cstdint>

#include "parkour/base/atomic.h"

namespace parkour::base {

// Starts a detached thread that runs fn(arg) on a stack of `stack_bytes`,
// named `name` (at most 15 bytes are kept). Returns 0, or -errno (EAGAIN when
// the system refuses another thread), and then fn never runs.
int StartThread(const char* name, size_t stack_bytes, void (*fn)(void*),
                void* arg);

// Gives the rest of this thread's time slice away (sched_yield).
void OsYield();

// Blocks the thread for at least `ns` nanoseconds.
void SleepFor(int64_t ns);

// The kernel's id of the calling thread.
int ThreadId();

// What a thread of this process does, as /proc tells it: 'R' runs or waits for
// a CPU, 'S' and 'D' are blocked in the kernel; 0 when that cannot be read.
char ThreadState(int tid);

// How many threads this process has, from /proc; 0 when that cannot be read.
int ProcessThreadCount();

// futex(2) on a private word. Wait returns when woken, when the word is no
// longer `expected`, when `timeout_ns` (< 0: none) has passed, or spuriously.
void FutexWait(Atomic<uint32_t>* word, uint32_t expected, int64_t timeout_ns);
void FutexWake(Atomic<uint32_t>* word, int count);

// A one-shot event with one sleeper and one waker. A wake-up that comes before
// the sleep is remembered. Clear() makes it ready for the next round; nobody
// may sleep or wake meanwhile.
//
// Dance (note): the waker publishes 1 with release, then wakes; the sleeper
// waits only while the word is 0, which the kernel checks under the futex's
// own lock, so either the sleeper sees the 1 or the waker sees the sleeper.
class Note {
 public:
  void Clear() { word_.store(0, kRelaxed); }
  void Wakeup();
  void Sleep();
  // Returns true when woken, false when timeout_ns (>= 0) passed first.
  bool SleepFor(int64_t timeout_ns);

 private:
  Atomic<uint32_t> word_{0};  // 0: not yet, 1: woken
};

}  // namespace parkour::base

#endif  // PARKOUR_BASE_THREAD_H_
