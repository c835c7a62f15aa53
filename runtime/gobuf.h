// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// gobuf.h: a saved machine context, and (gobuf_switch.h) the one switch between
// two of them.
// The only user of Boost.Context (its fcontext layer).
//
//   gobufInit(&buf, lo, hi, entry);          // entry runs at the first switch
//   gobufSwitch(&mine, &buf, eh);            // gobuf_switch.h; returns when
//                                            // somebody switches back to
//                                            `mine`
//
// What travels with a context: callee-saved registers and the floating-point
// control words (Boost), the C++ exception state, the sanitizers' idea of the
// stack. What does not: thread_locals and errno, which belong to the thread.
//
// Exceptions: the C++ ABI keeps the stack of caught exceptions per thread
// (__cxa_get_globals). Two goroutines parked inside a catch block would swap
// their exceptions. The switch saves the thread's state into the context that
// leaves and loads that of the context that enters; it does so before the
// jump, on the one thread that both sides share at that moment, through a
// pointer the M keeps, so no thread-local address is ever computed around a
// jump.
//
// Requires: `from` is the running context; `to` is saved and in no other
//           thread's hands.
// Blocking: the caller's code stops until somebody switches back; perhaps on
//           another thread.
// See:      Go: src/runtime/asm_amd64.s (gogo, mcall)

#ifndef PARKOUR_RUNTIME_GOBUF_H_
#define PARKOUR_RUNTIME_GOBUF_H_

#include <cstddef>
#include <cstdint>

#include "parkour/base/sanitizer.h"

namespace parkour::runtime {

// The head of the ABI's __cxa_eh_globals; libstdc++ and libc++ agree on it.
struct EhGlobals {
  void* caught_exceptions = nullptr;
  unsigned int uncaught_exceptions = 0;
};

struct Gobuf {
  void* sp = nullptr;  // saved by the switch that leaves; null: running
  void* fp = nullptr;  // the frame of that switch: where a dump starts
  void (*entry)() = nullptr;
  EhGlobals eh;
#if PARKOUR_ASAN
  void* fake_stack = nullptr;
  const void* stack_lo = nullptr;
  size_t stack_size = 0;
#endif
#if PARKOUR_TSAN
  void* fiber = nullptr;
  void* beginning = nullptr;  // a jmp_buf of its outermost frame
  Gobuf* heir = nullptr;      // who goes on when this one dies
#endif
};

// The calling thread's exception state; valid for the thread's life. The
// result may be cached in something that belongs to the thread, never in a
// local across a switch.
EhGlobals* ThreadEhGlobals();

// Makes `buf` a context that will run entry() on the stack [lo, hi).
// entry must not return. May be called again on the same stack once the
// previous run has left it for good.
void gobufInit(Gobuf* buf, uintptr_t lo, uintptr_t hi, void (*entry)());

// Makes `buf` stand for the calling thread's own stack (an M's g0).
void gobufInitThread(Gobuf* buf);

// Where a context that was left goes on: in the function that left it. 0 if
// this Boost's layout is none that we know.
// REQUIRES: it is saved, and has run before.
inline uintptr_t gobufPc(const Gobuf& buf) {
  // The control words, six registers, the last of which is the frame pointer,
  // the return address.
  const auto* const saved = static_cast<void* const*>(buf.sp);
  return saved[6] == buf.fp ? reinterpret_cast<uintptr_t>(saved[7]) : 0;
}

// What a sanitizer keeps per stack is given back; the stack is gone.
void gobufDestroy(Gobuf* buf);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_GOBUF_H_
