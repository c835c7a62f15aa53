// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

//
// The small doors: clock, rand, thread, sys.

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/clock.h"
#include "parkour/base/rand.h"
#include "parkour/base/sys.h"
#include "parkour/base/thread.h"

namespace parkour::base {
namespace {

TEST(Clock, NeverGoesBack) {
  int64_t last = nanotime();
  EXPECT_GT(last, 0);
  for (int i = 0; i < 100000; ++i) {
    const int64_t now = nanotime();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Clock, DeadlineAfterClamps) {
  EXPECT_EQ(DeadlineAfter(5, 7), 12);
  EXPECT_EQ(DeadlineAfter(5, 0), 5);
  EXPECT_EQ(DeadlineAfter(5, INT64_MAX - 5), INT64_MAX);
  EXPECT_EQ(DeadlineAfter(5, INT64_MAX - 4), INT64_MAX);
  EXPECT_EQ(DeadlineAfter(5, INT64_MAX), INT64_MAX);
}

TEST(Clock, ThreadCpuTimeCountsThisThreadOnly) {
  const int64_t start = ThreadCpuTime(ThreadId());
  while (ThreadCpuTime(ThreadId()) == start) {
  }
  const int64_t before = ThreadCpuTime(ThreadId());
  std::thread([] {
    const int64_t end = ThreadCpuTime(ThreadId()) + 20000000;
    while (ThreadCpuTime(ThreadId()) < end) {
    }
  }).join();
  EXPECT_LT(ThreadCpuTime(ThreadId()) - before, 20000000);
  EXPECT_EQ(ThreadCpuTime(INT_MAX - 1), -1);
}

TEST(Rand, SeedsDiffer) {
  std::set<uint64_t> seeds;
  for (int i = 0; i < 1000; ++i) seeds.insert(NewSeed());
  EXPECT_EQ(seeds.size(), 1000u);
}

TEST(Rand, SameSeedSameNumbers) {
  Rand a(42);
  Rand b(42);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Next(), b.Next());
}

TEST(Rand, ZeroSeedWorks) {
  Rand r(0);
  std::set<uint32_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(r.Next());
  EXPECT_GT(seen.size(), 95u);
}

TEST(Rand, BelowIsUniform) {
  constexpr uint32_t kCells = 7;
  constexpr int kDraws = 70000;
  int count[kCells] = {};
  Rand r(12345);
  for (int i = 0; i < kDraws; ++i) {
    const uint32_t x = r.Below(kCells);
    ASSERT_LT(x, kCells);
    ++count[x];
  }
  for (int n : count) EXPECT_NEAR(n, 10000, 600);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(r.Below(1), 0u);
}

TEST(Thread, RunsNamedOnItsOwnThread) {
  struct Seen {
    Note done{};
    int tid = 0;
    char name[16] = {};
  } seen;
  const auto fn = [](void* arg) {
    Seen* const s = static_cast<Seen*>(arg);
    s->tid = ThreadId();
    pthread_getname_np(pthread_self(), s->name, sizeof(s->name));
    s->done.Wakeup();
  };
  // Only 15 bytes of a name are kept.
  ASSERT_EQ(StartThread("a-rather-long-name", 1 << 20, fn, &seen), 0);
  seen.done.Sleep();
  EXPECT_NE(seen.tid, ThreadId());
  EXPECT_STREQ(seen.name, "a-rather-long-n");
}

TEST(Thread, ImpossibleStackIsAnError) {
  EXPECT_LT(StartThread(
                "x", size_t{1} << 60, [](void*) {}, nullptr),
            0);
}

TEST(Thread, ProcessThreadCount) {
  // The name has what confuses a careless parser of /proc/self/stat.
  pthread_setname_np(pthread_self(), "a) R 1 (b");
  Note end;
  std::thread t([&] { end.Sleep(); });
  // A thread of an earlier test may be ending: counts again until nobody does.
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                         std::filesystem::directory_iterator());
  };
  int counted = 0;
  std::ptrdiff_t before = -1;
  while (before != threads()) {
    before = threads();
    counted = ProcessThreadCount();
  }
  EXPECT_GE(counted, 2);
  EXPECT_EQ(counted, before);
  end.Wakeup();
  t.join();
}

