// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/shelf.h"

#include <deque>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"

namespace parkour::runtime {
namespace {

class ShelfTest : public ::testing::Test {
 protected:
  // What a shelf has is never freed: LeakSanitizer is to find it here.
  ~ShelfTest() override {
    static std::vector<Shelf>& kept = *new std::vector<Shelf>;
    kept.push_back(shelf_);
  }

  G* New() { return &gs_.emplace_back(); }

  GList List(size_t n) {
    GList list;
    while (list.size() < n) list.Push(New());
    return list;
  }

  std::deque<G> gs_;
  Shelf shelf_;
};

TEST_F(ShelfTest, LastInFirstOut) {
  EXPECT_TRUE(shelf_.empty());
  EXPECT_EQ(shelf_.Pop(), nullptr);
  for (int i = 0; i < 100; ++i) shelf_.Push(New());
  for (int i = 99; i >= 0; --i) EXPECT_EQ(shelf_.Pop(), &gs_[i]);
  EXPECT_TRUE(shelf_.empty());
}

TEST_F(ShelfTest, AChunkComesBackAsItWas) {
  shelf_.Push(New());
  GList list = List(32);
  G* const top = list.top();
  shelf_.PushAll(&list);
  EXPECT_TRUE(list.empty());
  shelf_.MoveTo(&list, 32);
  EXPECT_EQ(list.size(), 32u);
  EXPECT_EQ(list.top(), top);
  EXPECT_EQ(shelf_.top(), &gs_[0]);
  EXPECT_EQ(shelf_.Pop(), &gs_[0]);
  EXPECT_EQ(shelf_.top(), nullptr);
  EXPECT_TRUE(shelf_.empty());
}

// One that came alone does not spoil all chunks below it.
TEST_F(ShelfTest, ChunksStayWhole) {
  G* tops[3];
  GList list;
  for (G*& top : tops) {
    list = List(32);
    top = list.top();
    shelf_.PushAll(&list);
  }
  shelf_.Push(New());
  for (int i = 2; i >= 0; --i) {
    list = GList();
    shelf_.MoveTo(&list, 32);
    EXPECT_EQ(list.top(), tops[i]);
    EXPECT_EQ(list.size(), 32u);
  }
  EXPECT_EQ(shelf_.Pop(), &gs_.back());
  EXPECT_TRUE(shelf_.empty());
}

TEST_F(ShelfTest, MovesNoMoreThanIsAskedFor) {
  GList list = List(32);
  shelf_.PushAll(&list);
  shelf_.MoveTo(&list, 0);
  EXPECT_TRUE(list.empty());
  shelf_.MoveTo(&list, 8);
  EXPECT_EQ(list.size(), 8u);
  shelf_.MoveTo(&list, 1000);
  EXPECT_EQ(list.size(), 32u);
  EXPECT_TRUE(shelf_.empty());
  GList none;
  shelf_.PushAll(&none);
  EXPECT_TRUE(shelf_.empty());
}

// Nothing is lost, and nothing comes twice.
TEST_F(ShelfTest, AgainstSet) {
  base::Rand rand(11);
  std::set<G*> inside;
  const auto take = [&](G* gp) { EXPECT_EQ(inside.erase(gp), 1u); };
  for (int step = 0; step < 5000; ++step) {
    GList list;
    switch (rand.Below(4)) {
      case 0:
        inside.insert(New());
        shelf_.Push(&gs_.back());
        break;
      case 1:
        for (uint32_t n = rand.Below(70); n > 0; --n) {
          inside.insert(New());
          list.Push(&gs_.back());
        }
        shelf_.PushAll(&list);
        break;
      case 2:
        if (G* gp = shelf_.Pop()) take(gp);
        break;
      default:
        shelf_.MoveTo(&list, rand.Below(70));
        while (G* gp = list.Pop()) take(gp);
    }
    ASSERT_EQ(shelf_.empty(), inside.empty());
  }
  while (G* gp = shelf_.Pop()) take(gp);
  EXPECT_TRUE(inside.empty());
}

}  // namespace
}  // namespace parkour::runtime
