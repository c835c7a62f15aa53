// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/list.h"

#include <deque>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"

namespace parkour::base {
namespace {

struct Item {
  Item* link = nullptr;
};

using ItemQueue = Queue<Item, &Item::link>;
using ItemStack = Stack<Item, &Item::link>;

TEST(Queue, Empty) {
  ItemQueue q;
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(q.size(), 0u);
  EXPECT_EQ(q.front(), nullptr);
  EXPECT_EQ(q.PopFront(), nullptr);
}

TEST(Queue, FirstInFirstOut) {
  Item items[3];
  ItemQueue q;
  for (Item& e : items) q.PushBack(&e);
  EXPECT_EQ(q.size(), 3u);
  EXPECT_EQ(q.front(), &items[0]);
  for (Item& e : items) EXPECT_EQ(q.PopFront(), &e);
  EXPECT_TRUE(q.empty());
  for (Item& e : items) EXPECT_EQ(e.link, nullptr);
}

TEST(Queue, AppendLeavesTheOtherEmpty) {
  Item items[4];
  ItemQueue a;
  ItemQueue b;
  a.Append(&b);  // nothing to nothing
  EXPECT_TRUE(a.empty());
  b.PushBack(&items[0]);
  b.PushBack(&items[1]);
  a.Append(&b);  // to an empty one
  EXPECT_TRUE(b.empty());
  b.PushBack(&items[2]);
  a.Append(&b);
  a.PushBack(&items[3]);  // the tail is right
  EXPECT_EQ(a.size(), 4u);
  for (Item& e : items) EXPECT_EQ(a.PopFront(), &e);
}

TEST(Queue, AgainstDeque) {
  Rand rand(1);
  std::vector<Item> items(64);
  std::vector<Item*> unused;
  for (Item& e : items) unused.push_back(&e);
  ItemQueue q;
  std::deque<Item*> model;
  for (int i = 0; i < 20000; ++i) {
    if (rand.Below(2) == 0 && !unused.empty()) {
      Item* const e = unused.back();
      unused.pop_back();
      if (rand.Below(3) == 0) {
        q.PushFront(e);
        model.push_front(e);
      } else {
        q.PushBack(e);
        model.push_back(e);
      }
    } else if (!model.empty()) {
      Item* const e = q.PopFront();
      ASSERT_EQ(e, model.front());
      model.pop_front();
      unused.push_back(e);
    }
    ASSERT_EQ(q.size(), model.size());
    ASSERT_EQ(q.empty(), model.empty());
  }
}

TEST(Stack, LastInFirstOut) {
  Item items[3];
  ItemStack s;
  EXPECT_EQ(s.Pop(), nullptr);
  for (Item& e : items) s.Push(&e);
  EXPECT_EQ(s.size(), 3u);
  EXPECT_EQ(s.Pop(), &items[2]);
  s.Push(&items[2]);
  for (int i = 2; i >= 0; --i) EXPECT_EQ(s.Pop(), &items[i]);
  EXPECT_TRUE(s.empty());
  EXPECT_EQ(s.size(), 0u);
}

}  // namespace
}  // namespace parkour::base
