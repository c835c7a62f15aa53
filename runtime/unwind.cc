// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/unwind.h"

#include <unwind.h>

#include <algorithm>

#include "parkour/base/sanitizer.h"
#include "parkour/runtime/stackwalk.h"

// parkour_unwind_from(fp, fn, arg) calls fn(arg); to the unwinder it looks as
// if the call came from the function that the frame at fp returns to. What is
// known of that one are its stack pointer, its frame pointer and where it will
// go on: all that tables of frames refer to.
extern "C" __attribute__((visibility("hidden"))) void parkour_unwind_from(
    uintptr_t fp, void (*fn)(void*), void* arg);

asm(R"(
  .text
  .p2align 4
  .globl parkour_unwind_from
  .hidden parkour_unwind_from
  .type parkour_unwind_from, @function
parkour_unwind_from:
  .cfi_startproc
  endbr64
  push %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbx, 0
  mov %rdi, %rbx
  mov %rdx, %rdi
  .cfi_remember_state
  .cfi_def_cfa %rbx, 16
  .cfi_offset %rip, -8
  .cfi_offset %rbp, -16
  .cfi_same_value %rbx
  call *%rsi
  .cfi_restore_state
  pop %rbx
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbx
  ret
  .cfi_endproc
  .size parkour_unwind_from, .-parkour_unwind_from
)");

namespace parkour::runtime {
namespace {

struct Walk {
  StackTrace* trace;
  uintptr_t lo;
  uintptr_t hi;
};

_Unwind_Reason_Code OnFrame(_Unwind_Context* context, void* arg) {
  const Walk* const walk = static_cast<Walk*>(arg);
  int interrupted = 0;
  const uintptr_t sp = _Unwind_GetCFA(context);
  const uintptr_t pc = _Unwind_GetIPInfo(context, &interrupted);
  if (pc == 0) return _URC_END_OF_STACK;
  if (sp >= walk->lo && sp <= walk->hi) {
    walk->trace->Add(interrupted != 0 ? pc : pc - 1, sp);
  }
  return _URC_NO_REASON;
}

void Backtrace(void* walk) { _Unwind_Backtrace(OnFrame, walk); }

PARKOUR_NO_SANITIZE uintptr_t savedFrame(const G* gp) {
  return reinterpret_cast<uintptr_t>(gp->sched.fp);
}

// Whether it came to the end.
bool walkSaved(const G* gp, StackTrace* trace) {
  uintptr_t last = 0;
  visitFrames(savedFrame(gp), gp->stack_lo, gp->stack_hi,
              [&](uintptr_t pc, uintptr_t fp) {
                last = pc;
                trace->Add(pc - 1, fp + 2 * sizeof(uintptr_t));
                return true;
              });
  return last == gobufLastReturn();
}

}  // namespace

void StackTrace::Add(uintptr_t pc, uintptr_t sp) {
  const int at = total_ < kInner ? total_ : kInner + (total_ - kInner) % kOuter;
  frames_[at] = {pc, sp};
  ++total_;
}

void StackTrace::Finish() {
  if (elided() == 0) return;
  StackFrame* const outer = frames_ + kInner;
  std::rotate(outer, outer + (total_ - kInner) % kOuter, outer + kOuter);
}

std::span<const StackFrame> StackTrace::frames() const {
  return {frames_, static_cast<size_t>(std::min(total_, kInner + kOuter))};
}

int StackTrace::elided() const { return std::max(0, total_ - kInner - kOuter); }

void unwindSelf(uintptr_t lo, uintptr_t hi, StackTrace* trace) {
  Walk walk{trace, lo, hi};
  Backtrace(&walk);
  trace->Finish();
}

void unwindParked(const G* gp, StackTrace* trace) {
  const uintptr_t fp = savedFrame(gp);
  // It has not run yet, or is on a stack of its own, a coroutine's, say.
  if (fp < gp->stack_lo || fp + 16 > gp->stack_hi) return;
  if (!walkSaved(gp, trace)) {
    *trace = StackTrace();
    Walk walk{trace, fp, gp->stack_hi};
    parkour_unwind_from(fp, Backtrace, &walk);
  }
  trace->Finish();
}

void unwindMaybeRunning(const G* gp, StackTrace* trace) {
  walkSaved(gp, trace);
  trace->Finish();
}

}  // namespace parkour::runtime
