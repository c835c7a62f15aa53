// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What belongs to the thread: thread_locals, their destructors, errno. A
// goroutine that goes on on another thread finds that thread's.

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/sys.h"
#include "parkour/base/thread.h"
#include "parkour/chan/chan.h"
#include "parkour/poll/fd.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/truths/migrate.h"

namespace parkour::truths {
namespace {

using runtime::LockOSThread;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

// ---- thread_local ----

thread_local int owner = 0;

// What docs/CPP_TRAPS.md advises: a function of its own, which is not inlined.
[[gnu::noinline]] int* Owner() {
  int* address = &owner;
  asm volatile("" : "+r"(address) : : "memory");
  return address;
}

TEST(ThreadLocal, BehindAFunctionOfItsOwnIsTheThreads) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 200; ++i) {
      int* const before = Owner();
      EXPECT_TRUE(*before == 0 || *before == base::ThreadId()) << i;
      *before = base::ThreadId();
      Migrate();
      int* const after = Owner();
      EXPECT_NE(before, after) << i;
      EXPECT_TRUE(*after == 0 || *after == base::ThreadId()) << i;
    }
  });
}

// The runtime's own: in one function, before a migration and after it, where a
// compiler that sees through the calls would use what it had.
TEST(ThreadLocal, TheRuntimesOwnIsTheThreads) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 200; ++i) {
      const runtime::M* const before = runtime::getm();
      EXPECT_EQ(before->tid.load(), base::ThreadId());
      Migrate();
      const runtime::M* const after = runtime::getm();
      EXPECT_NE(before, after);
      EXPECT_EQ(after->tid.load(), base::ThreadId());
      runtime::RuntimeScope in;  // may be on yet another from here on
      const runtime::M* const inside = runtime::getm();
      EXPECT_EQ(inside->tid.load(), base::ThreadId());
      EXPECT_EQ(inside->curg->m.load(), inside);
    }
  });
}

// Many goroutines on several threads, no migration forced: what an entry finds
// is the thread's M, every time.
TEST(ThreadLocal, EntriesFindTheirM) {
  ProcsScope procs(4);
  sync::WaitGroup wg;
  base::Atomic<int> wrong{0};
  for (int i = 0; i < 8; ++i) {
    wg.Go([&] {
      for (int j = 0; j < Scaled(5000); ++j) {
        {
          runtime::RuntimeScope in;
          wrong.fetch_add(runtime::getm()->tid.load() != base::ThreadId());
        }
        runtime::Gosched();
      }
    });
  }
  wg.Wait();
  EXPECT_EQ(wrong.load(), 0);
}

// ---- Destructors ----

// Says, through the runtime, on which thread it was destroyed.
struct SaysGoodbye {
  ~SaysGoodbye() {
    if (said_to_anyone) to.Send(base::ThreadId());
  }
  bool said_to_anyone = false;
  Chan<int> to;
};

thread_local SaysGoodbye goodbye;
[[gnu::noinline]] void SayGoodbyeTo(const Chan<int>& to) {
  goodbye.to = to;
  goodbye.said_to_anyone = true;
}

// A thread that ends with the goroutine locked to it takes its thread_locals
// along, as any thread does; their destructors may use Parkour.
TEST(ThreadLocal, DestroyedWithTheThread) {
  Chan<int> gone = MakeChan<int>();
  for (int i = 0; i < 20; ++i) {
    base::Atomic<int> tid{0};
    go([&] {
      LockOSThread();
      SayGoodbyeTo(gone);
      tid.store(base::ThreadId());
    });
    const std::optional<int> destroyed_on = gone.Recv();
    EXPECT_EQ(destroyed_on, tid.load());
  }
  std::thread([&] { SayGoodbyeTo(gone); }).detach();
  EXPECT_TRUE(gone.Recv().has_value());
}

struct Prints {
  explicit Prints(const char* name) : name(name) {}
  ~Prints() { std::fprintf(stderr, "%s\n", name); }
  const char* name;
};

