// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/sim/world.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "parkour/runtime/dump.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/proc.h"
#include "tests/sim/kernel.h"

namespace parkour::sim {
namespace {

using runtime::sched;

constexpr int kMaxThreads = 200;
constexpr int64_t kMaxPoints = 3000000;
constexpr int64_t kTimerSlack = 20000;  // the poller's deadline against a timer

enum class State { kReady, kWaiting, kEnded };

struct Thread {
  State state = State::kReady;
  bool woken = false;
  const void* what = nullptr;
  const char* why = "new";
  int64_t deadline = kNever;
  int64_t cpu = 0;
  uint32_t priority = 0;
  char name[16] = {};
  void (*fn)(void*) = nullptr;
  void* arg = nullptr;
  std::atomic<uint32_t> turn{0};  // 1: it has the baton
};

// Everything here belongs to the thread that has the baton.
Thread threads[kMaxThreads];
int thread_count = 0;
int current = 0;
int64_t now_ns = 1000000;
uint64_t random_state = 1;
bool begun = false;
Options options;
Tally* tally = nullptr;
bool active[kFaults];
int starved = -1;
uint32_t lowest = 1u << 30;  // below all priorities that were given
int change_every = 0;

void Mix(uint64_t v) {
  tally->hash = (tally->hash ^ v) * 0x100000001B3u;
  tally->hash ^= tally->hash >> 29;
}

void AwaitTurn(Thread* t) {
  while (t->turn.exchange(0, std::memory_order_acquire) == 0) {
    syscall(SYS_futex, &t->turn, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
  }
}

void GiveTurn(Thread* t) {
  t->turn.store(1, std::memory_order_release);
  syscall(SYS_futex, &t->turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void MakeReady(Thread* t, bool woken) {
  t->state = State::kReady;
  t->woken = woken;
  t->what = nullptr;
  t->deadline = kNever;
}

// Whoever's time has come, and the poller if there is something for it.
void WakeDue() {
  bool asked = false;
  bool events = false;
  for (int i = 0; i < thread_count; ++i) {
    Thread& t = threads[i];
    if (t.state != State::kWaiting) continue;
    if (t.what == &kPoller && !asked) {
      asked = true;
      events = EventsDue();
    }
    if (t.deadline <= now_ns || (t.what == &kPoller && events)) {
      MakeReady(&t, /*woken=*/t.deadline > now_ns);
    }
  }
}

bool SomeP(bool (*pred)(runtime::P*)) {
  const int n = sched.gomaxprocs.load();
  for (int i = 0; i < n; ++i) {
    if (pred(runtime::allp(i))) return true;
  }
  return false;
}

int64_t next_moment = 0;

// All threads wait, until `next_moment`. What would be late by then?
void LookAtTheBooks() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!runtime::started() || sched.gcwaiting.load() || sched.ended.load() ||
      sched.thread_refused.load() || sched.npidle.load() == 0) {
    return;
  }
  if (sched.runqsize.load() > 0) {
    Fail("a goroutine waits in the global queue, and a P is idle");
  }
  if (SomeP([](runtime::P* p) { return !p->runq.empty(); })) {
    Fail("a goroutine waits in a P's queue, and a P is idle");
  }
  if (SomeP([](runtime::P* p) {
        const int64_t due = p->timers.wakeTime();
        return due != 0 && due + kTimerSlack < next_moment;
      })) {
    Fail("a timer is due before anybody wakes up");
  }
  if (EventsDue() && runtime::netpollAnyWaiters()) {
    Fail("an event is there, and nobody polls");
  }
}

// Nobody can go on: time passes.
void Jump() {
  next_moment = NextEvent();
  for (int i = 0; i < thread_count; ++i) {
    if (threads[i].state == State::kWaiting) {
      next_moment = std::min(next_moment, threads[i].deadline);
    }
  }
  LookAtTheBooks();
  if (next_moment == kNever) Fail("everybody waits, for ever");
  now_ns = std::max(now_ns, next_moment);
  ++tally->jumps;
}

// One of those that can run; -1: nobody can.
int Choose() {
  int ready[kMaxThreads];
  int n = 0;
  for (int i = 0; i < thread_count; ++i) {
    if (threads[i].state == State::kReady) ready[n++] = i;
  }
  if (n == 0) return -1;
  if (n == 1) return ready[0];
  const bool runs = threads[current].state == State::kReady;
  switch (options.schedule) {
    case Schedule::kUniform:
      break;
    case Schedule::kSticky:
      if (runs && !OneIn(12)) return current;
      break;
    case Schedule::kPct:
      if (runs && OneIn(static_cast<uint32_t>(change_every))) {
        threads[current].priority = --lowest;
      }
      return *std::max_element(ready, ready + n, [](int a, int b) {
        return threads[a].priority < threads[b].priority;
      });
    case Schedule::kStarve:
      if (!OneIn(50)) {
        n = static_cast<int>(std::remove(ready, ready + n, starved) - ready);
      }
      break;
  }
  return ready[Below(static_cast<uint32_t>(n))];
}

// Hands the baton on, and returns when this thread has it again. A thread that
// has ended does not wait.
void Next(const char* why) {
  const int me = current;
  const int64_t passed = 40 + Below(200);
  now_ns += passed;
  threads[me].cpu += passed;
  if (++tally->points > kMaxPoints) Fail("it does not end");
  WakeDue();
  int next = Choose();
  while (next < 0) {
    Jump();
    WakeDue();
    next = Choose();
  }
  Mix(static_cast<uint64_t>(next) << 48 ^ static_cast<uint64_t>(now_ns));
  tally->now = now_ns;
  if (next == me) return;
  ++tally->switches;
  if (options.show) {
    std::fprintf(stderr, "%9ld.%03ld %s: %s -> %s (%s)\n",
                 static_cast<long>(now_ns / 1000),
                 static_cast<long>(now_ns % 1000), threads[me].name, why,
                 threads[next].name, threads[next].why);
  }
  current = next;
  const bool ended = threads[me].state == State::kEnded;
  GiveTurn(&threads[next]);
  if (!ended) AwaitTurn(&threads[me]);
}

Thread* Add(const char* name) {
  if (thread_count == kMaxThreads) Fail("too many threads");
  Thread* const t = &threads[thread_count++];
  std::snprintf(t->name, sizeof(t->name), "%s", name);
  t->priority = (1u << 30) + Below(1u << 30);
  tally->threads = thread_count;
  return t;
}

void RunThread(void* p) {
  auto* const t = static_cast<Thread*>(p);
  AwaitTurn(t);
  t->fn(t->arg);
  t->state = State::kEnded;
  Next("ends");
}

}  // namespace

const char kPoller = 0;

void Begin(const Options& o, Tally* to) {
  options = o;
  tally = to;
  tally->hash = 0xCBF29CE484222325u;
  random_state = o.seed * 0x9E3779B97F4A7C15u + 0x632BE59BD9B4E019u;
  for (int i = 0; i < 8; ++i) Below(2);
  for (bool& a : active) a = o.faults && OneIn(2);
  Add("main");
  starved = static_cast<int>(1 + Below(5));
  change_every = static_cast<int>(20 + Below(400));
  begun = true;
}

const Options& TheOptions() { return options; }

bool Begun() { return begun; }

uint32_t Below(uint32_t n) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return static_cast<uint32_t>(
      ((random_state * 0x2545F4914F6CDD1Du) >> 32) * n >> 32);
}

bool Fires(Fault fault, uint32_t one_in) {
  if (!active[fault] || !OneIn(one_in)) return false;
  ++tally->faults[fault];
  return true;
}

int64_t Now() { return now_ns; }

void Compute(int64_t ns) {
  constexpr int64_t kStep = 5000;
  for (; ns > 0; ns -= kStep) {
    now_ns += kStep;
    threads[current].cpu += kStep;
    Point("computes");
  }
}

void Point(const char* why) { Next(why); }

bool Wait(const char* why, const void* what, int64_t deadline) {
  Thread& t = threads[current];
  t.state = State::kWaiting;
  t.woken = false;
  t.what = what;
  t.why = why;
  t.deadline = deadline;
  Next(why);
  return t.woken;
}

void Wake(const void* what, int count) {
  int waiting[kMaxThreads];
  int n = 0;
  for (int i = 0; i < thread_count; ++i) {
    const Thread& t = threads[i];
    if (t.state == State::kWaiting && t.what == what) waiting[n++] = i;
  }
  for (; n > 0 && count > 0; --count) {
    const auto i = Below(static_cast<uint32_t>(n));
    MakeReady(&threads[waiting[i]], /*woken=*/true);
    waiting[i] = waiting[--n];
  }
}

int StartThread(const char* name, size_t stack, void (*fn)(void*), void* arg) {
  Thread* const t = Add(name);
  t->fn = fn;
  t->arg = arg;
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attr, stack);
  pthread_t thread;
  using Start = void* (*)(void*);
  static const Start start = [](void* p) -> void* { return RunThread(p), p; };
  if (pthread_create(&thread, &attr, start, t) != 0) {
    Fail("no thread to be had");
  }
  pthread_attr_destroy(&attr);
  return 0;
}

