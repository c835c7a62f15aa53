// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The doors of base/, replaced: the linker is told (--wrap, see BUILD.bazel) to
// send the product's calls of them here. Before a world has begun they lead to
// the real ones. The product's objects are those of the other tests.

#include <errno.h>

#include <string_view>

#include "absl/time/clock.h"
#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/base/rand.h"
#include "parkour/base/sys.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/proc.h"
#include "tests/sim/world.h"

// wrap_x is called instead of x, which is still to be had as real_x.
#define DOOR(result, x, mangled, ...)                  \
  result real_##x(__VA_ARGS__) asm("__real_" mangled); \
  result wrap_##x(__VA_ARGS__) asm("__wrap_" mangled); \
  result wrap_##x(__VA_ARGS__)

namespace parkour::sim {
namespace {

using base::Atomic;
using Word = Atomic<uint32_t>;

constexpr int kFirstTid = 1000;

int64_t After(int64_t ns) {
  return ns < 0 || ns > kNever - Now() ? kNever : Now() + ns;
}

void Futex(Word* word, uint32_t expected, int64_t timeout_ns) {
  const int64_t deadline = After(timeout_ns);
  Point("futex");
  if (word->load() != expected || Fires(kSpurious, 40)) return;
  Wait("sleeps on a futex", word, deadline);
}

// A Note is its word.
Word* WordOf(base::Note* note) {
  static_assert(sizeof(base::Note) == sizeof(Word));
  return reinterpret_cast<Word*>(note);
}

bool Mutates(Mutant mutant) {
  return Begun() && TheOptions().mutant == mutant && OneIn(8);
}

}  // namespace

// ---- clock, rand ----

DOOR(int64_t, nanotime, "_ZN7parkour4base8nanotimeEv") {
  if (!Begun()) return real_nanotime();
  Point("clock");
  return Now();
}

// Deadlines are given as wall-clock time, and turned into distances at once.
DOOR(absl::Time, absl_now, "_ZN4absl7debian33NowEv") {
  if (!Begun()) return real_absl_now();
  return absl::FromUnixSeconds(1700000000) + absl::Nanoseconds(Now());
}

DOOR(int64_t, ThreadCpuTime, "_ZN7parkour4base13ThreadCpuTimeEi", int tid) {
  return Begun() ? CpuTime(tid - kFirstTid) : real_ThreadCpuTime(tid);
}

DOOR(int64_t, ProcessCpuTime, "_ZN7parkour4base14ProcessCpuTimeEv") {
  return Begun() ? Now() : real_ProcessCpuTime();
}

DOOR(uint64_t, NewSeed, "_ZN7parkour4base7NewSeedEv") {
  if (!Begun()) return real_NewSeed();
  return uint64_t{Below(UINT32_MAX)} << 32 | Below(UINT32_MAX);
}

// ---- thread ----

DOOR(int, StartThread, "_ZN7parkour4base11StartThreadEPKcmPFvPvES3_",
     const char* name, size_t stack, void (*fn)(void*), void* arg) {
  if (!Begun()) return real_StartThread(name, stack, fn, arg);
  // Without sysmon there is no program.
  const bool m = std::string_view(name).starts_with("parkour-m");
  if (m && ThreadCount() > 3 && Fires(kNoThread, 4)) return -EAGAIN;
  StartThread(name, stack, fn, arg);
  Point("starts a thread");
  return 0;
}

DOOR(void, OsYield, "_ZN7parkour4base7OsYieldEv") {
  if (!Begun()) return real_OsYield();
  Wait("yields", nullptr, Now());
}

DOOR(void, SleepFor, "_ZN7parkour4base8SleepForEl", int64_t ns) {
  if (!Begun()) return real_SleepFor(ns);
  Wait("sleeps", nullptr, After(ns));
}

DOOR(int, ThreadId, "_ZN7parkour4base8ThreadIdEv") {
  return Begun() ? kFirstTid + CurrentThread() : real_ThreadId();
}

DOOR(char, ThreadState, "_ZN7parkour4base11ThreadStateEi", int tid) {
  return Begun() ? StateOf(tid - kFirstTid) : real_ThreadState(tid);
}

DOOR(int, ProcessThreadCount, "_ZN7parkour4base18ProcessThreadCountEv") {
  return Begun() ? ThreadCount() : real_ProcessThreadCount();
}

DOOR(void, FutexWait, "_ZN7parkour4base9FutexWaitEPSt6atomicIjEjl", Word* word,
     uint32_t expected, int64_t timeout_ns) {
  if (!Begun()) return real_FutexWait(word, expected, timeout_ns);
  Futex(word, expected, timeout_ns);
}

DOOR(void, FutexWake, "_ZN7parkour4base9FutexWakeEPSt6atomicIjEi", Word* word,
     int count) {
  if (!Begun()) return real_FutexWake(word, count);
  Wake(word, count);
  Point("wakes");
}

// The product's own calls of the two above, which the linker does not see.

DOOR(void, NoteWakeup, "_ZN7parkour4base4Note6WakeupEv", base::Note* note) {
  if (!Begun()) return real_NoteWakeup(note);
  PARKOUR_CHECK(WordOf(note)->exchange(1) == 0);
  Wake(WordOf(note), 1);
  Point("wakes");
}

DOOR(void, NoteSleep, "_ZN7parkour4base4Note5SleepEv", base::Note* note) {
  if (!Begun()) return real_NoteSleep(note);
  while (WordOf(note)->load() == 0) Futex(WordOf(note), 0, -1);
}

DOOR(bool, NoteSleepFor, "_ZN7parkour4base4Note8SleepForEl", base::Note* note,
     int64_t timeout_ns) {
  if (!Begun()) return real_NoteSleepFor(note, timeout_ns);
  const int64_t deadline = After(timeout_ns);
  while (WordOf(note)->load() == 0) {
    if (deadline <= Now()) return false;
    Futex(WordOf(note), 0, deadline == kNever ? -1 : deadline - Now());
  }
  return true;
}

// ---- membarrier: one thread runs at a time ----

DOOR(int, MembarrierRegister, "_ZN7parkour4base3sys18MembarrierRegisterEv") {
  if (!Begun()) return real_MembarrierRegister();
  return Fires(kNoMembarrier, 2) ? -ENOSYS : 0;
}

DOOR(int, Membarrier, "_ZN7parkour4base3sys10MembarrierEv") {
  if (!Begun()) return real_Membarrier();
  Point("membarrier");
  return 0;
}

// ---- Planted bugs ----

DOOR(void, wakep, "_ZN7parkour7runtime5wakepEv") {
  if (!Mutates(Mutant::kLostWake)) real_wakep();
}

DOOR(void, goready, "_ZN7parkour7runtime7goreadyEPNS0_1GE", runtime::G* gp) {
  if (!Mutates(Mutant::kLostReady)) real_goready(gp);
}

DOOR(void, wakeNetPoller, "_ZN7parkour7runtime13wakeNetPollerEl",
     int64_t when) {
  if (!Mutates(Mutant::kLostBreak)) real_wakeNetPoller(when);
}

}  // namespace parkour::sim
