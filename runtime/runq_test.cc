// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/runq.h"

#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/list.h"
#include "parkour/base/rand.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/test_util.h"

namespace parkour::runtime {
namespace {

struct Item {
  Item* link = nullptr;
  base::Atomic<int> taken{0};
};

using List = base::Queue<Item, &Item::link>;
template <uint32_t kSize>
using Ring = BasicRunq<Item, List, kSize>;

const auto kNoBackOff = [] {};

TEST(Runq, FirstInFirstOut) {
  Ring<256> q;
  std::vector<Item> items(256);
  List overflow;
  EXPECT_TRUE(q.empty());
  for (Item& e : items) q.put(&e, false, &overflow);
  EXPECT_TRUE(overflow.empty());
  EXPECT_EQ(q.size(), 256u);
  bool inherit = true;
  for (Item& e : items) {
    EXPECT_EQ(q.get(&inherit), &e);
    EXPECT_FALSE(inherit);
  }
  EXPECT_EQ(q.get(&inherit), nullptr);
  EXPECT_TRUE(q.empty());
}

TEST(Runq, RunnextComesFirstAndKicksItsPredecessorToTheTail) {
  Ring<256> q;
  Item a;
  Item b;
  Item c;
  List overflow;
  q.put(&a, false, &overflow);
  q.put(&b, true, &overflow);
  EXPECT_TRUE(q.hasRunnext());
  EXPECT_EQ(q.size(), 1u);
  q.put(&c, true, &overflow);
  EXPECT_EQ(q.size(), 2u);
  bool inherit = false;
  EXPECT_EQ(q.get(&inherit), &c);
  EXPECT_TRUE(inherit);
  EXPECT_FALSE(q.hasRunnext());
  EXPECT_EQ(q.get(&inherit), &a);
  EXPECT_FALSE(inherit);
  EXPECT_EQ(q.get(&inherit), &b);
  EXPECT_TRUE(q.empty());
}

TEST(Runq, RunnextAloneIsNotEmpty) {
  Ring<4> q;
  Item a;
  List overflow;
  q.put(&a, true, &overflow);
  EXPECT_FALSE(q.empty());
  EXPECT_EQ(q.size(), 0u);
}

// Half of the ring and the one that did not fit, in their order.
TEST(Runq, OverflowIsHalfAndOne) {
  Ring<256> q;
  std::vector<Item> items(257);
  List overflow;
  for (Item& e : items) q.put(&e, false, &overflow);
  ASSERT_EQ(overflow.size(), 129u);
  for (int i = 0; i < 128; ++i) EXPECT_EQ(overflow.PopFront(), &items[i]);
  EXPECT_EQ(overflow.PopFront(), &items[256]);
  EXPECT_EQ(q.size(), 128u);
  bool inherit;
  for (int i = 128; i < 256; ++i) EXPECT_EQ(q.get(&inherit), &items[i]);
  EXPECT_EQ(q.get(&inherit), nullptr);
}

TEST(Runq, OverflowByAKickOfRunnext) {
  Ring<256> q;
  std::vector<Item> items(258);
  List overflow;
  for (int i = 0; i < 256; ++i) q.put(&items[i], false, &overflow);
  q.put(&items[256], true, &overflow);
  EXPECT_TRUE(overflow.empty());
  q.put(&items[257], true, &overflow);
  ASSERT_EQ(overflow.size(), 129u);
  for (int i = 0; i < 128; ++i) EXPECT_EQ(overflow.PopFront(), &items[i]);
  EXPECT_EQ(overflow.PopFront(), &items[256]);
  bool inherit;
  EXPECT_EQ(q.get(&inherit), &items[257]);
}

TEST(Runq, PutBatch) {
  Ring<8> q;
  std::vector<Item> items(11);
  List batch;
  List overflow;
  q.put(&items[0], false, &overflow);
  for (int i = 1; i < 11; ++i) batch.PushBack(&items[i]);
  q.putBatch(&batch, &overflow);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(q.size(), 8u);
  EXPECT_EQ(overflow.size(), 3u);
  bool inherit;
  for (int i = 0; i < 8; ++i) EXPECT_EQ(q.get(&inherit), &items[i]);
  for (int i = 8; i < 11; ++i) EXPECT_EQ(overflow.PopFront(), &items[i]);
}

// Rounded up, oldest first; one of them is returned to run.
TEST(Runq, StealTakesHalf) {
  for (int n = 1; n <= 256; ++n) {
    Ring<256> victim;
    Ring<256> thief;
    std::vector<Item> items(n);
    List overflow;
    for (Item& e : items) victim.put(&e, false, &overflow);
    const int stolen = n - n / 2;
    EXPECT_EQ(thief.steal(&victim, false, kNoBackOff), &items[stolen - 1]);
    EXPECT_EQ(thief.size(), static_cast<uint32_t>(stolen - 1));
    EXPECT_EQ(victim.size(), static_cast<uint32_t>(n / 2));
    bool inherit;
    for (int i = 0; i < stolen - 1; ++i) {
      ASSERT_EQ(thief.get(&inherit), &items[i]);
    }
    for (int i = stolen; i < n; ++i) {
      ASSERT_EQ(victim.get(&inherit), &items[i]);
    }
  }
}

TEST(Runq, StealTakesRunnextOnlyWhenAskedAndOnlyFromAnEmptyRing) {
  Ring<8> victim;
  Ring<8> thief;
  Item a;
  Item b;
  List overflow;
  int backed_off = 0;
  const auto back_off = [&] { ++backed_off; };
  EXPECT_EQ(thief.steal(&victim, true, back_off), nullptr);
  EXPECT_EQ(backed_off, 0);
  victim.put(&a, true, &overflow);
  EXPECT_EQ(thief.steal(&victim, false, back_off), nullptr);
  EXPECT_EQ(backed_off, 0);
  victim.put(&b, false, &overflow);
  EXPECT_EQ(thief.steal(&victim, true, back_off), &b);
  EXPECT_EQ(backed_off, 0);
  EXPECT_EQ(thief.steal(&victim, true, back_off), &a);
  EXPECT_EQ(backed_off, 1);
  EXPECT_TRUE(victim.empty());
  EXPECT_TRUE(thief.empty());
}

// While the thief is patient the victim starts its runnext itself.
TEST(Runq, BackOffLeavesRunnextToItsOwner) {
  Ring<8> victim;
  Ring<8> thief;
  Item a;
  List overflow;
  victim.put(&a, true, &overflow);
  bool inherit;
  EXPECT_EQ(
      thief.steal(&victim, true, [&] { EXPECT_EQ(victim.get(&inherit), &a); }),
      nullptr);
}

// One queue and a thief against the obvious model.
template <uint32_t kSize>
void AgainstModel(uint64_t seed) {
  base::Rand rand(seed);
  Ring<kSize> q;
  Ring<kSize> thief;
  std::deque<Item*> ring;
  Item* next = nullptr;
  std::vector<Item> items(3 * kSize + 8);
  std::vector<Item*> unused;
  for (Item& e : items) unused.push_back(&e);
  for (int step = 0; step < 20000; ++step) {
    bool inherit = false;
    List overflow;
    const uint32_t op = rand.Below(8);
    if (op < 5 && !unused.empty()) {
      Item* e = unused.back();
      unused.pop_back();
      const bool to_next = op == 0;
      q.put(e, to_next, &overflow);
      if (to_next) std::swap(e, next);
      if (e != nullptr && ring.size() < kSize) {
        ring.push_back(e);
      } else if (e != nullptr) {
        ASSERT_EQ(overflow.size(), kSize / 2 + 1);
        for (uint32_t i = 0; i < kSize / 2; ++i) {
          ASSERT_EQ(overflow.front(), ring.front());
          unused.push_back(overflow.PopFront());
          ring.pop_front();
        }
        ASSERT_EQ(overflow.front(), e);
        unused.push_back(overflow.PopFront());
      }
      ASSERT_TRUE(overflow.empty());
    } else if (op < 7) {
      Item* const got = q.get(&inherit);
      Item* want = next;
      ASSERT_EQ(inherit, next != nullptr);
      if (next != nullptr) {
        next = nullptr;
      } else if (!ring.empty()) {
        want = ring.front();
        ring.pop_front();
      }
      ASSERT_EQ(got, want);
      if (got != nullptr) unused.push_back(got);
    } else {
      Item* const got = thief.steal(&q, false, kNoBackOff);
      const size_t n = ring.size() - ring.size() / 2;
      ASSERT_EQ(got != nullptr, n > 0);
      for (size_t i = 0; i < n; ++i) {
        Item* const e = i + 1 < n ? thief.get(&inherit) : got;
        ASSERT_EQ(e, ring.front());
        ring.pop_front();
        unused.push_back(e);
      }
      ASSERT_TRUE(thief.empty());
    }
    ASSERT_EQ(q.size(), ring.size());
    ASSERT_EQ(q.empty(), ring.empty() && next == nullptr);
    ASSERT_EQ(q.hasRunnext(), next != nullptr);
  }
}

TEST(Runq, AgainstModelSmall) {
  for (uint64_t seed = 1; seed <= 10; ++seed) AgainstModel<4>(seed);
}
TEST(Runq, AgainstModelFull) {
  for (uint64_t seed = 1; seed <= 5; ++seed) AgainstModel<256>(seed);
}

// An owner puts and gets, thieves steal from it and from each other, what
// overflows goes through a list under a lock: every item is taken once.
template <uint32_t kSize>
class Contest {
 public:
  Contest(int thieves, int items) : items_(items), queues_(thieves + 1) {}

