// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The stack of a goroutine that runs on another thread: only that thread can
// walk it. It is asked by a signal, as Go's preemption asks: SIGURG, which a
// program has to expect at any time and which nothing happens by default for.
//
// Dance (ask): one question at a time, in one word: a number and what has
// become of it.
//
//     asker                                   handler
//     posted(n), then the signal              posted(n) -> claimed(n)   (a)
//     waits; impatient:                       writes the frames
//     posted(n) -> none(n)               (b)  claimed(n) -> answered(n)
//
// One of (a) and (b) wins. A handler that comes late, after (b), finds no
// question, or the next one, which is for another thread: `tid` belongs to the
// question that (a) then succeeds for. If (b) loses, the handler is writing;
// should it not finish the frames are never used again, and nobody asks any
// more.
//
// Go: signal_unix.go (preemptM, doSigPreempt)

#include <signal.h>
#include <unistd.h>

#include "parkour/base/atomic.h"
#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/unwind.h"

namespace parkour::runtime {
namespace {

enum Phase : uint32_t { kNone, kPosted, kClaimed, kAnswered };
constexpr uint32_t kPhases = 4;
constexpr int kSignal = SIGURG;
constexpr int64_t kMs = 1000000;
constexpr int64_t kWriting = 200 * kMs;  // more than writing can take

base::Atomic<bool> asking{false};
base::Atomic<uint32_t> question{0};
base::Atomic<int> asked_tid{0};
base::Atomic<const G*> asked_g{nullptr};
StackTrace answer;  // the handler's while claimed, else the asker's

// errno is as the handler found it: nothing in here can fail.
void OnAsked(int, siginfo_t*, void*) {
  uint32_t posted = question.load(base::kAcquire);
  if (posted % kPhases == kPosted &&
      asked_tid.load(base::kRelaxed) == base::ThreadId() &&
      question.compare_exchange_strong(posted, posted - kPosted + kClaimed,
                                       base::kAcqRel)) {
    const G* const gp = asked_g.load(base::kRelaxed);
    const M* const m = getm();
    answer = StackTrace();
    // It may have gone on to another goroutine.
    if (m != nullptr && m->curg == gp) {
      unwindSelf(gp->slot_lo, gp->slot_lo + gp->slot_size, &answer);
    }
    question.store(posted - kPosted + kAnswered, base::kRelease);
    base::FutexWake(&question, 1);
  }
}

// Only where nobody has taken it: the host, or signal::Notify. The signal is
// not sent to anybody's handler but ours.
bool HaveHandler() {
  struct sigaction now;
  if (sigaction(kSignal, nullptr, &now) != 0) return false;
  if ((now.sa_flags & SA_SIGINFO) != 0) return now.sa_sigaction == OnAsked;
  if (now.sa_handler != SIG_DFL) return false;
  struct sigaction ours = {};
  ours.sa_sigaction = OnAsked;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&ours.sa_mask);
  return sigaction(kSignal, &ours, nullptr) == 0;
}

// Waits for question `n` to be answered.
bool AwaitAnswer(uint32_t n, int64_t patience) {
  const int64_t deadline = base::nanotime() + patience;
  for (;;) {
    const uint32_t now = question.load(base::kAcquire);
    if (now == n + kAnswered) return true;
    const int64_t left = deadline - base::nanotime();
    if (left <= 0) return false;
    base::FutexWait(&question, now, left);
  }
}

bool Ask(const G* gp, int tid, int64_t patience, StackTrace* trace) {
  const uint32_t n = (question.load(base::kRelaxed) / kPhases + 1) * kPhases;
  asked_g.store(gp, base::kRelaxed);
  asked_tid.store(tid, base::kRelaxed);
  question.store(n + kPosted, base::kRelease);
  uint32_t posted = n + kPosted;
  if (tgkill(getpid(), tid, kSignal) != 0) {
    question.store(n, base::kRelaxed);
  } else if (AwaitAnswer(n, patience) ||
             (!question.compare_exchange_strong(posted, n, base::kAcqRel) &&
              AwaitAnswer(n, kWriting))) {
    *trace = answer;
  } else if (posted != n + kPosted) {
    return false;  // for good: `asking` stays
  }
  asking.store(false, base::kRelease);
  return !trace->empty();
}

}  // namespace

bool unwindThread(const G* gp, int64_t patience, StackTrace* trace) {
  const M* const m = gp->m.load(base::kAcquire);
  const int tid = m == nullptr ? 0 : m->tid.load(base::kRelaxed);
  if (tid == 0 || patience <= 0 || !HaveHandler()) return false;
  if (asking.exchange(true, base::kAcquire)) return false;
  return Ask(gp, tid, patience, trace);
}

}  // namespace parkour::runtime