[[gnu::noinline]] void TouchThreadLocal(const char* name) {
  thread_local Prints prints(name);
  asm volatile("" : : "r"(&prints) : "memory");
}

// At the end of the process: the thread_locals of the thread that calls exit,
// then what is static. Threads that go on then never destroy theirs.
TEST(ThreadLocalDeathTest, AtExit) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        static Prints prints("static");
        RunInGoroutine([] { TouchThreadLocal("of a goroutine's thread"); });
        TouchThreadLocal("of the main thread");
        std::exit(5);
      },
      ::testing::ExitedWithCode(5), "^of the main thread\nstatic\n$");
}

// ---- errno ----

[[gnu::noinline]] int Errno() {
  int error = errno;
  asm volatile("" : "+r"(error) : : "memory");
  return error;
}

[[gnu::noinline]] void SetErrno(int error) {
  asm volatile("" : "+r"(error) : : "memory");
  errno = error;
}

// A failing call and the look at errno with nothing of Parkour's in between.
[[gnu::noinline]] int ErrnoOfClose() { return close(-1) == 0 ? 0 : errno; }

TEST(Errno, IsRightAfterTheCallThatSetsIt) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 100; ++i) {
      SetErrno(EPERM);
      EXPECT_EQ(ErrnoOfClose(), EBADF);
      Migrate();
      SetErrno(EPERM);
      EXPECT_EQ(ErrnoOfClose(), EBADF);
    }
  });
}

// It is the thread's: what was there before a call into Parkour may be another
// thread's after it.
TEST(Errno, StaysWithTheThread) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 100; ++i) {
      SetErrno(100000 + i);
      EXPECT_EQ(Errno(), 100000 + i);
      Migrate();
      EXPECT_NE(Errno(), 100000 + i);
    }
  });
}

// The library's own system calls, before and after a migration in one function,
// with another outcome each, and with the old thread's errno in the way.
TEST(Errno, IsNeverAnotherThreadsInTheLibrary) {
  int fds[2];
  ASSERT_EQ(pipe2(fds, O_NONBLOCK), 0);
  ProcsScope procs(1);
  RunInGoroutine([fds] {
    char c = 0;
    for (int i = 0; i < 200; ++i) {
      EXPECT_EQ(base::sys::Read(-1, &c, 1), -EBADF);
      Migrate();
      EXPECT_EQ(base::sys::Read(fds[0], &c, 1), -EAGAIN);
      Migrate();
      EXPECT_EQ(base::sys::SetNonblock(-1, true), -EBADF);
    }
  });
  close(fds[0]);
  close(fds[1]);
}

// One Read that fails with EAGAIN on one thread and, after the park, with
// ECONNRESET on another, while the first thread's errno says something else.
TEST(Errno, IsNeverAnotherThreadsInAReadThatParked) {
  ProcsScope procs(1);
  int migrated = 0;
  for (int i = 0; i < 50; ++i) {
    int fds[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    poll::FD fd;
    fd.Init(fds[0], poll::FD::kStream | poll::FD::kZeroIsEOF);
    sync::WaitGroup wg;
    wg.Go([&] {
      size_t written;
      EXPECT_EQ(fd.Write("x", 1, &written), 0);  // which nobody will read
      Chan<Unit> end = MakeChan<Unit>();
      const int before = base::ThreadId();
      go([&fds, end] {
        LockOSThread();
        close(fds[1]);
        SetErrno(EPERM);
        end.Recv();  // and sits on the thread
      });
      char c;
      EXPECT_EQ(fd.Read(&c, 1), -ECONNRESET);
      migrated += base::ThreadId() != before;
      end.Send({});
    });
    wg.Wait();
    EXPECT_EQ(fd.Close(), 0);
  }
  // All of them, unless sysmon thought that somebody took too long.
  EXPECT_GT(migrated, 0);
}

}  // namespace
}  // namespace parkour::truths
