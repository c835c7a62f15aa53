// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Descriptors are opened, used and closed by the page, with deadlines that fire
// meanwhile and events that come for owners that are gone, while a scavenger in
// a great hurry takes every page that is idle for a moment. Nobody's byte, edge
// or deadline gets lost or comes to somebody else.

#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/base/clock.h"
#include "parkour/base/sanitizer.h"
#include "parkour/poll/fd.h"
#include "parkour/poll/pd_pool.h"
#include "parkour/poll/testing.h"

namespace parkour::poll {
namespace {

using testing::InGoroutine;
using testing::RawPair;
using testing::RawSend;

constexpr int kWorkers = 4;
constexpr int kFds = 48;  // three pages
constexpr int kRounds = PARKOUR_TSAN || PARKOUR_ASAN ? 30 : 200;
constexpr unsigned kUnix = FD::kStream | FD::kZeroIsEOF;

struct Connection {
  RawPair pair;
  int duplicate;  // keeps the registration alive
  FD fd;
};

// A byte comes after the reader has begun to wait, or just before.
void ReadOne(Connection* c, char byte) {
  sync::WaitGroup wg;
  wg.Go([c, byte] {
    char got = 0;
    EXPECT_EQ(c->fd.Read(&got, 1), 1);
    EXPECT_EQ(got, byte);
  });
  EXPECT_TRUE(RawSend(c->pair.peer, std::string_view(&byte, 1)));
  wg.Wait();
}

// A deadline that is moved when it is about to fire, and one that does.
void Expire(Connection* c) {
  const int64_t now = base::nanotime();
  EXPECT_EQ(c->fd.SetDeadline(now + 20000, 3), 0);
  EXPECT_EQ(c->fd.SetDeadline(now + 30000, 1), 0);
  char got;
  EXPECT_EQ(c->fd.Read(&got, 1), kErrTimeout);
  EXPECT_EQ(c->fd.SetDeadline(0, 3), 0);
  EXPECT_EQ(c->fd.SetDeadline(base::nanotime() + 20000, 3), 0);
}

void Round(int round) {
  std::vector<Connection> all(kFds);
  for (int i = 0; i < kFds; ++i) {
    all[i].pair = testing::UnixPair();
    all[i].duplicate = ::dup(all[i].pair.ours);
    all[i].fd.Init(all[i].pair.ours, kUnix);
    ReadOne(&all[i], static_cast<char>('a' + (round + i) % 26));
    if (i % 4 == 0) Expire(&all[i]);
  }
  for (Connection& c : all) EXPECT_EQ(c.fd.Close(), 0);
  // For nobody: the owner is gone.
  for (Connection& c : all) EXPECT_TRUE(RawSend(c.pair.peer, "late"));
  runtime::Gosched();
  for (Connection& c : all) {
    close(c.pair.peer);
    close(c.duplicate);
  }
}

class PdPoolRaceTest : public testing::LeakTest {};

TEST_F(PdPoolRaceTest, LateEventsWhileTheMemoryGoes) {
  base::Atomic<bool> stop{false};
  base::Atomic<size_t> bytes{0};
  std::thread scavenger([&] {
    // Beyond all turns of this process's own scavenger.
    for (uint64_t turn = uint64_t{1} << 32; !stop.load(); turn += 2) {
      bytes.fetch_add(pdScavenge(turn, 8));
      std::this_thread::yield();
    }
  });
  InGoroutine([] {
    sync::WaitGroup wg;
    for (int worker = 0; worker < kWorkers; ++worker) {
      wg.Go([worker] {
        for (int i = 0; i < kRounds; ++i) Round(worker + i);
      });
    }
    wg.Wait();
  });
  stop.store(true);
  scavenger.join();
  EXPECT_GT(bytes.load(), 0u);
  std::printf("%zu pages given back\n", bytes.load() / 4096);
}

}  // namespace
}  // namespace parkour::poll