TEST(Thread, SleepForIsNeverEarly) {
  const int64_t start = nanotime();
  SleepFor(3000000);
  EXPECT_GE(nanotime() - start, 3000000);
}

TEST(Sys, FailuresAreNegativeErrnos) {
  char c;
  EXPECT_EQ(sys::Read(-1, &c, 1), -EBADF);
  EXPECT_EQ(sys::Write(-1, &c, 1), -EBADF);
  EXPECT_EQ(sys::Close(-1), -EBADF);
  EXPECT_EQ(sys::SetNonblock(-1, true), -EBADF);
  EXPECT_EQ(sys::Socket(-1, 0, 0), -EAFNOSUPPORT);
  EXPECT_EQ(sys::EpollAdd(-1, -1, 0, 0), -EBADF);
}

TEST(Sys, NonblockingPipe) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  ASSERT_EQ(sys::SetNonblock(fds[0], true), 0);
  char c = 0;
  EXPECT_EQ(sys::Read(fds[0], &c, 1), -EAGAIN);
  EXPECT_EQ(sys::Write(fds[1], "x", 1), 1);
  EXPECT_EQ(sys::Read(fds[0], &c, 1), 1);
  EXPECT_EQ(c, 'x');
  ASSERT_EQ(sys::SetNonblock(fds[0], false), 0);
  EXPECT_EQ(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(sys::Close(fds[0]), 0);
  EXPECT_EQ(sys::Close(fds[1]), 0);
}

TEST(Sys, SocketsAreNonblockingAndCloseOnExec) {
  const int fd = sys::Socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_GE(fd, 0);
  EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(sys::Close(fd), 0);
}

TEST(Sys, EpollWaitsAndReports) {
  const int ep = sys::EpollCreate();
  const int ev = sys::EventFd();
  ASSERT_GE(ep, 0);
  ASSERT_GE(ev, 0);
  ASSERT_EQ(sys::EpollAdd(ep, ev, EPOLLIN, 99), 0);
  epoll_event events[2];
  const int64_t start = nanotime();
  EXPECT_EQ(sys::EpollWait(ep, events, 2, 1500000), 0);
  EXPECT_GE(nanotime() - start, 1500000);
  const uint64_t one = 1;
  ASSERT_EQ(sys::Write(ev, &one, sizeof(one)), 8);
  EXPECT_EQ(sys::EpollWait(ep, events, 2, -1), 1);
  const uint64_t data = events[0].data.u64;  // the struct is packed
  EXPECT_EQ(data, 99u);
  EXPECT_EQ(sys::EpollDel(ep, ev), 0);
  EXPECT_EQ(sys::EpollWait(ep, events, 2, 0), 0);
  sys::Close(ep);
  sys::Close(ev);
}

TEST(Sys, DiscardedMemoryReadsAsZero) {
  int error = 0;
  constexpr size_t kSize = 1 << 16;
  char* const p = static_cast<char*>(sys::Reserve(kSize, &error));
  ASSERT_NE(p, nullptr);
  std::memset(p, 1, kSize);
  EXPECT_EQ(sys::Discard(p, kSize / 2), 0);
  EXPECT_EQ(p[0], 0);
  EXPECT_EQ(p[kSize / 2 - 1], 0);
  EXPECT_EQ(p[kSize / 2], 1);
  EXPECT_EQ(sys::Unmap(p, kSize), 0);
}

TEST(Sys, ImpossibleReserveIsAnError) {
  int error = 0;
  EXPECT_EQ(sys::Reserve(size_t{1} << 62, &error), nullptr);
  EXPECT_EQ(error, -ENOMEM);
}

TEST(Sys, ReadFile) {
  char text[64];
  EXPECT_EQ(sys::ReadFile("/nowhere/at/all", text, sizeof(text)), -ENOENT);
  const std::string path = ::testing::TempDir() + "/parkour_read_file";
  const int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(write(fd, "hello", 5), 5);
  close(fd);
  EXPECT_EQ(sys::ReadFile(path.c_str(), text, sizeof(text)), 5);
  EXPECT_EQ(std::string(text, 5), "hello");
  EXPECT_EQ(sys::ReadFile(path.c_str(), text, 2), 2);
  unlink(path.c_str());
}

}  // namespace
}  // namespace parkour::base
