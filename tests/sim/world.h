// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// world.h: the simulated world: threads of which one runs at a time, and a
// clock.
//
// The threads are real, the product's code is the product's. But a thread gives
// the baton away only at the five doors (doors.cc replaces them at link time),
// and to whom is drawn from the seed; time passes by what the doors say. So a
// seed is a run, and the same run each time.
//
// When no thread can go on the clock jumps to the next moment at which one can,
// after a look at the scheduler's books: nobody may be runnable while a P is
// idle, no timer may be due before that moment. If there is no such moment a
// wake-up was lost.
//
// Blocking: Point and Wait return when the calling thread has the baton again.

#ifndef PARKOUR_TESTS_SIM_WORLD_H_
#define PARKOUR_TESTS_SIM_WORLD_H_

#include <cstddef>
#include <cstdint>

namespace parkour::sim {

// Who runs next.
enum class Schedule {
  kUniform,  // anybody, at each door
  kSticky,   // mostly who runs already
  kPct,      // by priorities that change at a few random moments
  kStarve,   // one thread is held back
};
inline constexpr int kSchedules = 4;

// What the kernel does to us (kernel.cc), and the futex.
enum Fault {
  kEintr,
  kAgain,         // nothing there just now, but in a moment
  kShort,         // a part, the rest in a moment
  kReset,         // the connection is gone
  kAborted,       // it was gone before it was accepted
  kNoFile,        // EMFILE
  kNoMemory,      // ENOMEM of epoll_ctl
  kNoThread,      // EAGAIN of pthread_create
  kLate,          // an event comes late
  kTwice,         // an event comes twice
  kStale,         // an event comes after its descriptor was closed
  kSpurious,      // a futex wakes up for nothing
  kNoMembarrier,  // an old kernel
  kFaults,
};

// A bug that is planted, to be found.
enum class Mutant {
  kNone,
  kLostWake,   // wakep() is forgotten now and then
  kLostReady,  // goready() is
  kLostBreak,  // a new timer does not wake the poller
};

// What a run leaves behind; in memory shared with the parent process.
struct Tally {
  uint64_t hash;     // of every decision
  int64_t points;    // doors passed
  int64_t switches;  // from one thread to another
  int64_t jumps;     // of the clock
  int64_t now;       // simulated nanoseconds
  int64_t threads;
  int64_t faults[kFaults];
};

struct Options {
  uint64_t seed = 1;
  Schedule schedule = Schedule::kUniform;
  bool faults = false;
  Mutant mutant = Mutant::kNone;
  bool show = false;  // every switch, on standard error
};

// The calling thread becomes the first of the world. Once in a process.
void Begin(const Options& options, Tally* tally);
const Options& TheOptions();

// Whether there is a world; else the doors are the real ones.
bool Begun();

// Draws from the seed.
uint32_t Below(uint32_t n);
inline bool OneIn(uint32_t n) { return Below(n) == 0; }

// Whether the fault happens now. Half of all faults belong to a run.
bool Fires(Fault fault, uint32_t one_in = 16);

int64_t Now();

// Passes time without a door, as a computation does.
void Compute(int64_t ns);

// Somebody else may run. `why` is for people.
void Point(const char* why);

// Gives the baton away until somebody wakes `what` or `deadline` has come
// (INT64_MAX: never); true: was woken.
bool Wait(const char* why, const void* what, int64_t deadline);
inline constexpr int64_t kNever = INT64_MAX;
// Wakes up to `count` that wait for `what`, any of them.
void Wake(const void* what, int count);

// What a waiting poller waits for. See kernel.h.
extern const char kPoller;

// Threads. The first has id 0.
int StartThread(const char* name, size_t stack, void (*fn)(void*), void* arg);
int CurrentThread();
int ThreadCount();
int64_t CpuTime(int id);  // -1: no such thread
char StateOf(int id);     // 'R', 'S', or 0

// Something is wrong: says what, and ends the process with status 3.
[[noreturn]] void Fail(const char* what);
void Check(bool holds, const char* what);

}  // namespace parkour::sim

#endif  // PARKOUR_TESTS_SIM_WORLD_H_
