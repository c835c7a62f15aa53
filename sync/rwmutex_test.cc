// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/rwmutex.h"

#include <gtest/gtest.h>

#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "parkour/runtime/go.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::sync {
namespace {

using runtime::SemaWaiters;
using runtime::testing::Eventually;
using runtime::testing::Scaled;

TEST(RWMutex, TriesSayWhatHoldsIt) {
  RWMutex mu;
  ASSERT_TRUE(mu.TryLock());
  EXPECT_FALSE(mu.TryLock());
  EXPECT_FALSE(mu.TryRLock());
  mu.Unlock();
  ASSERT_TRUE(mu.TryRLock());
  EXPECT_FALSE(mu.TryLock());
  ASSERT_TRUE(mu.TryRLock());
  mu.RUnlock();
  EXPECT_FALSE(mu.TryLock());
  mu.RUnlock();
  ASSERT_TRUE(mu.TryLock());
  mu.Unlock();
}

TEST(RWMutex, WorksWithTheStandardsLocks) {
  RWMutex mu;
  RWMutex other;
  {
    std::shared_lock one(mu);
    std::shared_lock two(mu, std::try_to_lock);
    EXPECT_TRUE(two.owns_lock());
    EXPECT_FALSE(std::unique_lock(mu, std::try_to_lock).owns_lock());
  }
  {
    std::lock_guard lock(mu);
    EXPECT_FALSE(std::shared_lock(mu, std::try_to_lock).owns_lock());
  }
  {
    std::scoped_lock both(mu, other);
    EXPECT_FALSE(mu.TryRLock());
    EXPECT_FALSE(other.TryRLock());
  }
  EXPECT_TRUE(mu.TryLock());
  EXPECT_TRUE(other.TryLock());
  mu.Unlock();
  other.Unlock();
}

TEST(RWMutex, WorksWithAnnotatedScopes) {
  RWMutex mu;
  Mutex plain;
  {
    ReaderLock one(&mu);
    ReaderLock two(&mu);
    EXPECT_FALSE(mu.TryLock());
  }
  {
    WriterLock lock(&mu);
    EXPECT_FALSE(mu.TryRLock());
  }
  {
    MutexLock lock(&plain);
    EXPECT_FALSE(plain.TryLock());
  }
  EXPECT_TRUE(plain.TryLock());
  plain.Unlock();
}

// Nobody waits in the table before or after: the counts below are exact.
TEST(RWMutex, AWaitingWriterKeepsReadersOut) {
  ASSERT_TRUE(Eventually([] { return SemaWaiters() == 0; }));
  RWMutex mu;
  std::vector<std::string> order;
  WaitGroup wg;
  mu.RLock();
  wg.Go([&] {
    WriterLock lock(&mu);
    order.push_back("writer");
  });
  ASSERT_TRUE(Eventually([&] { return SemaWaiters() == 1; }));
  EXPECT_FALSE(mu.TryRLock());
  wg.Go([&] {
    ReaderLock lock(&mu);
    order.push_back("reader");
  });
  ASSERT_TRUE(Eventually([&] { return SemaWaiters() == 2; }));
  mu.RUnlock();
  wg.Wait();
  EXPECT_EQ(order, (std::vector<std::string>{"writer", "reader"}));
}

TEST(RWMutex, ReadersThatWaitedGoBeforeTheNextWriter) {
  constexpr int kReaders = 3;
  ASSERT_TRUE(Eventually([] { return SemaWaiters() == 0; }));
  RWMutex mu;
  Mutex log_mu;
  std::string order;
  auto log = [&](char c) {
    MutexLock lock(&log_mu);
    order += c;
  };
  WaitGroup wg;
  mu.Lock();
  wg.Go([&] {
    WriterLock lock(&mu);
    log('w');
  });
  ASSERT_TRUE(Eventually([&] { return SemaWaiters() == 1; }));
  for (int i = 0; i < kReaders; ++i) {
    wg.Go([&] {
      ReaderLock lock(&mu);
      log('r');
    });
  }
  ASSERT_TRUE(Eventually([&] { return SemaWaiters() == 1 + kReaders; }));
  mu.Unlock();
  wg.Wait();
  EXPECT_EQ(order, "rrrw");
}

TEST(RWMutex, AnyGoroutineMayUnlock) {
  RWMutex mu;
  mu.Lock();
  runtime::testing::RunInGoroutine([&] {
    mu.Unlock();
    mu.RLock();
  });
  EXPECT_FALSE(mu.TryLock());
  mu.RUnlock();
}

// Two words that only a writer changes, seen by goroutines and plain threads.
TEST(RWMutex, GoroutinesAndThreadsTogether) {
  const int rounds = Scaled(5000);
  RWMutex mu;
  int64_t a = 0;
  int64_t b = 0;
  base::Atomic<int64_t> writes{0};
  base::Atomic<int> torn{0};
  auto work = [&](int seed) {
    for (int i = 0; i < rounds; ++i) {
      switch ((i + seed) % 7) {
        case 0: {
          WriterLock lock(&mu);
          ++a;
          ++b;
          writes.fetch_add(1);
          break;
        }
        case 1:
          if (mu.TryLock()) {
            ++a;
            ++b;
            writes.fetch_add(1);
            mu.Unlock();
          }
          break;
        case 2:
          if (mu.TryRLock()) {
            if (a != b) torn.fetch_add(1);
            mu.RUnlock();
          }
          break;
        default: {
          ReaderLock lock(&mu);
          if (a != b) torn.fetch_add(1);
        }
      }
    }
  };
  WaitGroup wg;
  for (int i = 0; i < 6; ++i) wg.Go(work, i);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) threads.emplace_back(work, i);
  for (std::thread& t : threads) t.join();
  wg.Wait();
  EXPECT_EQ(torn.load(), 0);
  EXPECT_EQ(a, writes.load());
  EXPECT_EQ(b, writes.load());
}

