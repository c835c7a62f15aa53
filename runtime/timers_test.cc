// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/timers.h"

#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using testing::kMs;
using testing::Scaled;

const Runq kEmpty;

struct Fired {
  uintptr_t seq;
  int64_t late;
};

void Log(void* arg, uintptr_t seq, int64_t late) {
  static_cast<std::vector<Fired>*>(arg)->push_back({seq, late});
}

// A heap of its own, run by hand: time is whatever the test says.
TEST(TimerHeap, AgainstMultimap) {
  base::Rand rand(7);
  Timers heap;
  constexpr uint32_t kTimers = 300;
  std::vector<Timer> timers(kTimers);
  std::vector<Fired> fired;
  std::multimap<int64_t, uintptr_t> model;  // when -> index
  int64_t now = 1;
  for (uint32_t i = 0; i < kTimers; ++i) {
    timers[i].f = Log;
    timers[i].arg = &fired;
    timers[i].seq = i;
  }
  for (int step = 0; step < 30000; ++step) {
    const uint32_t i = rand.Below(kTimers);
    Timer& t = timers[i];
    if (t.heap.load() == nullptr) {
      t.when = now + rand.Below(1000);
      const bool first = model.empty() || t.when < model.begin()->first;
      EXPECT_EQ(heap.add(&t), first);
      model.emplace(t.when, i);
    } else if (rand.Below(3) != 0) {
      auto [at, end] = model.equal_range(t.when);
      while (at != end && at->second != i) ++at;
      ASSERT_NE(at, end);
      model.erase(at);
      EXPECT_TRUE(heap.remove(&t));
      EXPECT_FALSE(heap.remove(&t));
    } else {
      now += rand.Below(200);
      fired.clear();
      const bool due = !model.empty() && model.begin()->first <= now;
      EXPECT_EQ(heap.run(now, kEmpty), due);
      int64_t last = 0;
      for (const Fired& f : fired) {
        const int64_t when = now - f.late;
        ASSERT_GE(f.late, 0);
        ASSERT_GE(when, last);  // in order
        last = when;
        auto at = model.find(when);
        while (at != model.end() && at->second != f.seq) ++at;
        ASSERT_NE(at, model.end());
        ASSERT_EQ(at->first, when);
        model.erase(at);
        ASSERT_EQ(timers[f.seq].heap.load(), nullptr);
      }
      ASSERT_TRUE(model.empty() || model.begin()->first > now);
    }
    ASSERT_EQ(heap.size(), model.size());
    ASSERT_EQ(heap.wakeTime(), model.empty() ? 0 : model.begin()->first);
  }
}

// Two heaps, emptied into one another now and then, of timers with and without
// a period: places are freed in any order and used again, in either heap.
class TwoHeaps : public ::testing::Test {
 protected:
  static constexpr uint32_t kTimers = 200;

  struct Pending {
    int heap;
    int64_t when;
    int64_t period;
  };

  TwoHeaps() : timers_(kTimers) {
    for (uint32_t i = 0; i < kTimers; ++i) {
      timers_[i].f = Log;
      timers_[i].arg = &fired_;
      timers_[i].seq = i;
    }
  }

  // When the first of a heap is due; 0: never.
  int64_t First(int heap) const {
    int64_t least = 0;
    for (const auto& [i, p] : model_) {
      if (p.heap == heap && (least == 0 || p.when < least)) least = p.when;
    }
    return least;
  }

  void Move(int from) {
    heaps_[from].moveTo(&heaps_[1 - from]);
    for (auto& [i, p] : model_) p.heap = 1 - from;
  }

  // What a heap is to run now, and how late each is.
  std::map<uintptr_t, int64_t> Due(int heap) {
    std::map<uintptr_t, int64_t> due;
    for (auto p = model_.begin(); p != model_.end();) {
      const auto at = p++;
      Pending& t = at->second;
      if (t.heap != heap || t.when > now_) continue;
      const int64_t late = now_ - t.when;
      due.emplace(at->first, late);
      if (t.period == 0) {
        model_.erase(at);
      } else {
        t.when = now_ - late % t.period + t.period;
      }
    }
    return due;
  }

  void Run(int heap) {
    std::map<uintptr_t, int64_t> due = Due(heap);
    fired_.clear();
    ASSERT_EQ(heaps_[heap].run(now_, kEmpty), !due.empty());
    ASSERT_EQ(fired_.size(), due.size());
    for (size_t k = 0; k < fired_.size(); ++k) {
      const auto expected = due.find(fired_[k].seq);
      ASSERT_NE(expected, due.end());
      ASSERT_EQ(fired_[k].late, expected->second);
      due.erase(expected);  // once
      // In order.
      ASSERT_LE(fired_[k].late, k > 0 ? fired_[k - 1].late : INT64_MAX);
    }
  }

