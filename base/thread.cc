// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <memory>

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/base/sanitizer.h"

namespace parkour::base {
namespace {

struct Start {
  void (*fn)(void*);
  void* arg;
  char name[16];
};

void* RunThread(void* p) {
  std::unique_ptr<Start> start(static_cast<Start*>(p));
  pthread_setname_np(pthread_self(), start->name);
  void (*const fn)(void*) = start->fn;
  void* const arg = start->arg;
  start.reset();
  fn(arg);
  return nullptr;
}

// Reads a stat file of proc(5); returns where the command name ends, which
// stands in parentheses and may hold anything. Null if it cannot.
const char* ReadStat(const char* path, char (&text)[1024]) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  const ssize_t n = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (n <= 0) return nullptr;
  text[n] = '\0';
  return strrchr(text, ')');
}

}  // namespace

int StartThread(const char* name, size_t stack_bytes, void (*fn)(void*),
                void* arg) {
  auto start = std::make_unique<Start>(Start{fn, arg, {}});
  snprintf(start->name, sizeof(start->name), "%s", name);
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attr, stack_bytes);
  pthread_t thread;
  const int err = pthread_create(&thread, &attr, RunThread, start.get());
  pthread_attr_destroy(&attr);
  if (err != 0) return -err;
  start.release();  // now RunThread's
  return 0;
}

void OsYield() { sched_yield(); }

[[gnu::noinline]] void SleepFor(int64_t ns) {
  timespec left = {ns / 1000000000, ns % 1000000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

int ThreadId() { return gettid(); }

int ProcessThreadCount() {
  char text[1024];
  const char* p = ReadStat("/proc/self/stat", text);
  // num_threads is the 18th field after the command name (proc(5): field 20).
  for (int field = 2; p != nullptr && field < 20; ++field) {
    p = strchr(p + 1, ' ');
  }
  return p == nullptr ? 0 : atoi(p + 1);
}

char ThreadState(int tid) {
  char path[64];
  char text[1024];
  snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
  const char* const p = ReadStat(path, text);
  return p == nullptr || p[1] != ' ' ? '\0' : p[2];
}

void FutexWait(Atomic<uint32_t>* word, uint32_t expected, int64_t timeout_ns) {
#if PARKOUR_TSAN
  // ThreadSanitizer puts a signal's handler off until the thread next calls
  // libc, which a sleeper in a raw system call does not: sleep in slices.
  constexpr int64_t kSlice = 20000000;
  if (timeout_ns < 0 || timeout_ns > kSlice) timeout_ns = kSlice;
  const timespec at_once = {};
  nanosleep(&at_once, nullptr);
#endif
  timespec ts;
  timespec* timeout = nullptr;
  if (timeout_ns >= 0) {
    ts.tv_sec = timeout_ns / 1000000000;
    ts.tv_nsec = timeout_ns % 1000000000;
    timeout = &ts;
  }
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout, nullptr, 0);
}

void FutexWake(Atomic<uint32_t>* word, int count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

void Note::Wakeup() {
  const uint32_t old = word_.exchange(1, kRelease);
  PARKOUR_CHECK(old == 0);
  FutexWake(&word_, 1);
}

void Note::Sleep() {
  while (word_.load(kAcquire) == 0) FutexWait(&word_, 0, -1);
}

bool Note::SleepFor(int64_t timeout_ns) {
  const int64_t deadline = DeadlineAfter(nanotime(), timeout_ns);
  while (word_.load(kAcquire) == 0) {
    const int64_t left = deadline - nanotime();
    if (left <= 0) return false;
    FutexWait(&word_, 0, left);
  }
  return true;
}

}  // namespace parkour::base