// The last of those who share an object destroys it, and the mutex with it,
// while the others may not have returned from Unlock yet.
TEST(RWMutex, TheLastWriterMayDestroyIt) {
  constexpr int kSharers = 4;
  struct Shared {
    RWMutex mu;
    int refs = kSharers;
  };
  for (int round = 0; round < Scaled(2000); ++round) {
    auto* const shared = new Shared;
    WaitGroup wg;
    for (int i = 0; i < kSharers; ++i) {
      wg.Go([shared] {
        shared->mu.RLock();
        const bool seen = shared->refs > 0;
        shared->mu.RUnlock();
        shared->mu.Lock();
        const bool last = --shared->refs == 0;
        shared->mu.Unlock();
        EXPECT_TRUE(seen);
        if (last) delete shared;
      });
    }
    wg.Wait();
  }
}

using RWMutexDeathTest = testing::Test;

TEST(RWMutexDeathTest, MisuseIsFatalInGosWords) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto status_two = testing::ExitedWithCode(2);
  EXPECT_EXIT(RWMutex().Unlock(), status_two,
              "^fatal error: sync: Unlock of unlocked RWMutex\n");
  EXPECT_EXIT(RWMutex().RUnlock(), status_two,
              "^fatal error: sync: RUnlock of unlocked RWMutex\n");
  EXPECT_EXIT(
      {
        RWMutex mu;
        mu.RLock();
        mu.Unlock();
      },
      status_two, "^fatal error: sync: Unlock of unlocked RWMutex\n");
  EXPECT_EXIT(
      {
        RWMutex mu;
        mu.Lock();
        mu.RUnlock();
      },
      status_two, "^fatal error: sync: RUnlock of unlocked RWMutex\n");
  EXPECT_EXIT(
      {
        RWMutex mu;
        mu.RLock();
        mu.RUnlock();
        mu.RUnlock();
      },
      status_two, "^fatal error: sync: RUnlock of unlocked RWMutex\n");
}

}  // namespace
}  // namespace parkour::sync