  void Run(uint64_t seed) {
    std::vector<std::thread> threads;
    for (size_t i = 1; i < queues_.size(); ++i) {
      threads.emplace_back([this, i, seed] { Thief(i, seed + i); });
    }
    Owner(seed);
    for (auto& t : threads) t.join();
    for (Item& e : items_) ASSERT_EQ(e.taken.load(), 1);
    for (auto& q : queues_) EXPECT_TRUE(q.empty());
    EXPECT_TRUE(global_.empty());
  }

 private:
  void Take(Item* e) {
    EXPECT_EQ(e->taken.fetch_add(1), 0);
    left_.fetch_sub(1);
  }

  bool TakeGlobal() {
    std::lock_guard<std::mutex> lock(mu_);
    Item* const e = global_.PopFront();
    if (e != nullptr) Take(e);
    return e != nullptr;
  }

  void Put(Ring<kSize>* q, Item* e, bool next) {
    List overflow;
    q->put(e, next, &overflow);
    if (overflow.empty()) return;
    std::lock_guard<std::mutex> lock(mu_);
    global_.Append(&overflow);
  }

  void Drain(Ring<kSize>* q) {
    bool inherit;
    while (Item* e = q->get(&inherit)) Take(e);
  }

  void Owner(uint64_t seed) {
    base::Rand rand(seed);
    bool inherit;
    for (Item& e : items_) {
      Put(&queues_[0], &e, rand.Below(4) == 0);
      if (rand.Below(8) != 0) continue;
      for (uint32_t n = rand.Below(8); n > 0; --n) {
        if (Item* got = queues_[0].get(&inherit)) Take(got);
      }
    }
    while (left_.load() > 0) {
      Drain(&queues_[0]);
      if (!TakeGlobal()) base::OsYield();
    }
  }

