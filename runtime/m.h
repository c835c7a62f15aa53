// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// m.h: a machine: an OS thread. Its native stack is its g0, on which the
// scheduler runs; a plain thread that uses the runtime gets an M too, without
// a P and without a scheduler.
//
// The two words of entry. User code runs while its M holds a P that may be
// taken away; runtime code runs with a P that may not. `in_runtime` says which
// of the two it is; `attention` says that somebody wants something. The
// handshake between them is in enter.h.
//
// Lifetime: never freed: sysmon and dumps follow M pointers without a lock.
//           Plain threads' Ms are reused after their thread.
// See:      Go: src/runtime/runtime2.go (type m)

#ifndef PARKOUR_RUNTIME_M_H_
#define PARKOUR_RUNTIME_M_H_

#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/base/rand.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/gobuf.h"
#include "parkour/trace/recorder.h"

namespace parkour::runtime {

struct P;

// Bits of M::attention.
inline constexpr uint32_t kAttnPreempt = 1;  // yield at the next entry
inline constexpr uint32_t kAttnRetake = 2;   // a retaker is deciding
inline constexpr uint32_t kAttnLostP = 4;    // the P is gone
inline constexpr uint32_t kAttnSyscall = 8;  // no entry before ExitSyscall

struct M {
  M() : rand(base::NewSeed()) {}

  int64_t id = -1;     // constant; plain threads have -1
  bool proxy = false;  // a plain thread's; constant

  // See above. in_runtime is written by this M only, and counts nesting.
  base::Atomic<uint32_t> in_runtime{1};
  base::Atomic<uint32_t> attention{0};

  // This M only, except after a won handshake.
  P* p = nullptr;
  G* curg = nullptr;  // null on g0 between goroutines
  P* oldp = nullptr;  // before the system call, or before the retake
  uint32_t syscalltick = 0;
  // Since when its goroutine had run when it lost the P; 0: not lost that way.
  base::Atomic<int64_t> slice_began{0};

  Gobuf g0;
  EhGlobals* eh = nullptr;  // this thread's; constant

  // What the context that is switched to must do for the one that was left:
  // run hook(hook_g). Set just before a switch, taken just after it.
  void (*hook)(G*) = nullptr;
  G* hook_g = nullptr;
  // What gopark's hook finds.
  bool (*waitunlockf)(G*, void*) = nullptr;
  void* waitlock = nullptr;

  base::Atomic<bool> spinning{false};  // this M writes; dumps read
  base::Atomic<bool> blocked{false};   // asleep on `park`
  bool exiting = false;

  // Handed over by startm while this M sleeps; read after `park`.
  P* nextp = nullptr;
  bool nextspinning = false;
  base::Note park;

  M* schedlink = nullptr;  // idle list; guarded by sched.lock
  M* alllink = nullptr;    // constant once the M is in sched.allm

  // LockOSThread: the G that only this M may run, and how often it asked.
  G* lockedg = nullptr;
  uint32_t locked_ext = 0;

  // Its events. This M writes; a retaker that has stopped it, too.
  trace::Stream trace;

  base::Rand rand;
  // Its thread is made by one whose CPUs are its own affair. Constant once the
  // thread runs.
  bool foreign_maker = false;
  // The kernel's number of its thread; sysmon reads it.
  base::Atomic<int> tid{0};

  // Where stack overflows are reported from; see fault.h.
  void* altstack = nullptr;
};

// The calling thread's M, or null if it has not met the runtime.
//
// Assembler, which names the thread_local of tls.cc, so that it is read anew
// each time: a goroutine may wake on another thread after any call that parks,
// and compilers keep thread_locals, and their addresses, in registers across
// such calls. No other function of the runtime names a thread_local;
// tests/truths looks at the machine code.
__attribute__((always_inline)) inline M* getm() {
  M* m;
  asm volatile(
      "movq parkour_current_m@gottpoff(%%rip), %0\n\t"
      "movq %%fs:(%0), %0"
      : "=r"(m));
  return m;
}
void setm(M* m);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_M_H_