int CurrentThread() { return current; }

int ThreadCount() {
  return static_cast<int>(
      std::count_if(threads, threads + thread_count,
                    [](const Thread& t) { return t.state != State::kEnded; }));
}

int64_t CpuTime(int id) {
  if (id < 0 || id >= thread_count) return -1;
  return threads[id].state == State::kEnded ? -1 : threads[id].cpu;
}

char StateOf(int id) {
  if (id < 0 || id >= thread_count) return '\0';
  switch (threads[id].state) {
    case State::kReady:
      return 'R';
    case State::kWaiting:
      return 'S';
    case State::kEnded:
      break;
  }
  return '\0';
}

namespace {

// Real doors from here on; the other threads stay where they are.
void ShowGoroutines() {
  begun = false;
  runtime::GoroutineDump dump(
      {.freeze = runtime::Freeze::kCrash, .others = true});
  dump.Capture();
  dump.Print([](std::string_view piece,
                void*) { std::fwrite(piece.data(), 1, piece.size(), stderr); },
             nullptr);
}

}  // namespace

void Fail(const char* what) {
  std::fprintf(stderr, "sim: %s, at %ld us\n", what,
               static_cast<long>(now_ns / 1000));
  for (int i = 0; i < thread_count; ++i) {
    const Thread& t = threads[i];
    if (t.state == State::kEnded) continue;
    std::fprintf(stderr, "sim:   %s %s: %s\n", i == current ? "*" : " ", t.name,
                 t.state == State::kReady ? "can run" : t.why);
  }
  std::fprintf(stderr,
               "sim:   idle Ps %d, spinning %d, global queue %d, idle Ms %d\n",
               sched.npidle.load(), sched.nmspinning.load(),
               sched.runqsize.load(), sched.nmidle.load());
  if (options.show && runtime::started()) ShowGoroutines();
  _exit(3);
}

void Check(bool holds, const char* what) {
  if (!holds) Fail(what);
}

}  // namespace parkour::sim
