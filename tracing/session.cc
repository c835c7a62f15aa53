// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Traces of any length: a thread of ours takes what has been recorded about
// once a second and writes it as one generation of the file. It belongs to no
// P, so it goes on when the scheduler is busy, and what it waits for is no
// goroutine's business.

#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/io/any.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/log.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/start.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/trace/exporter.h"
#include "parkour/tracing/sink.h"
#include "parkour/tracing/snapshot.h"
#include "parkour/tracing/trace.h"

namespace parkour::trace {
namespace {

constexpr int64_t kLookEvery = 50000000;
constexpr int64_t kGenerationNs = 1000000000;
constexpr size_t kGenerationBytes = size_t{4} << 20;
constexpr size_t kMaxLeft = size_t{4} << 20;  // records
constexpr size_t kThreadStack = size_t{1} << 20;

class Session {
 public:
  Session(io::AnyWriter writer, const Snapshot& snapshot)
      : writer_(std::move(writer)),
        exporter_({TicksPerSecond(), base::cputicks()}) {
    snapshot.AddTo(&exporter_);
    Put(exporter_.Begin());
  }

  // 0, or -errno: the system refuses the thread.
  int Start() {
    done_.Add(1);
    const int error = base::StartThread(
        "parkour-trace", kThreadStack,
        [](void* arg) { static_cast<Session*>(arg)->Run(); }, this);
    if (error != 0) done_.Done();
    return error;
  }

  // From here on the thread takes nothing any more: what comes is the caller's.
  void StopTaking() {
    base::MutexLock lock(&take_mu_);
    stopping_ = true;
  }

  // With the last records, after StopTaking.
  absl::Status Finish(Recording last) {
    last_ = std::move(last);
    // Our thread will wake whoever waits here: no deadlock.
    runtime::sched.external_wakers.fetch_add(1);
    stop_.Wakeup();
    done_.Wait();
    runtime::sched.external_wakers.fetch_sub(1);
    return error_;
  }

 private:
  // Asleep it is a thread of the runtime's: see deadlock.cc.
  bool Nap() {
    runtime::sched.proxies_parked.fetch_add(1, base::kAcqRel);
    const bool stop = stop_.SleepFor(kLookEvery);
    runtime::sched.proxies_parked.fetch_sub(1, base::kAcqRel);
    return stop;
  }

  void Run() {
    int64_t written = base::nanotime();
    while (!Nap()) {
      const int64_t now = base::nanotime();
      if (now - written < kGenerationNs &&
          SessionBacklog() < kGenerationBytes) {
        continue;
      }
      written = now;
      TakeSome();
      // Each generation tells of all goroutines: none while nothing happens.
      if (!left_.streams.empty()) WriteGeneration();
    }
    Add(std::move(last_));
    WriteGeneration();
    done_.Done();
  }

  void TakeSome() {
    base::MutexLock lock(&take_mu_);
    if (!stopping_) Add(Take());
  }

  // After a loss nothing could be put in order.
  void WriteGeneration() {
    if (!error_.ok()) return;
    Put(exporter_.Generation(&left_));
    CheckLeft();
  }

  void Add(Recording taken) {
    if (taken.lost && error_.ok()) {
      error_ = absl::DataLossError(
          "trace: events are lost: the writer is too slow, or memory is short");
    }
    if (!error_.ok()) return;
    for (auto& [tid, records] : taken.streams) {
      std::vector<Record>& stream = left_.streams[tid];
      stream.insert(stream.end(), records.begin(), records.end());
    }
  }

  // Some are always on their way. Many mean that one is missing for good.
  void CheckLeft() {
    size_t n = 0;
    for (const auto& [tid, records] : left_.streams) n += records.size();
    if (n < kMaxLeft) return;
    left_.streams.clear();
    if (error_.ok()) {
      error_ = absl::InternalError("trace: events cannot be put in order");
    }
  }

  void Put(std::string_view bytes) {
    if (error_.ok()) error_ = writer_.Write(bytes).err;
  }

  io::AnyWriter writer_;
  absl::Status error_;
  Exporter exporter_;
  Recording left_;  // not in order yet
  Recording last_;
  base::Note stop_;
  sync::WaitGroup done_;
  base::Mutex take_mu_{base::LockRank::kLeaf};
  bool stopping_ ABSL_GUARDED_BY(take_mu_) = false;
};

sync::Mutex mu;
// Never destroyed but by Stop: its thread may run while the process ends.
Session* session ABSL_GUARDED_BY(mu) = nullptr;
base::Atomic<pid_t> owner{-1};  // the process that the session is of
base::Atomic<bool> enabled{false};

absl::Status CheckNone() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
  if (session == nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError("tracing is already enabled");
}

// At the exit of a program that has not called Stop. The child of a fork has no
// session, and no runtime.
void StopAtExit() {
  if (owner.load(base::kRelaxed) != getpid()) return;
  if (const absl::Status error = Stop(); !error.ok()) {
    runtime::LogWarning(absl::StrCat("trace: ", error.message()));
  }
}

absl::Status Begin(io::AnyWriter writer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
  if (runtime::worldEnded()) {
    return absl::FailedPreconditionError("trace: the runtime has ended");
  }
  runtime::stopTheWorld();
  BeginSession();
  const Snapshot snapshot = TakeSnapshot();
  runtime::startTheWorld();
  session = new Session(std::move(writer), snapshot);
  if (session->Start() != 0) {
    delete std::exchange(session, nullptr);
    const WorldStop stop;
    EndSession();
    return absl::ResourceExhaustedError("the system refuses a thread");
  }
  if (owner.exchange(getpid()) == -1) std::atexit(StopAtExit);
  enabled.store(true, base::kRelaxed);
  return absl::OkStatus();
}

}  // namespace

absl::Status Start(io::AnyWriter writer) {
  runtime::ensureStarted();
  sync::MutexLock lock(&mu);
  if (absl::Status error = CheckNone(); !error.ok()) return error;
  return Begin(std::move(writer));
}

// The file is emptied only if it is going to be written.
absl::Status Start(std::string_view path) {
  runtime::ensureStarted();
  sync::MutexLock lock(&mu);
  if (absl::Status error = CheckNone(); !error.ok()) return error;
  absl::StatusOr<FileSink> file = FileSink::Create(path);
  if (!file.ok()) return file.status();
  return Begin(io::AnyWriter(*std::move(file)));
}

absl::Status Stop() {
  sync::MutexLock lock(&mu);
  if (session == nullptr) return absl::OkStatus();
  session->StopTaking();
  Recording last;
  {
    const WorldStop stop;
    last = Take();
    EndSession();
  }
  const absl::Status error = session->Finish(std::move(last));
  delete std::exchange(session, nullptr);
  enabled.store(false, base::kRelaxed);
  return error;
}

bool IsEnabled() { return enabled.load(base::kRelaxed); }

}  // namespace parkour::trace