  void StartOrStop(uint32_t i, int heap) {
    Timer& t = timers_[i];
    const auto at = model_.find(i);
    if (at != model_.end()) {
      const int where = at->second.heap;
      EXPECT_FALSE(heaps_[1 - where].remove(&t));
      ASSERT_TRUE(heaps_[where].remove(&t));
      EXPECT_FALSE(heaps_[where].remove(&t));
      model_.erase(at);
      return;
    }
    t.when = now_ + 1 + rand_.Below(300);
    t.period = rand_.Below(3) == 0 ? 1 + rand_.Below(40) : 0;
    const int64_t least = First(heap);
    ASSERT_EQ(heaps_[heap].add(&t), least == 0 || t.when < least);
    model_[i] = {heap, t.when, t.period};
  }

  void Check() {
    size_t count[2] = {0, 0};
    for (const auto& [i, p] : model_) {
      ++count[p.heap];
      ASSERT_EQ(timers_[i].heap.load(), &heaps_[p.heap]);
      ASSERT_EQ(timers_[i].when, p.when);
    }
    for (int k = 0; k < 2; ++k) {
      ASSERT_EQ(heaps_[k].size(), count[k]);
      ASSERT_EQ(heaps_[k].wakeTime(), First(k));
    }
  }

  base::Rand rand_{11};
  int64_t now_ = 1;
  Timers heaps_[2];
  std::vector<Timer> timers_;
  std::vector<Fired> fired_;
  std::map<uint32_t, Pending> model_;  // by index
};

TEST_F(TwoHeaps, AgainstAModel) {
  for (int step = 0; step < Scaled(20000) && !HasFatalFailure(); ++step) {
    const int heap = static_cast<int>(rand_.Below(2));
    const uint32_t what = rand_.Below(100);
    if (what < 2) {
      Move(heap);
    } else if (what < 15) {
      now_ += rand_.Below(50);
      Run(heap);
    } else {
      StartOrStop(rand_.Below(kTimers), heap);
    }
    Check();
  }
}

TEST(TimerHeap, PeriodicSkipsWhatItMissed) {
  Timers heap;
  std::vector<Fired> fired;
  Timer t;
  t.f = Log;
  t.arg = &fired;
  t.when = 100;
  t.period = 10;
  heap.add(&t);
  EXPECT_FALSE(heap.run(99, kEmpty));
  EXPECT_TRUE(heap.run(100, kEmpty));
  EXPECT_EQ(heap.wakeTime(), 110);
  EXPECT_TRUE(
      heap.run(137, kEmpty));  // 110 is 27 late; 120 and 130 are skipped
  ASSERT_EQ(fired.size(), 2u);
  EXPECT_EQ(fired[1].late, 27);
  EXPECT_EQ(heap.wakeTime(), 140);
  EXPECT_TRUE(heap.remove(&t));
  EXPECT_FALSE(heap.run(1000, kEmpty));
  EXPECT_EQ(heap.wakeTime(), 0);
}

// f may start its timer again, and stop another one that is due too.
TEST(TimerHeap, CallbackChangesTheHeap) {
  struct Both {
    Timers heap{};
    Timer self{};
    Timer other{};
    int ran = 0;
  } b;
  b.self.f = [](void* arg, uintptr_t, int64_t) {
    Both* const both = static_cast<Both*>(arg);
    if (++both->ran == 1) {
      EXPECT_TRUE(both->heap.remove(&both->other));
    }
    if (both->ran == 3) return;
    both->self.when += 5;
    both->heap.add(&both->self);
  };
  b.self.arg = &b;
  b.self.when = 10;
  b.other.f = [](void*, uintptr_t, int64_t) { ADD_FAILURE(); };
  b.other.when = 11;
  b.heap.add(&b.self);
  b.heap.add(&b.other);
  EXPECT_TRUE(b.heap.run(100, kEmpty));
  EXPECT_EQ(b.ran, 3);
  EXPECT_EQ(b.heap.size(), 0u);
}

// What is ready goes first; one is run all the same each time.
TEST(TimerHeap, WaitsForTheQueue) {
  Timers heap;
  std::vector<Fired> fired;
  std::vector<Timer> timers(10);
  for (uintptr_t i = 0; i < timers.size(); ++i) {
    timers[i].f = Log;
    timers[i].arg = &fired;
    timers[i].seq = i;
    timers[i].when = 10 + static_cast<int64_t>(i);
    heap.add(&timers[i]);
  }
  Runq ready;
  GQueue overflow;
  std::vector<std::unique_ptr<G>> gs;
  const auto put = [&] {
    ready.put(gs.emplace_back(std::make_unique<G>()).get(), false, &overflow);
  };
  for (uint32_t i = 0; i < kRunqSize / 2; ++i) put();
  EXPECT_TRUE(heap.run(100, ready));
  EXPECT_EQ(fired.size(), 1u);
  put();
  EXPECT_TRUE(heap.run(100, ready));
  EXPECT_EQ(fired.size(), 2u);
  EXPECT_EQ(heap.wakeTime(), 12);
  bool inherit_time;
  while (ready.size() >= kRunqSize / 2) ready.get(&inherit_time);
  EXPECT_TRUE(heap.run(100, ready));
  ASSERT_EQ(fired.size(), timers.size());
  for (uintptr_t i = 0; i < fired.size(); ++i) EXPECT_EQ(fired[i].seq, i);
}