  void Thief(size_t self, uint64_t seed) {
    base::Rand rand(seed);
    Ring<kSize>* const mine = &queues_[self];
    while (left_.load() > 0) {
      const size_t victim = rand.Below(static_cast<uint32_t>(queues_.size()));
      if (victim == self) continue;
      Item* const e = mine->steal(&queues_[victim], rand.Below(2) == 0, [&] {
        if (rand.Below(16) == 0) base::OsYield();
      });
      if (e == nullptr) continue;
      Take(e);
      // Some of the loot stays for others to steal.
      bool inherit;
      if (rand.Below(2) == 0) base::OsYield();
      while (Item* more = mine->get(&inherit)) Take(more);
    }
  }

  std::vector<Item> items_;
  std::vector<Ring<kSize>> queues_;
  std::mutex mu_;
  List global_;
  base::Atomic<int64_t> left_{static_cast<int64_t>(items_.size())};
};

TEST(RunqStress, SmallRing) { Contest<4>(3, testing::Scaled(100000)).Run(1); }
TEST(RunqStress, MediumRing) { Contest<16>(2, testing::Scaled(100000)).Run(2); }
TEST(RunqStress, FullRing) { Contest<256>(3, testing::Scaled(200000)).Run(3); }

}  // namespace
}  // namespace parkour::runtime
