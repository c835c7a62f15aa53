// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Hosts with signal handlers, signal masks and alternate stacks of their own.
// tests/crash has the handler that was there first and wants to know where.

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <thread>

#include "parkour/tests/embed/cases.h"

namespace parkour::tests {
namespace {

constexpr int kHostExit = 7;
constexpr size_t kPage = 4096;

[[gnu::noinline]] int Recurse(int depth) {
  volatile char frame[256];
  frame[0] = static_cast<char>(depth);
  asm volatile("" : : "r"(frame) : "memory");
  return depth > 0 ? Recurse(depth - 1) + frame[0] : 0;
}

void Overflow() {
  const int deep = Recurse(1 << 30);
  asm volatile("" : : "r"(deep));
}

char* MapPage(int protection) {
  return static_cast<char*>(
      mmap(nullptr, kPage, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

void Touch(char* page) { *static_cast<volatile char*>(page) = 1; }

void Segv() { Touch(MapPage(PROT_NONE)); }

// A page of a file beyond its end.
void Bus() {
  char name[] = "/tmp/parkour_embed_XXXXXX";
  const int fd = mkstemp(name);
  unlink(name);
  Touch(static_cast<char*>(
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)));
}

// Waits for what ends the process.
template <typename F>
int InGoroutine(F f) {
  go(f);
  Chan<int>().Recv();
  return 1;
}

void Note(const char* text) {
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) _exit(1);
}

using Action = void (*)(int, siginfo_t*, void*);

struct sigaction Install(int signal, Action action, int flags = SA_ONSTACK) {
  struct sigaction sa = {};
  struct sigaction old;
  sa.sa_sigaction = action;
  sa.sa_flags = SA_SIGINFO | flags;
  sigaction(signal, &sa, &old);
  return old;
}

void EndHost(int, siginfo_t*, void*) {
  Note("host handler\n");
  _exit(kHostExit);
}

void EndHostOldStyle(int) {
  Note("host handler\n");
  _exit(kHostExit);
}

// ---- Handlers that come after the runtime ----

struct sigaction chained;

int HandlerAfterChains() {
  StartRuntime();
  chained = Install(SIGSEGV, [](int signal, siginfo_t* info, void* context) {
    Note("host handler\n");
    chained.sa_sigaction(signal, info, context);
  });
  return InGoroutine(Overflow);
}

// Who comes last has the say.
int HandlerAfterKeeps() {
  StartRuntime();
  Install(SIGSEGV, EndHost);
  return InGoroutine(Overflow);
}

// ---- And before ----

int OldStyleHandlerBefore() {
  ::signal(SIGSEGV, EndHostOldStyle);
  return InGoroutine(Segv);
}

int OldStyleHandlerOverflow() {
  ::signal(SIGSEGV, EndHostOldStyle);
  return InGoroutine(Overflow);
}

std::atomic<int> recovered = 0;

// A host that handles faults (a collector, an emulator) goes on doing so, in
// goroutines too.
int HandlerRecovers() {
  Install(SIGSEGV, [](int, siginfo_t* info, void*) {
    const auto at = reinterpret_cast<uintptr_t>(info->si_addr);
    if (mprotect(reinterpret_cast<void*>(at & ~(kPage - 1)), kPage,
                 PROT_READ | PROT_WRITE) != 0) {
      _exit(1);
    }
    ++recovered;
  });
  constexpr int kFaults = 50;
  sync::WaitGroup wg;
  for (int i = 0; i < kFaults; ++i) {
    wg.Go([] {
      Segv();
      runtime::Gosched();
    });
  }
  wg.Wait();
  std::thread(Segv).join();
  return recovered == kFaults + 1 ? 0 : 1;
}

int SegvIgnored() {
  ::signal(SIGSEGV, SIG_IGN);
  return InGoroutine(Segv);
}

int SegvIgnoredOverflow() {
  ::signal(SIGSEGV, SIG_IGN);
  return InGoroutine(Overflow);
}

int BusDefault() { return InGoroutine(Bus); }

int BusHandlerBefore() {
  Install(SIGBUS, EndHost);
  return InGoroutine(Bus);
}

// ---- A plain thread's own affairs ----

int SegvInPlainThread() {
  StartRuntime();
  std::thread(Segv).join();
  return 1;
}

// The host's main thread has an alternate stack, and keeps it.
int HostAltStack() {
  static char stack[64 << 10];
  stack_t ss = {};
  ss.ss_sp = stack;
  ss.ss_size = sizeof(stack);
  sigaltstack(&ss, nullptr);
  Install(SIGSEGV, [](int, siginfo_t*, void*) {
    char here;
    asm volatile("" : : "r"(&here) : "memory");
    Note(&here >= stack && &here < stack + sizeof(stack)
             ? "on the host's stack\n"
             : "elsewhere\n");
    _exit(kHostExit);
  });
  StartRuntime();
  if (!Work(1)) return 1;
  stack_t now;
  sigaltstack(nullptr, &now);
  if (now.ss_sp != stack || now.ss_size != sizeof(stack)) return 2;
  Segv();
  return 3;
}

// ---- Masks ----

void BlockAll() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

// The thread that starts the runtime blocks every signal; its Ms are to name an
// overflow all the same.
int AllBlockedOverflow() {
  BlockAll();
  return InGoroutine(Overflow);
}

// A signal that all of the host's threads block is taken by none of ours.
int AllBlockedSigwait() {
  BlockAll();
  StartBusyGoroutines();
  kill(getpid(), SIGUSR1);
  kill(getpid(), SIGTERM);
  sigset_t expected;
  sigemptyset(&expected);
  sigaddset(&expected, SIGUSR1);
  sigaddset(&expected, SIGTERM);
  int first = 0;
  int second = 0;
  sigwait(&expected, &first);
  sigwait(&expected, &second);
  if (first + second != SIGUSR1 + SIGTERM) return 1;
  Say("waited for");
  return 0;
}

constexpr HostCase kCases[] = {
    {"handler_after_chains", HandlerAfterChains},
    {"handler_after_keeps", HandlerAfterKeeps},
    {"old_style_handler_before", OldStyleHandlerBefore},
    {"old_style_handler_overflow", OldStyleHandlerOverflow},
    {"handler_recovers", HandlerRecovers},
    {"segv_ignored", SegvIgnored},
    {"segv_ignored_overflow", SegvIgnoredOverflow},
    {"bus_default", BusDefault},
    {"bus_handler_before", BusHandlerBefore},
    {"segv_in_plain_thread", SegvInPlainThread},
    {"host_alt_stack", HostAltStack},
    {"all_blocked_overflow", AllBlockedOverflow},
    {"all_blocked_sigwait", AllBlockedSigwait},
};

}  // namespace

std::span<const HostCase> Signals() { return kCases; }

}  // namespace parkour::tests
