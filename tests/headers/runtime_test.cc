// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "parkour/chan/chan.h"
#include "parkour/runtime/debug.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/limits.h"
#include "parkour/runtime/local.h"
#include "parkour/runtime/stack_stats.h"
#include "parkour/runtime/syscall.h"
#include "parkour/runtime/test_util.h"
#include "parkour/tests/headers/conns.h"

using namespace parkour;
using runtime::testing::RunInGoroutine;

namespace {

// ---- runtime/go.h ----

void Serve(const net::Conn& conn) { EXPECT_EQ(conn.Write("served ").n, 7u); }

TEST(Go, ThreeForms) {
  tests::Conns conns = tests::Connect();
  net::Conn conn = std::exchange(conns.conn, net::Conn());
  const std::string text = "text";
  const Chan<std::string> parsed = MakeChan<std::string>();
  const auto Parse = [parsed](const std::string& t) { parsed.Send(t); };

  parkour::go([conn] { Serve(conn); });
  parkour::go(Serve, std::move(conn));
  parkour::go({.stack_size = 1 << 20, .name = "parser"}, Parse, text);

  // The connection ends with its last handle, which a goroutine has.
  EXPECT_EQ(io::ReadAll(conns.peer).value_or("an error"), "served served ");
  EXPECT_EQ(parsed.Recv(), "text");
}

// ---- runtime/debug.h ----

TEST(Debug, Stacks) {
  RunInGoroutine([] {
    std::string mine = runtime::Stack(/*all=*/false);
    std::string all = runtime::Stack(/*all=*/true);

    EXPECT_EQ(mine.rfind("goroutine ", 0), 0u) << mine;
    EXPECT_EQ(all.rfind(mine.substr(0, mine.find('\n')), 0), 0u) << all;
  });
}

// ---- runtime/local.h ----

namespace local {

struct Arena {
  void Clear() { ++cleared; }
  int cleared = 0;
};

runtime::Local<Arena> arena;
runtime::Local<int> depth([] { return 1; });

void Serve() {
  arena->Clear();
  ++*depth;
}

TEST(Local, EachItsOwn) {
  Serve();
  RunInGoroutine([] {
    Serve();
    runtime::Gosched();
    Serve();
    EXPECT_EQ(arena->cleared, 2);
    EXPECT_EQ(*depth, 3);
  });
  EXPECT_EQ(arena->cleared, 1);
  EXPECT_EQ(*depth, 2);
}

}  // namespace local

// ---- runtime/limits.h ----

namespace limits {

TEST(Limits, Set) {
  runtime::SetMaxThreads(500);
  runtime::SetMaxStack(size_t{64} << 10);

  EXPECT_EQ(runtime::SetMaxThreads(10000), 500);
  EXPECT_EQ(runtime::SetMaxStack(size_t{1} << 30), size_t{64} << 10);
}

}  // namespace limits

// ---- runtime/stack_stats.h ----

TEST(StackStats, OfThisProgram) {
  const Chan<Unit> gate = MakeChan<Unit>();
  go([gate] { gate.Recv(); });

  runtime::StackStats stats = runtime::ReadStackStats();
  std::printf("%ld stacks, the deepest used %zu of %zu bytes\n", stats.live,
              stats.deepest.used, stats.deepest.size);
  for (const runtime::StackUse& use : runtime::DeepestStacks(10)) {
    std::printf("goroutine %lu: %zu\n", use.goid, use.used);
  }
  runtime::FreeOSMemory();

  EXPECT_GE(stats.live, 1);
  EXPECT_GT(stats.deepest.used, 0u);
  EXPECT_LE(stats.deepest.used, stats.deepest.size);
  gate.Send({});
}

// ---- runtime/syscall.h ----

TEST(Syscall, Blocking) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  RunInGoroutine([file = fds[0], out = fds[1]] {
    char buf[16];
    const size_t len = sizeof(buf);
    EXPECT_EQ(write(out, "five!", 5), 5);

    ssize_t n = runtime::Blocking([&] { return read(file, buf, len); });

    ASSERT_EQ(n, 5);
    EXPECT_EQ(std::string_view(buf, 5), "five!");
  });
  close(fds[0]);
  close(fds[1]);
}

}  // namespace
