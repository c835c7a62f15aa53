// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Random programs over channels, selects and locks, on one to four Ps: what
// their goroutines, and now and then a plain thread, saw must have an
// explanation. The programs end whatever happens: each channel has a goroutine
// that receives until it is closed, and whoever is done sending last closes it.

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/chan/select.h"
#include "parkour/context/context.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/rwmutex.h"
#include "parkour/sync/semaphore.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/campaign/campaign.h"
#include "parkour/tests/histories/linear.h"
#include "parkour/tests/histories/specs.h"

namespace parkour::tests {
namespace {

using runtime::testing::Scaled;

// A client's randomness, and how it wastes time between operations.
class Dice {
 public:
  Dice(uint64_t seed, int client)
      : rand_(seed * 0x9E3779B97F4A7C15u +
              static_cast<uint64_t>(client) * 977) {
    for (int i = 0; i < 4; ++i) rand_.Next();
  }
  int Below(int n) {
    return static_cast<int>(rand_.Below(static_cast<uint32_t>(n)));
  }
  bool OneIn(int n) { return Below(n) == 0; }

  // Lets others in, for a random while.
  void Dawdle() {
    if (OneIn(3)) runtime::Gosched();
    for (int i = OneIn(2) ? Below(200) : 0; i > 0; --i) base::CpuRelax();
  }

 private:
  base::Rand rand_;
};

// Runs body(client) for each client at once, most of them goroutines, and
// returns when all are done.
template <typename Body>
void RunClients(int clients, bool with_thread, Body body) {
  const Chan<Unit> gate = MakeChan<Unit>();
  sync::WaitGroup done;
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    const auto client = [=] {
      gate.Recv();
      body(i);
    };
    if (with_thread && i == 0) {
      threads.emplace_back(client);
    } else {
      done.Go(client);
    }
  }
  gate.Close();
  done.Wait();
  for (std::thread& t : threads) t.join();
}

// A change of GOMAXPROCS stops the world: once for many programs.
void SetProcsFor(uint64_t seed) {
  const int procs = 1 + static_cast<int>(seed / 32 % 4);
  if (runtime::GOMAXPROCS(0) != procs) runtime::GOMAXPROCS(procs);
}

// ---- Channels ----

class ChanProgram {
 public:
  explicit ChanProgram(uint64_t seed) : seed_(seed) {
    Dice dice(seed, -1);
    workers_ = 2 + dice.Below(3);
    ops_ = 3 + dice.Below(6);
    with_thread_ = dice.OneIn(8);
    const int channels = 1 + dice.Below(3);
    for (int i = 0; i < channels; ++i) {
      caps_.push_back(dice.Below(4));
      chans_.push_back(MakeChan<int64_t>(caps_.back()));
    }
    senders_.store(workers_);
  }

  History Run() {
    SetProcsFor(seed_);
    const int channels = static_cast<int>(caps_.size());
    Recorder recorder(workers_ + channels);
    recorder_ = &recorder;
    RunClients(workers_ + channels, with_thread_, [this](int client) {
      if (client < workers_) {
        Work(client);
      } else {
        Drain(client, client - workers_);
      }
    });
    return recorder.Take();
  }

  ChanSpec Spec() const { return ChanSpec(caps_); }

 private:
  using C = ChanSpec;

  void Add(int client, int64_t call, C::Kind kind, int object, int64_t arg,
           int64_t result) {
    recorder_->Add(
        client, {.kind = kind, .object = object, .arg = arg, .result = result},
        call);
  }

  void Work(int client) {
    Dice dice(seed_, client);
    for (int i = 0; i < ops_; ++i) {
      dice.Dawdle();
      One(client, &dice, client * 1000 + i);
    }
    // Whoever is last closes: nobody sends any more.
    if (senders_.fetch_sub(1) != 1) return;
    for (int c = 0; c < static_cast<int>(chans_.size()); ++c) {
      dice.Dawdle();
      const int64_t call = recorder_->Now();
      chans_[c].Close();
      Add(client, call, C::kClose, c, 0, 0);
    }
  }

