// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// poll/netpoll.cc: check, prepare, wait, block, blockCommit, unblock, ready,
// evict, expire, setDeadline, setEventError, pollClose and pollOpen, and
// netpoll_epoll.cc: Deliver. One direction. No waiter stays behind, nobody is
// woken twice for one parking, a deadline that was moved does not strike, and
// the owner of a reused descriptor sees nothing of its predecessor's errors.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

constexpr auto kSeqCst = Order::seq_cst;
constexpr auto kRelaxed = Order::relaxed;

enum : uint64_t { kPdNil, kPdReady, kPdWait, kG };
constexpr uint32_t kInfoClosing = 1, kInfoExpired = 2, kInfoEventError = 8;
enum Error { kOk, kClosing, kTimeout, kNotPollable };

struct PollDesc {
  PollDesc() {
    gate.Name("gate");
    info.Name("info");
    tag.Name("tag");
    data.Name("kernel buffer");
  }

  Error Check() {
    const uint32_t i = info.load(kSeqCst);
    if (i & kInfoClosing) return kClosing;
    if (i & kInfoExpired) return kTimeout;
    if (i & kInfoEventError) return kNotPollable;
    return kOk;
  }
  Error Prepare() {
    const Error err = Check();
    if (err != kOk) return err;
    if (gate.load(kRelaxed) != kPdNil) gate.store(kPdNil, kSeqCst);
    return kOk;
  }
  Error Wait() {
    Error err = Check();
    if (err != kOk) return err;
    while (!Block()) {
      if ((err = Check()) != kOk) return err;
    }
    return kOk;
  }
  bool Block() {
    for (;;) {
      uint64_t old = kPdReady;
      if (gate.compare_exchange_strong(old, kPdNil, kSeqCst)) return true;
      old = kPdNil;
      if (gate.compare_exchange_strong(old, kPdWait, kSeqCst)) break;
      Require(old == kPdReady || old == kPdNil, "double wait");
    }
    if (Mutant("no second look at info") || Check() == kOk) Gopark();
    const uint64_t old = gate.exchange(kPdNil, kSeqCst);
    Require(old <= kPdWait, "corrupted poll descriptor");
    return old == kPdReady;
  }
  // gopark with blockCommit.
  void Gopark() {
    registers.Set(registers.Get() + 1);
    if (Mutant("the commit does not compare")) {
      gate.store(kG, kSeqCst);
      runnable.Wait();
      return;
    }
    uint64_t expected = kPdWait;
    if (!gate.compare_exchange_strong(expected, kG, kSeqCst)) return;
    runnable.Wait();
  }

  // True if it woke the waiter.
  bool Unblock(bool io_ready) {
    uint64_t old = gate.load(kSeqCst);
    for (;;) {
      if (old == kPdReady) return false;
      if (old == kPdNil && !io_ready) return false;
      if (gate.compare_exchange_weak(old, io_ready ? kPdReady : kPdNil,
                                     kSeqCst)) {
        break;
      }
    }
    return old == kG;
  }
  void Goready() {
    Require(registers.Get() > 0, "woken before it was complete");
    runnable.Set();
  }
  void Ready() {
    if (Unblock(/*io_ready=*/true)) Goready();
  }
  void PublishInfo() {
    const uint32_t bits =
        (closing ? kInfoClosing : 0) | (deadline < 0 ? kInfoExpired : 0);
    uint32_t old = info.load(kRelaxed);
    while (!info.compare_exchange_weak(old, (old & kInfoEventError) | bits,
                                       kSeqCst)) {
    }
  }
  void Evict() {
    bool woke;
    {
      LockGuard guard(&lock);
      closing = true;
      const bool late = Mutant("unblocks before it publishes");
      if (!late) PublishInfo();
      ++seq;
      woke = Unblock(false);
      if (late) PublishInfo();
    }
    if (woke) Goready();
  }
  void SetDeadline(int64_t when) {
    LockGuard guard(&lock);
    deadline = when;
    moved = true;
    PublishInfo();
    ++seq;
  }
  void Expire(int of) {
    bool woke;
    {
      LockGuard guard(&lock);
      if (seq != of && !Mutant("a timer that runs late is believed")) return;
      Require(!moved, "a deadline that was moved has struck");
      deadline = -1;
      PublishInfo();
      woke = Unblock(false);
    }
    if (woke) Goready();
  }

  // ---- reuse ----

  void SetEventError(uint32_t event_tag) {
    const uint32_t i = info.load(kRelaxed);
    if (i & kInfoEventError) return;
    LockGuard guard(&lock);
    if (tag.load(kRelaxed) != event_tag &&
        !Mutant("the tag is not looked at under the lock")) {
      return;
    }
    info.fetch_or(kInfoEventError, kSeqCst);
  }
  void Deliver(uint32_t event_tag, bool error) {
    if (tag.load(kSeqCst) != event_tag) return;
    if (error) SetEventError(event_tag);
    Ready();
  }
  void Close() {
    LockGuard guard(&lock);
    Require(gate.load() <= kPdReady, "closed with a waiter");
    if (!Mutant("pollClose keeps the tag")) {
      tag.store(tag.load(kRelaxed) + 1, kSeqCst);
    }
  }
  void Open() {
    LockGuard guard(&lock);
    closing = false;
    deadline = 0;
    gate.store(kPdNil, kRelaxed);
    info.store(0, kSeqCst);
  }

