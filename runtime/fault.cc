// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/fault.h"

#include <signal.h>
#include <sys/mman.h>

#include <cstdio>

#include "parkour/base/check.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/dump.h"
#include "parkour/runtime/stack.h"

namespace parkour::runtime {
namespace {

// Enough to unwind and symbolise.
constexpr size_t kAltStackSize = size_t{128} << 10;

struct sigaction old_segv;
struct sigaction old_bus;

void ReportOverflow(G* gp) {
  char text[128];
  std::snprintf(text, sizeof(text),
                "runtime: goroutine %lu stack exceeds %u-byte limit\n",
                gp->goid.load(base::kRelaxed), gp->slot_size);
  base::WriteStderr(text);
  base::Throw("stack overflow");
}

// The last words of a process that dies of a fault.
void NameGoroutine(int signal) {
  const M* const m = getm();
  if (m == nullptr || m->curg == nullptr || m->proxy) return;
  char text[96];
  std::snprintf(text, sizeof(text), "runtime: signal %d in goroutine %lu\n",
                signal, m->curg->goid.load(base::kRelaxed));
  base::WriteStderr(text);
  if (tracebackLevel().none) return;
  GoroutineDump dump({.freeze = Freeze::kCrash, .current = m->curg});
  dump.Capture();
  dump.Print(ToStderr, nullptr);
}

void OnFault(int signal, siginfo_t* info, void* context) {
  const auto addr = reinterpret_cast<uintptr_t>(info->si_addr);
  if (info->si_code > 0) {  // from the processor, not from kill(2)
    if (G* gp = StackOfGuardAddress(addr)) ReportOverflow(gp);
  }
  const struct sigaction& old = signal == SIGBUS ? old_bus : old_segv;
  if (old.sa_flags & SA_SIGINFO) {
    old.sa_sigaction(signal, info, context);
    return;
  }
  if (old.sa_handler == SIG_IGN && info->si_code <= 0) return;
  if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) {
    old.sa_handler(signal);
    return;
  }
  if (info->si_code > 0) NameGoroutine(signal);
  // Back to the default, and again: the kernel ends the process (and writes a
  // core) with the registers of the fault.
  sigaction(signal, &old, nullptr);
  if (info->si_code <= 0) raise(signal);
}

}  // namespace

void InstallFaultHandler() {
  struct sigaction sa = {};
  sa.sa_sigaction = OnFault;
  sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&sa.sa_mask);
  sigaction(SIGSEGV, &sa, &old_segv);
  sigaction(SIGBUS, &sa, &old_bus);
}

void InstallAltStack(M* m) {
  stack_t old;
  if (sigaltstack(nullptr, &old) == 0 && !(old.ss_flags & SS_DISABLE)) return;
  int error;
  void* const stack = base::sys::Reserve(kAltStackSize, &error);
  if (stack == nullptr) return;  // an overflow will die without its name
  stack_t ss = {};
  ss.ss_sp = stack;
  ss.ss_size = kAltStackSize;
  if (sigaltstack(&ss, nullptr) != 0) {
    base::sys::Unmap(stack, kAltStackSize);
    return;
  }
  m->altstack = stack;
}

void RemoveAltStack(M* m) {
  if (m->altstack == nullptr) return;
  stack_t off = {};
  off.ss_flags = SS_DISABLE;
  sigaltstack(&off, nullptr);
  base::sys::Unmap(m->altstack, kAltStackSize);
  m->altstack = nullptr;
}

}  // namespace parkour::runtime
