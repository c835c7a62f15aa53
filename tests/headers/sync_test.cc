// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "parkour/context/context.h"
#include "parkour/sync/cond.h"
#include "parkour/sync/locker.h"
#include "parkour/sync/map.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/once.h"
#include "parkour/sync/pool.h"
#include "parkour/sync/rwmutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/semaphore.h"
#include "parkour/sync/singleflight.h"
#include "parkour/sync/waitgroup.h"

using namespace parkour;

namespace {

// ---- sync/cond.h ----

TEST(Sync, Cond) {
  std::queue<int> queue;
  int taken = 0;

  sync::Mutex mu;
  sync::Cond ready(&mu);

  sync::WaitGroup wg;
  wg.Go([&] {
    mu.Lock();
    while (queue.empty()) ready.Wait();
    taken = queue.front();
    mu.Unlock();
  });

  {
    std::lock_guard lock(mu);
    queue.push(1);
  }
  ready.Signal();

  wg.Wait();
  EXPECT_EQ(taken, 1);
}

// ---- sync/locker.h ----

TEST(Sync, Locker) {
  sync::RWMutex rwmutex;

  sync::Mutex mu;
  sync::Locker l = &mu;
  sync::Locker r = rwmutex.RLocker();
  l.Lock();
  EXPECT_FALSE(mu.TryLock());
  l.Unlock();

  {
    std::lock_guard held(l);
    std::lock_guard reading(r);
    EXPECT_FALSE(mu.TryLock());
    EXPECT_FALSE(rwmutex.TryLock());
    ASSERT_TRUE(rwmutex.TryRLock());
    rwmutex.RUnlock();
  }
  ASSERT_TRUE(mu.TryLock());
  mu.Unlock();
}

// ---- sync/map.h ----

std::vector<std::string>& Printed() {
  static std::vector<std::string> printed;
  return printed;
}

void Print(const std::string& page, int n) {
  Printed().push_back(page + " " + std::to_string(n));
}

TEST(Sync, Map) {
  int used = 0;
  const auto Use = [&used](int n) { used = n; };

  sync::Map<std::string, int> visits;
  visits.Store("/", 1);
  if (std::optional<int> n = visits.Load("/")) Use(*n);
  auto [n, loaded] = visits.LoadOrStore("/about", 1);
  visits.Range([](const std::string& page, int n) { Print(page, n); });

  EXPECT_EQ(used, 1);
  EXPECT_EQ(n, 1);
  EXPECT_FALSE(loaded);
  std::sort(Printed().begin(), Printed().end());
  EXPECT_EQ(Printed(), (std::vector<std::string>{"/ 1", "/about 1"}));
}

// ---- sync/mutex.h ----

TEST(Sync, Mutex) {
  sync::Mutex mu;
  {
    std::lock_guard lock(mu);
    EXPECT_FALSE(mu.TryLock());
  }
  mu.Lock();
  EXPECT_FALSE(mu.TryLock());
  mu.Unlock();
  ASSERT_TRUE(mu.TryLock());
  mu.Unlock();
}

// ---- sync/once.h ----

TEST(Sync, Once) {
  int loads = 0;
  int table = 0;
  const auto LoadTable = [&loads] { return ++loads; };
  int reads = 0;
  const auto ReadConfig = [&reads] {
    return "config " + std::to_string(++reads);
  };
  std::vector<const std::string*> used;
  const auto Use = [&used](const std::string& c) { used.push_back(&c); };

  sync::Once once;
  once.Do([&] { table = LoadTable(); });
  once.Do([] { FAIL() << "a second run"; });
  EXPECT_EQ(table, 1);

  auto config = sync::OnceValue([&] { return ReadConfig(); });
  Use(config());
  Use(config());
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(*used[0], "config 1");
  EXPECT_EQ(used[0], used[1]);
}

// ---- sync/pool.h ----

TEST(Sync, Pool) {
  sync::Pool<std::string> buffers(
      [] { return std::make_unique<std::string>(); });

  for (int i = 0; i < 3; ++i) {
    std::unique_ptr<std::string> b = buffers.Get();
    ASSERT_NE(b, nullptr);
    EXPECT_TRUE(b->empty() || *b == "as it was left") << *b;
    b->clear();
    *b = "as it was left";
    buffers.Put(std::move(b));
    EXPECT_EQ(b, nullptr);
  }
}

// ---- sync/rwmutex.h ----

TEST(Sync, RWMutex) {
  std::map<int, int> table{{1, 2}};
  size_t n = 0;

  sync::RWMutex mu;
  {
    std::shared_lock lock(mu);
    n = table.size();
  }
  {
    std::lock_guard lock(mu);
    table.clear();
  }
  mu.RLock();
  EXPECT_TRUE(table.empty());
  EXPECT_FALSE(mu.TryLock());
  mu.RUnlock();

  EXPECT_EQ(n, 1u);
  ASSERT_TRUE(mu.TryLock());
  mu.Unlock();
}

// ---- sync/scoped_lock.h ----

namespace scoped_lock {

sync::RWMutex mu;
int hits ABSL_GUARDED_BY(mu);

int Hits() {
  sync::ReaderLock lock(&mu);
  return hits;
}

TEST(Sync, ScopedLock) {
  {
    sync::WriterLock lock(&mu);
    ++hits;
    EXPECT_FALSE(mu.TryRLock());
  }
  EXPECT_EQ(Hits(), 1);
  ASSERT_TRUE(mu.TryLock());
  mu.Unlock();
}

}  // namespace scoped_lock

// ---- sync/semaphore.h ----

absl::Status UseMemory(const context::Context& ctx, int64_t size) {
  sync::Semaphore memory(64 << 20);

  memory.Acquire(size);
  absl::Cleanup give_back = [&] { memory.Release(size); };

  absl::Status err = memory.Acquire(ctx, size);
  if (!err.ok()) return err;
  memory.Release(size);
  EXPECT_FALSE(memory.TryAcquire((64 << 20) - size + 1));
  EXPECT_TRUE(memory.TryAcquire((64 << 20) - size));
  return absl::OkStatus();
}

TEST(Sync, Semaphore) {
  EXPECT_TRUE(UseMemory(context::Background(), 32 << 20).ok());
  auto [ctx, cancel] = context::WithCancel(context::Background());
  cancel();
  EXPECT_EQ(UseMemory(ctx, 32 << 20), context::Canceled());
}

// ---- sync/singleflight.h ----

using Page = std::string;

absl::StatusOr<Page> Fetch(const std::string& url) {
  if (url.empty()) return absl::NotFoundError("no address");
  return "page of " + url;
}

sync::singleflight::Group<std::string, Page> group;

absl::Status Show(const std::string& url, Page* shown) {
  auto [page, shared] = group.Do(url, [&] { return Fetch(url); });
  if (!page.ok()) return page.status();
  EXPECT_FALSE(shared);  // nobody else asks
  *shown = *page;
  return absl::OkStatus();
}

TEST(Sync, Singleflight) {
  Page shown;
  EXPECT_TRUE(Show("/", &shown).ok());
  EXPECT_EQ(shown, "page of /");
  EXPECT_EQ(Show("", &shown), absl::NotFoundError("no address"));
}

// ---- sync/waitgroup.h ----

struct Job {
  void Run() { done = true; }
  bool done = false;
};

TEST(Sync, WaitGroup) {
  std::vector<Job> jobs(10);

  sync::WaitGroup wg;
  for (auto& job : jobs) wg.Go([&job] { job.Run(); });
  wg.Wait();

  for (const Job& job : jobs) EXPECT_TRUE(job.done);
}

}  // namespace