  // FD::Read: the system call is the kernel's, and sees all that was sent.
  Error Read() {
    Error err = Prepare();
    while (err == kOk) {
      if (data.fetch_add(0, Order::acq_rel) != 0) return kOk;
      err = Wait();
    }
    return err;
  }
  void Arrive() { data.Put(1); }

  Atomic<uint64_t> gate{kPdNil};
  Atomic<uint32_t> info{0};
  Atomic<uint32_t> tag{1};
  Atomic<int> data{0};
  Lock lock;
  bool closing = false;  // guarded by lock, as what follows
  bool moved = false;
  int64_t deadline = 0;
  int seq = 1;
  Event runnable;
  Shared<int> registers{0, "the saved registers"};
};

// A reader, data, and Close.
struct EvictModel : PollDesc {
  static constexpr int kThreads = 3;
  void Thread(int t) {
    if (t == 0) {
      const Error err = Read();
      Require(err == kOk || err == kClosing, "another error");
    } else if (t == 1) {
      Arrive();
      Deliver(1, /*error=*/false);
    } else {
      Evict();
    }
  }
  void Finish() {}
};

// A reader and Close only: nothing else could wake it.
struct OnlyEvictModel : PollDesc {
  static constexpr int kThreads = 2;
  void Thread(int t) {
    if (t == 0) {
      Require(Read() == kClosing, "another error");
    } else {
      Evict();
    }
  }
  void Finish() {}
};

// A reader, its deadline's timer, and somebody who moves the deadline away and
// then sends.
struct DeadlineModel : PollDesc {
  static constexpr int kThreads = 3;
  void Thread(int t) {
    if (t == 0) {
      const Error err = Read();
      Require(err == kOk || err == kTimeout, "another error");
    } else if (t == 1) {
      Expire(1);
    } else {
      SetDeadline(5);
      Arrive();
      Deliver(1, /*error=*/false);
    }
  }
  void Finish() {}
};

// The descriptor is closed and opened again while the poller still has an
// error for the first owner; the second one reads.
struct ReuseModel : PollDesc {
  static constexpr int kThreads = 2;
  void Thread(int t) {
    if (t == 1) {
      Deliver(1, /*error=*/true);
      return;
    }
    Evict();
    Close();
    Open();
    Require(Prepare() == kOk, "the next owner got an error");
    Arrive();
    Require(Read() == kOk, "the next owner got an error");
  }
  void Finish() { Require(Check() == kOk, "the next owner got an error"); }
};

constexpr char kTorn[] =
    "only setNotPlain, which is not in the model, writes info without the lock";
constexpr char kKernel[] = "stands for a system call";

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"Prepare store seq_cst -> release", kOwner},
    {"Prepare store left out", kHint},
    {"Block cas#1 seq_cst -> acq_rel", kOneWord},
    {"Block cas#1 torn", kOwner},
    {"Block cas#1 failing seq_cst -> acquire", kRetried},
    {"Block cas#2 failing seq_cst -> acquire", kRetried},
    {"Block rmw seq_cst -> acq_rel", kOneWord},
    {"Gopark cas seq_cst -> acq_rel", kOneWord},
    {"Gopark cas failing seq_cst -> acquire", kOneWord},
    {"Unblock cas seq_cst -> acq_rel", kOneWord},
    {"Unblock cas failing seq_cst -> acquire", kRetried},
    {"PublishInfo cas torn", kTorn},
    {"PublishInfo cas failing seq_cst -> acquire", kRetried},
    {"SetEventError rmw seq_cst -> acq_rel", kLocked},
    {"SetEventError rmw torn", kLocked},
    {"Deliver load seq_cst -> acquire", kLocked},
    {"Close load#1 seq_cst -> acquire", kOwner},
    {"Close store seq_cst -> release", kLocked},
    {"Open store#1 left out", kHint},
    {"Open store#2 seq_cst -> release", kLocked},
    {"Read rmw acq_rel -> acquire", kKernel},
    {"Read rmw acq_rel -> release", kKernel},
};

TEST(PollDescModel, WaitAndWake) {
  Options options;
  options.stale_limit = 1;
  options.stale_failures = false;
  CheckModel<OnlyEvictModel, EvictModel, DeadlineModel, ReuseModel>(
      {.name = "polldesc",
       .options = options,
       .named = {"no second look at info", "the commit does not compare",
                 "unblocks before it publishes",
                 "a timer that runs late is believed",
                 "the tag is not looked at under the lock",
                 "pollClose keeps the tag"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
