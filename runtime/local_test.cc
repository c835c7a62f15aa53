// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/local.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using testing::RunInGoroutine;
using testing::Scaled;

constinit Local<int> zero;
constinit Local<int> one([] { return 1; });

TEST(Local, EachGoroutineHasItsOwn) {
  base::Atomic<int> wrong{0};
  sync::WaitGroup wg;
  for (int i = 0; i < Scaled(2000); ++i) {
    wg.Go([&wrong, i] {
      if (*zero != 0 || *one != 1) wrong.fetch_add(1);
      int* const mine = &*zero;
      for (int round = 0; round < 10; ++round) {
        *zero += i;
        ++*one;
        Gosched();  // and, with luck, onto another thread
      }
      if (*zero != 10 * i || *one != 11) wrong.fetch_add(1);
      if (&*zero != mine) wrong.fetch_add(1);
    });
  }
  wg.Wait();
  EXPECT_EQ(wrong.load(), 0);
}

TEST(Local, EachThreadHasItsOwn) {
  *zero = 5;
  std::thread([] {
    EXPECT_EQ(*zero, 0);
    *zero = 6;
    RunInGoroutine([] { EXPECT_EQ(*zero, 0); });
    EXPECT_EQ(*zero, 6);
  }).join();
  // A thread that gets the M of one that has ended gets none of its values.
  std::thread([] { EXPECT_EQ(*zero, 0); }).join();
  EXPECT_EQ(*zero, 5);
  *zero = 0;
}

std::vector<std::string>* destroyed = nullptr;
sync::WaitGroup* destroying = nullptr;

struct Tells {
  std::string text;
  ~Tells() {
    if (text.empty()) return;
    destroyed->push_back(text);
    destroying->Done();
  }
};

Local<Tells> a;
Local<Tells> b;

TEST(Local, DestroyedWithItsGoroutineNewestFirst) {
  std::vector<std::string> list;
  sync::WaitGroup both;
  destroyed = &list;
  destroying = &both;
  both.Add(2);
  const auto use = [](bool goexit) {
    b->text = "b";
    a->text = "a";
    if (goexit) Goexit();
  };
  go(use, false);
  both.Wait();
  EXPECT_EQ(list, (std::vector<std::string>{"a", "b"}));
  list.clear();
  both.Add(2);
  go(use, true);
  both.Wait();
  EXPECT_EQ(list, (std::vector<std::string>{"a", "b"}));
  list.clear();
  both.Add(2);
  std::thread(use, false).join();
  EXPECT_EQ(list, (std::vector<std::string>{"a", "b"}));
}

// Parks, and uses Locals, one of which is gone and made anew.
struct Busy {
  sync::Mutex* mu = nullptr;
  base::Atomic<int>* right = nullptr;
  sync::WaitGroup* gone = nullptr;
  inline static constinit Local<int> uses{};
  ~Busy() {
    if (mu == nullptr) return;
    mu->Lock();
    Gosched();
    right->fetch_add(++*uses == 1 && *one == 1);
    mu->Unlock();
    gone->Done();
  }
};
Local<Busy> busy;

TEST(Local, DestructorsParkAndUseLocals) {
  const int n = Scaled(1000);
  sync::Mutex mu;
  base::Atomic<int> right{0};
  sync::WaitGroup gone;
  gone.Add(n);
  for (int i = 0; i < n; ++i) {
    go([&] {
      busy->mu = &mu;
      busy->right = &right;
      busy->gone = &gone;
      ++*one;
    });
  }
  gone.Wait();
  EXPECT_EQ(right.load(), n);
}

struct NoDefault {
  explicit NoDefault(int n) : n(n) {}
  int n;
};
Local<NoDefault> no_default([] { return NoDefault(3); });

TEST(Local, NeedsNoDefaultIfItHasAFunction) { EXPECT_EQ(no_default->n, 3); }

TEST(Local, ValueOutlivesItsLocal) {
  RunInGoroutine([] {
    std::weak_ptr<int> alive;
    Chan<Unit> go_on = MakeChan<Unit>();
    Chan<Unit> made = MakeChan<Unit>();
    {
      Local<std::shared_ptr<int>> local;
      go([&local, &alive, go_on, made] {
        *local = std::make_shared<int>(7);
        alive = *local;
        made.Send({});
        go_on.Recv();
      });
      made.Recv();
    }
    EXPECT_FALSE(alive.expired());
    // A later one is another variable.
    Local<std::shared_ptr<int>> later;
    EXPECT_EQ(*later, nullptr);
    go_on.Close();
    EXPECT_TRUE(testing::Eventually([&] { return alive.expired(); }));
  });
}

}  // namespace
}  // namespace parkour::runtime
