// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A P in a system call between three that want it: its M coming back
// (syscall.cc: EnterSyscall, stopInSyscall, exitsyscall, takeP), sysmon
// (retake.cc: RetakeFromSyscall; handoff.cc: handoffp, parkP) and who stops the
// world (stw.cc: collectEasyPs, startTheWorld). One of them gets it, and the
// world stops.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

constexpr auto kSeqCst = Order::seq_cst;
constexpr auto kRelaxed = Order::relaxed;
constexpr auto kRelease = Order::release;

enum : uint32_t { kPidle, kPrunning, kPsyscall, kPgcstop };

template <bool kSysmon>
struct SyscallModel {
  static constexpr int kThreads = 2 + kSysmon;
  SyscallModel() {
    status.Name("p.status");
    gcwaiting.Name("gcwaiting");
    ready.Name("M may look again");
  }

  void Thread(int t) {
    if (t == 0) {
      p_data.Set(p_data.Get() + 1);
      EnterSyscall();
      ExitSyscall();
      p_data.Set(p_data.Get() + 1);
      GiveUpP();
    } else if (t == 1) {
      StopTheWorld();
      p_data.Set(p_data.Get() + 1);
      StartTheWorld();
    } else {
      RetakeFromSyscall();
    }
  }

  // ---- syscall.cc ----

  void EnterSyscall() {
    if (Mutant("looks at gcwaiting before it announces the system call")) {
      const bool stopping = gcwaiting.load(kSeqCst);
      status.store(kPsyscall, kSeqCst);
      if (stopping) StopInSyscall();
      return;
    }
    status.store(kPsyscall, kSeqCst);
    if (gcwaiting.load(kSeqCst)) StopInSyscall();
  }
  void StopInSyscall() {
    LockGuard guard(&lock);
    uint32_t expected = kPsyscall;
    if (stopwait > 0 &&
        status.compare_exchange_strong(expected, kPgcstop, kSeqCst)) {
      if (--stopwait == 0) stopnote.Set();
    }
  }
  bool TakeP() {
    uint32_t expected = kPsyscall;
    if (!gcwaiting.load(kSeqCst) &&
        status.compare_exchange_strong(expected, kPidle, kSeqCst)) {
      return true;
    }
    LockGuard guard(&lock);
    return !gcwaiting.load(kRelaxed) && Pidleget();
  }
  void ExitSyscall() {
    while (!TakeP()) ready.AwaitTake();  // exitsyscall0: parked until startm
    Require(status.load(kRelaxed) == kPidle, "acquirep: not idle");
    status.store(kPrunning, kRelease);
  }

  // ---- stw.cc ----

  void StopTheWorld() {
    {
      LockGuard guard(&lock);
      stopwait = 1;
      const bool late = Mutant("gcwaiting is set after the look");
      if (!late) gcwaiting.store(true, kSeqCst);
      uint32_t expected = kPsyscall;
      if (status.compare_exchange_strong(expected, kPgcstop, kSeqCst)) {
        --stopwait;
      }
      if (Pidleget()) {
        status.store(kPgcstop, kRelease);
        --stopwait;
      }
      if (late) gcwaiting.store(true, kSeqCst);
      if (stopwait == 0) return;
    }
    stopnote.Wait();
  }
  void StartTheWorld() {
    Require(status.load(kRelaxed) == kPgcstop, "the world is not stopped");
    LockGuard guard(&lock);
    gcwaiting.store(false, kSeqCst);
    status.store(kPidle, kRelease);
    Pidleput();
  }

  // ---- handoff.cc, retake.cc, proc.cc ----

  void RetakeFromSyscall() {
    uint32_t expected = kPsyscall;
    if (status.compare_exchange_strong(expected, kPidle, kSeqCst)) {
      p_data.Set(p_data.Get() + 1);
      ParkP();
    }
  }
  void ParkP() {
    LockGuard guard(&lock);
    if (gcwaiting.load(kRelaxed)) {
      status.store(kPgcstop, kRelease);
      if (--stopwait == 0) stopnote.Set();
      return;
    }
    Pidleput();
  }
  // The M schedules: gcstopm or giveUpP.
  void GiveUpP() {
    status.store(kPidle, kRelease);
    ParkP();
  }
  void Pidleput() {
    idle = true;
    ready.Give();
  }
  bool Pidleget() {
    const bool had = idle;
    idle = false;
    return had;
  }

  void Finish() {
    Require(stopwait == 0, "stopwait is left over");
    Require(idle && status.load() == kPidle, "the P is lost");
  }

  Lock lock;
  Atomic<uint32_t> status{kPrunning};
  Atomic<bool> gcwaiting{false};
  Atomic<int> ready{0};
  Event stopnote;
  int stopwait = 0;   // guarded by lock
  bool idle = false;  // guarded by lock
  Shared<int> p_data{0, "the P"};
};

constexpr char kUnseen[] = "nobody looks at the status of a P that runs here";

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"StopInSyscall cas seq_cst -> acq_rel", kLocked},
    {"StopInSyscall cas failing seq_cst -> acquire", kLocked},
    {"TakeP load#1 seq_cst -> acquire", kRetried},
    {"TakeP cas seq_cst -> acq_rel", kOneWord},
    {"TakeP cas failing seq_cst -> acquire", kLocked},
    {"ExitSyscall store release -> relaxed", kLocked},
    {"ExitSyscall store left out", kUnseen},
    {"StopTheWorld cas seq_cst -> acq_rel", kOneWord},
    {"StopTheWorld store#2 release -> relaxed", kLocked},
    {"StartTheWorld store#1 seq_cst -> release", kLocked},
    {"StartTheWorld store#2 release -> relaxed", kLocked},
    {"RetakeFromSyscall cas seq_cst -> acq_rel", kOneWord},
    {"RetakeFromSyscall cas failing seq_cst -> acquire", kHint},
    {"ParkP store release -> relaxed", kLocked},
    {"GiveUpP store release -> relaxed", kLocked},
};

TEST(SyscallModel, StopTheWorld) {
  CheckModel<SyscallModel<false>, SyscallModel<true>>(
      {.name = "syscall",
       .named = {"looks at gcwaiting before it announces the system call",
                 "gcwaiting is set after the look"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
