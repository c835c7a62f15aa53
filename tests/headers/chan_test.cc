// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/chan/chan.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/go.h"
#include "parkour/time/timer.h"

using namespace parkour;

namespace {

// ---- chan/chan.h ----

TEST(Chan, JobsAndWords) {
  std::vector<int> worked;
  const auto Work = [&worked](int job) { worked.push_back(job); };

  Chan<int> jobs = MakeChan<int>();
  go([=] {
    for (int i = 0; i < 3; ++i) jobs.Send(i);
    jobs.Close();
  });
  for (int job : jobs) Work(job);
  EXPECT_EQ(worked, (std::vector{0, 1, 2}));

  Chan<std::string> words = MakeChan<std::string>(16);
  words.Send("hello");
  words.Close();
  std::optional<std::string> w = words.Recv();
  EXPECT_EQ(w, "hello");
  EXPECT_EQ(words.Recv(), std::nullopt);
}

void Produce(SendChan<int> out);
void Consume(RecvChan<int> in);

void Produce(SendChan<int> out) { out.Send(7); }
void Consume(RecvChan<int> in) { EXPECT_EQ(in.Recv(), 7); }

TEST(Chan, Directions) {
  const Chan<int> ch = MakeChan<int>(1);
  Produce(ch);
  EXPECT_EQ(ch.Len(), 1u);
  Consume(ch);
  EXPECT_EQ(ch.Len(), 0u);
}

// ---- chan/select.h ----

TEST(Select, OneCaseIsTaken) {
  Chan<std::string> words = MakeChan<std::string>(1);
  Chan<int> out = MakeChan<int>(1);
  std::string word;
  int sent = 0;
  int timeouts = 0;

  int taken = Select(words.OnRecv([&](std::optional<std::string> w) {
    if (w) word = *w;
  }),
                     out.OnSend(7, [&] { ++sent; }),
                     time::After(absl::Seconds(1)).OnRecv([&] { ++timeouts; }));
  // Only the send is ready at once.
  ASSERT_EQ(sent + timeouts, 1);
  EXPECT_EQ(taken, sent == 1 ? 1 : 2);
  EXPECT_EQ(out.TryRecv(), sent == 1 ? std::optional(7) : std::nullopt);
  EXPECT_EQ(word, "");

  int defaults = 0;
  Select(words.OnRecv([&](auto w) {
    if (w) word = *w;
  }),
         Default([&] { ++defaults; }));
  EXPECT_EQ(defaults, 1);
}

}  // namespace