  // Others' receives may have left it empty, so it waits like anybody else.
  void Drain(int client, int c) {
    Dice dice(seed_, client);
    for (bool open = true; open;) {
      for (int i = dice.Below(8); i > 0; --i) dice.Dawdle();
      const int64_t call = recorder_->Now();
      const std::optional<int64_t> v = chans_[c].Recv();
      Add(client, call, C::kRecv, c, 0, v.value_or(C::kClosed));
      open = v.has_value();
    }
  }

  // A random operation; it waits only for what the drains provide: room.
  void One(int client, Dice* dice, int64_t value) {
    const int c = dice->Below(static_cast<int>(chans_.size()));
    const int64_t call = recorder_->Now();
    switch (dice->Below(8)) {
      case 0:
      case 1:
        chans_[c].Send(value);
        return Add(client, call, C::kSend, c, value, 0);
      case 2: {
        const bool sent = chans_[c].TrySend(value);
        return Add(client, call, C::kTrySend, c, value, sent);
      }
      case 3: {
        const std::optional<int64_t> v = chans_[c].TryRecv();
        return Add(client, call, C::kTryRecv, c, 0, v.value_or(C::kNothing));
      }
      case 4: {
        const auto n = static_cast<int64_t>(chans_[c].Len());
        return Add(client, call, C::kLen, c, 0, n);
      }
      default:
        OneSelect(client, dice, value);
    }
  }

  // A select with up to four cases, of which at least one is a send, or with a
  // default: it cannot wait for ever.
  void OneSelect(int client, Dice* dice, int64_t value) {
    const bool waits = dice->OneIn(2);
    const int n = 1 + dice->Below(4);
    C::Kind kind = C::kNone;
    int object = 0;
    int64_t arg = 0;
    int64_t result = 0;
    uint32_t recv = 0;
    uint32_t send = 0;
    std::vector<SelectCase> cases;
    for (int i = 0; i < n; ++i) {
      const int c = dice->Below(static_cast<int>(chans_.size()));
      if ((waits && i == 0) || dice->OneIn(2)) {
        send |= 1u << c;
        cases.emplace_back(chans_[c].OnSend(value, [&, c] {
          kind = waits ? C::kSend : C::kTrySend;
          object = c;
          arg = value;
          result = 1;
        }));
      } else {
        recv |= 1u << c;
        cases.emplace_back(chans_[c].OnRecv([&, c](std::optional<int64_t> v) {
          kind = waits || !v ? C::kRecv : C::kTryRecv;
          object = c;
          result = v.value_or(C::kClosed);
        }));
      }
    }
    if (!waits) {
      cases.emplace_back(Default([&] { arg = C::NoneOf(recv, send); }));
    }
    const int64_t call = recorder_->Now();
    SelectCases(cases);
    Add(client, call, kind, object, arg, result);
  }