TEST(TimerHeap, MoveTo) {
  Timers heaps[2];
  std::vector<Timer> timers(50);
  std::vector<Fired> fired;
  for (int from = 0; from < 2; ++from) {
    Timers* const a = &heaps[from];
    Timers* const b = &heaps[1 - from];
    for (int i = 0; i < 50; ++i) {
      timers[i].f = Log;
      timers[i].arg = &fired;
      timers[i].seq = i;
      timers[i].when = 1000 - i;
      (i % 5 == 0 ? b : a)->add(&timers[i]);
    }
    a->moveTo(b);
    EXPECT_EQ(a->size(), 0u);
    EXPECT_EQ(a->wakeTime(), 0);
    EXPECT_EQ(b->size(), 50u);
    EXPECT_EQ(b->wakeTime(), 951);
    EXPECT_FALSE(a->remove(&timers[1]));
    EXPECT_TRUE(b->remove(&timers[1]));
    fired.clear();
    EXPECT_TRUE(b->run(2000, kEmpty));
    ASSERT_EQ(fired.size(), 49u);
    EXPECT_EQ(fired[0].seq, 49u);
  }
}

// One owner starts and stops a timer again and again; callbacks count by
// setting. What timerStop says must be what happens.
class Owner {
 public:
  explicit Owner(uint64_t seed) : rand_(seed) {
    timer_.f = [](void* arg, uintptr_t seq, int64_t late) {
      Owner* const self = static_cast<Owner*>(arg);
      const int64_t due = self->due_.load(base::kAcquire);
      if (late < 0 || base::nanotime() < due) self->early_.fetch_add(1);
      if (self->seq_.load(base::kAcquire) != seq) self->stale_.fetch_add(1);
      self->fired_.fetch_add(1, base::kAcqRel);
    };
    timer_.arg = this;
  }

  void Run(int rounds) {
    int64_t stopped = 0;
    for (int i = 1; i <= rounds; ++i) {
      timer_.seq = static_cast<uintptr_t>(i);
      seq_.store(timer_.seq, base::kRelease);
      const int64_t when = base::nanotime() + rand_.Below(100000);
      due_.store(when, base::kRelease);
      timerStart(&timer_, when, 0);
      const int64_t look = base::nanotime() + rand_.Below(100000);
      while (base::nanotime() < look) {
        if (rand_.Below(4) == 0) Gosched();
      }
      if (timerStop(&timer_)) {
        ++stopped;
      } else {
        // It has fired, or does at this moment.
        ASSERT_TRUE(
            testing::Eventually([&] { return fired_.load() + stopped == i; }));
      }
      EXPECT_FALSE(timerStop(&timer_));
      ASSERT_EQ(fired_.load() + stopped, i);
    }
    EXPECT_EQ(early_.load(), 0);
    EXPECT_EQ(stale_.load(), 0);
  }

 private:
  base::Rand rand_;
  Timer timer_;
  base::Atomic<uintptr_t> seq_{0};
  base::Atomic<int64_t> due_{0};
  base::Atomic<int64_t> fired_{0};
  base::Atomic<int64_t> early_{0};
  base::Atomic<int64_t> stale_{0};
};

void StopRaces(int goroutines, int threads, int rounds) {
  std::vector<std::unique_ptr<Owner>> owners;
  sync::WaitGroup wg;
  std::vector<std::thread> plain;
  for (int i = 0; i < goroutines + threads; ++i) {
    owners.push_back(std::make_unique<Owner>(i + 1));
    Owner* const owner = owners.back().get();
    if (i < goroutines) {
      wg.Go([=] { owner->Run(rounds); });
    } else {
      plain.emplace_back([=] { owner->Run(rounds); });
    }
  }
  for (auto& t : plain) t.join();
  wg.Wait();
}

TEST(Timer, StoppedDoesNotFire) {
  testing::ProcsScope procs(4);
  StopRaces(8, 2, Scaled(2000));
}

TEST(Timer, StoppedDoesNotFireWhilePsComeAndGo) {
  testing::ProcsScope procs(4);
  base::Atomic<bool> done{false};
  std::thread resize([&] {
    for (int i = 0; !done.load(); ++i) {
      GOMAXPROCS(1 + i % 5);
      base::SleepFor(kMs / 5);
    }
  });
  StopRaces(6, 1, Scaled(1000));
  done.store(true);
  resize.join();
}

// A callback that restarts its timer, stopped by the owner in the end.
TEST(Timer, PeriodicUntilStopped) {
  struct State {
    base::Atomic<int> n{0};
  } state;
  Timer t;
  t.f = [](void* arg, uintptr_t, int64_t) {
    State* const s = static_cast<State*>(arg);
    s->n.fetch_add(1);
  };
  t.arg = &state;
  const int64_t start = base::nanotime();
  timerStart(&t, start + kMs, kMs);
  ASSERT_TRUE(testing::Eventually([&] { return state.n.load() >= 20; }));
  EXPECT_TRUE(timerStop(&t));
  // Never more often than time allows.
  EXPECT_LE(state.n.load(), (base::nanotime() - start) / kMs);
  EXPECT_FALSE(timerStop(&t));
}

}  // namespace
}  // namespace parkour::runtime
