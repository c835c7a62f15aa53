// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/gobuf.h"

#include <cxxabi.h>
#include <pthread.h>
#include <setjmp.h>

#include "parkour/base/atomic.h"
#include "parkour/base/check.h"
#include "parkour/runtime/gobuf_switch.h"
#include "parkour/runtime/unwind.h"

#if PARKOUR_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if PARKOUR_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#if PARKOUR_TSAN && defined(__clang__)
// The switch must leave ThreadSanitizer's shadow call stack alone: its entry
// would be counted on one fiber and its exit on another.
#define PARKOUR_SWITCH \
  __attribute__((noinline, disable_sanitizer_instrumentation))
#elif PARKOUR_ASAN
// The switch's own frame must lie on the real stack: AddressSanitizer's fake
// stack of a dying goroutine is gone before the jump.
#define PARKOUR_SWITCH __attribute__((noinline, no_sanitize_address))
#else
#define PARKOUR_SWITCH __attribute__((noinline))
#endif

namespace parkour::runtime {
namespace {

namespace fctx = boost::context::detail;

base::Atomic<uintptr_t> last_return{0};

#if PARKOUR_TSAN
// ThreadSanitizer counts the functions that a context is in, and has room for
// 65,536. A dying goroutine returns from none of its own: the next ones on its
// stack would begin where it ended, and one of them crash the tool. It jumps
// back to its beginning, which counts as leaving them all, and goes on to `to`
// from there.
PARKOUR_SWITCH void LeaveForGood(Gobuf* from) {
  Gobuf* const to = from->heir;
  __tsan_switch_to_fiber(to->fiber, 0);
  Crossing out{from, to};
  fctx::jump_fcontext(to->sp, &out);
}
#endif

// First code on a new stack.
PARKOUR_SWITCH void Trampoline(fctx::transfer_t t) {
  // Nothing called us: here the unwinder stops. An escaping exception finds no
  // handler in the search phase, and std::terminate runs at the throw, with
  // the thrower's frames still on the stack.
  asm volatile(".cfi_undefined rip");
  if (last_return.load(base::kRelaxed) == 0) {
    last_return.store(reinterpret_cast<uintptr_t>(__builtin_return_address(0)),
                      base::kRelaxed);
  }
  const Crossing* crossing = static_cast<const Crossing*>(t.data);
  Gobuf* const self = crossing->to;
  crossing->from->sp = t.fctx;
#if PARKOUR_ASAN
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
#if PARKOUR_TSAN
  jmp_buf beginning;
  self->beginning = &beginning;
  if (setjmp(beginning) != 0) LeaveForGood(self);
#endif
  self->entry();
  base::Throw("runtime: a context's entry function returned");
}

}  // namespace

uintptr_t gobufLastReturn() { return last_return.load(base::kRelaxed); }

__attribute__((noinline)) EhGlobals* ThreadEhGlobals() {
  return reinterpret_cast<EhGlobals*>(abi::__cxa_get_globals());
}

void gobufInit(Gobuf* buf, uintptr_t lo, uintptr_t hi, void (*entry)()) {
  const uintptr_t top = hi & ~uintptr_t{15};
  buf->sp =
      fctx::make_fcontext(reinterpret_cast<void*>(top), top - lo, Trampoline);
  buf->fp = nullptr;
  buf->entry = entry;
  buf->eh = EhGlobals();
#if PARKOUR_ASAN
  buf->fake_stack = nullptr;
  buf->stack_lo = reinterpret_cast<const void*>(lo);
  buf->stack_size = hi - lo;
#endif
#if PARKOUR_TSAN
  if (buf->fiber == nullptr) buf->fiber = __tsan_create_fiber(0);
#endif
}

void gobufInitThread(Gobuf* buf) {
  *buf = Gobuf();
#if PARKOUR_ASAN
  pthread_attr_t attr;
  PARKOUR_CHECK(pthread_getattr_np(pthread_self(), &attr) == 0);
  void* lo;
  pthread_attr_getstack(&attr, &lo, &buf->stack_size);
  pthread_attr_destroy(&attr);
  buf->stack_lo = lo;
#endif
#if PARKOUR_TSAN
  buf->fiber = __tsan_get_current_fiber();
#endif
}

#if PARKOUR_ASAN || PARKOUR_TSAN
PARKOUR_SWITCH void gobufSwitch(Gobuf* from, Gobuf* to, EhGlobals* eh,
                                [[maybe_unused]] bool dying) {
  from->fp = __builtin_frame_address(0);
  from->eh = *eh;
  *eh = to->eh;
#if PARKOUR_ASAN
  __sanitizer_start_switch_fiber(dying ? nullptr : &from->fake_stack,
                                 to->stack_lo, to->stack_size);
#endif
#if PARKOUR_TSAN
  if (dying) {
    from->heir = to;
    longjmp(*static_cast<jmp_buf*>(from->beginning), 1);
  }
  __tsan_switch_to_fiber(to->fiber, 0);
#endif
  Crossing out{from, to};
  const fctx::transfer_t in = fctx::jump_fcontext(to->sp, &out);
  static_cast<const Crossing*>(in.data)->from->sp = in.fctx;
#if PARKOUR_ASAN
  __sanitizer_finish_switch_fiber(from->fake_stack, nullptr, nullptr);
#endif
}
#endif

void gobufDestroy([[maybe_unused]] Gobuf* buf) {
#if PARKOUR_TSAN
  if (buf->fiber != nullptr) __tsan_destroy_fiber(buf->fiber);
  buf->fiber = nullptr;
#endif
}

}  // namespace parkour::runtime