  const uint64_t seed_;
  int workers_;
  int ops_;
  bool with_thread_;
  std::vector<int> caps_;
  std::vector<Chan<int64_t>> chans_;
  base::Atomic<int> senders_{0};
  Recorder* recorder_ = nullptr;
};

// ---- Locks ----

// A mutex, or a lock with readers; the history says which, by its operations.
template <typename Lock>
History RunLockProgram(uint64_t seed) {
  constexpr bool kReaders = requires(Lock & l) { l.RLock(); };
  using L = LockSpec;
  Dice setup(seed, -1);
  SetProcsFor(seed);
  const int clients = 2 + setup.Below(4);
  const int rounds = 2 + setup.Below(4);
  Recorder recorder(clients);
  Lock lock;
  RunClients(clients, setup.OneIn(8), [&, seed](int client) {
    Dice dice(seed, client);
    const auto timed = [&](L::Kind kind, auto&& act) {
      const int64_t call = recorder.Now();
      const bool result = act();
      recorder.Add(client, {.kind = kind, .result = result}, call);
      return result;
    };
    for (int i = 0; i < rounds; ++i) {
      dice.Dawdle();
      const bool tries = dice.OneIn(3);
      if constexpr (kReaders) {
        if (dice.OneIn(2)) {
          if (timed(tries ? L::kTryRLock : L::kRLock,
                    [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
                      return tries ? lock.TryRLock() : (lock.RLock(), 1);
                    })) {
            dice.Dawdle();
            timed(L::kRUnlock, [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
              return lock.RUnlock(), 1;
            });
          }
          continue;
        }
      }
      if (timed(tries ? L::kTryLock : L::kLock,
                [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
                  return tries ? lock.TryLock() : (lock.Lock(), 1);
                })) {
        dice.Dawdle();
        timed(L::kUnlock, [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
          return lock.Unlock(), 1;
        });
      }
    }
  });
  return recorder.Take();
}

constexpr int kUnits = 3;

History RunSemaphoreProgram(uint64_t seed) {
  using S = SemaphoreSpec;
  Dice setup(seed, -1);
  SetProcsFor(seed);
  const int clients = 2 + setup.Below(4);
  const int rounds = 2 + setup.Below(4);
  Recorder recorder(clients);
  sync::Semaphore semaphore(kUnits);
  auto [ctx, cancel] = context::WithCancel(context::Background());
  RunClients(clients, setup.OneIn(8),
             [&, seed, ctx = ctx, cancel = cancel](int client) {
               Dice dice(seed, client);
               for (int i = 0; i < rounds; ++i) {
                 dice.Dawdle();
                 const int64_t n = 1 + dice.Below(kUnits);
                 const int how = dice.Below(4);
                 if (how == 3 && client == 0) cancel();
                 int64_t call = recorder.Now();
                 bool got = true;
                 if (how == 0) {
                   got = semaphore.TryAcquire(n);
                 } else if (how == 1) {
                   got = semaphore.Acquire(ctx, n).ok();
                 } else {
                   semaphore.Acquire(n);
                 }
                 recorder.Add(client,
                              {.kind = how == 0 ? S::kTryAcquire : S::kAcquire,
                               .arg = n,
                               .result = got},
                              call);
                 if (!got) continue;
                 dice.Dawdle();
                 call = recorder.Now();
                 semaphore.Release(n);
                 recorder.Add(client, {.kind = S::kRelease, .arg = n}, call);
               }
             });
  return recorder.Take();
}

// ---- Campaigns ----

struct Tally {
  int64_t operations = 0;
  int64_t longest = 0;
  int64_t steps = 0;
};

testing::AssertionResult Explained(const Campaign& campaign, const Spec& spec,
                                   const History& history, Tally* tally) {
  const Judgement j = Judge(spec, history);
  tally->operations += static_cast<int64_t>(history.size());
  tally->longest = std::max(tally->longest, j.steps);
  tally->steps += j.steps;
  if (j.verdict == Verdict::kLinearizable) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << (j.verdict == Verdict::kNot ? "no explanation" : "undecided")
         << "; again, now and then: " << campaign.Again()
         << " (or --same --runs=10000)\n"
         << j.explanation;
}

void Report(const Campaign& campaign, const Tally& tally) {
  std::printf("%ld histories, %ld operations, %ld search steps (at most %ld)\n",
              static_cast<long>(campaign.runs()),
              static_cast<long>(tally.operations),
              static_cast<long>(tally.steps), static_cast<long>(tally.longest));
}

TEST(Histories, Channels) {
  Campaign campaign(Scaled(4000));
  Tally tally;
  while (campaign.Next()) {
    ChanProgram program(campaign.seed());
    const History history = program.Run();
    ASSERT_TRUE(Explained(campaign, program.Spec(), history, &tally));
  }
  Report(campaign, tally);
}

TEST(Histories, Mutex) {
  Campaign campaign(Scaled(2000));
  Tally tally;
  while (campaign.Next()) {
    const History history = RunLockProgram<sync::Mutex>(campaign.seed());
    ASSERT_TRUE(
        Explained(campaign, LockSpec(LockSpec::Of::kMutex), history, &tally));
  }
  Report(campaign, tally);
}

TEST(Histories, RWMutex) {
  Campaign campaign(Scaled(2000));
  Tally tally;
  while (campaign.Next()) {
    const History history = RunLockProgram<sync::RWMutex>(campaign.seed());
    ASSERT_TRUE(
        Explained(campaign, LockSpec(LockSpec::Of::kRWMutex), history, &tally));
  }
  Report(campaign, tally);
}

TEST(Histories, Semaphore) {
  Campaign campaign(Scaled(2000));
  Tally tally;
  while (campaign.Next()) {
    const History history = RunSemaphoreProgram(campaign.seed());
    ASSERT_TRUE(Explained(campaign, SemaphoreSpec(kUnits), history, &tally));
  }
  Report(campaign, tally);
}

}  // namespace
}  // namespace parkour::tests
