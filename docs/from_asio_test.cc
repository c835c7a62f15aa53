// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The C++ of FROM_ASIO.md: Parkour's side.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "parkour/parkour.h"
#include "parkour/testing/fake_clock.h"
#include "parkour/testing/test.h"

using namespace parkour;

namespace {

void Echo(net::Conn conn) {
  char data[4096];
  for (;;) {
    auto [n, err] = conn.Read(data);
    if (n > 0 && !conn.Write({data, n}).ok()) return;
    if (!err.ok()) return;
  }
}

TEST(FromAsio, Echo) {
  auto [client, server] = net::Pipe();
  go(Echo, server);
  EXPECT_TRUE(client.Write("ping").ok());
  char buf[4];
  EXPECT_TRUE(io::ReadFull(client, buf).ok());
  EXPECT_EQ(std::string_view(buf, 4), "ping");
}

absl::Status Accepting(const net::Listener& ln, void (*Session)(net::Conn)) {
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln.Accept();
    if (!conn.ok()) return conn.status();
    go(Session, *conn);
  }
}

TEST(FromAsio, Accept) {
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  ASSERT_TRUE(ln.ok());
  static const Chan<Unit> served = MakeChan<Unit>();
  go([ln = *ln] {
    auto conn = net::Dial("tcp", ln.Addr().String());
    served.Recv();
    ln.Close().IgnoreError();
  });
  EXPECT_TRUE(
      net::IsClosed(Accepting(*ln, [](net::Conn) { served.Send({}); })));
}

absl::Status Late() { return absl::DeadlineExceededError("late"); }

absl::Status ReadInTime(const net::Conn& conn) {
  char data[8];
  conn.SetReadDeadline(absl::Now() + absl::Seconds(5)).IgnoreError();
  io::Result got = io::ReadFull(conn, data);
  if (net::IsTimeout(got.err)) return Late();
  return got.err;
}

PARKOUR_TEST(FromAsio, Timeout) {
  test::FakeClock clock;
  auto [client, server] = net::Pipe();
  EXPECT_EQ(ReadInTime(client), Late());
}

TEST(FromAsio, Cancel) {
  const context::Context parent = context::Background();
  auto [here, there] = net::Pipe();
  const net::Conn conn = here;
  char data[8];
  const auto Cancelled = [&] {
    auto [ctx, cancel] = context::WithCancel(parent);
    auto stop = context::AfterFunc(ctx, [=] { conn.Close().IgnoreError(); });
    absl::Cleanup unregister = [&] { stop(); };
    io::Result got =
        io::ReadFull(conn, data);  // ends when somebody calls cancel
    return got.err;
  };
  auto [outer, cancel_outer] = context::WithCancel(parent);
  (void)outer;
  go([there = there] { there.Close().IgnoreError(); });
  EXPECT_FALSE(Cancelled().ok());
  cancel_outer();
}

TEST(FromAsio, Strand) {
  sync::Mutex mu;
  int count = 0;
  sync::WaitGroup wg;
  for (int i = 0; i < 100; ++i) {
    wg.Go([&] {
      sync::MutexLock lock(&mu);
      ++count;
    });
  }
  wg.Wait();
  EXPECT_EQ(count, 100);
}

TEST(FromAsio, First) {
  const Chan<int> answers = MakeChan<int>(1);
  answers.Send(1);
  int used = 0;
  const auto Use = [&](int a) { used = a; };
  int first = Select(answers.OnRecv([&](std::optional<int> a) { Use(*a); }),
                     time::After(absl::Seconds(1)).OnRecv([] {}));
  EXPECT_EQ(first, 0);
  EXPECT_EQ(used, 1);
}

TEST(FromAsio, All) {
  const context::Context parent = context::Background();
  const std::string a = "a", b = "b";
  static const auto Fetch = [](const context::Context&, const std::string&) {
    return absl::OkStatus();
  };
  auto [group, ctx] = errgroup::WithContext(parent);
  for (const std::string& name : {a, b}) {
    group.Go([name, ctx = ctx] { return Fetch(ctx, name); });
  }
  absl::Status err = group.Wait();
  EXPECT_TRUE(err.ok());
}

TEST(FromAsio, Blocking) {
  using Row = int;
  struct {
    int Query(const char*) { return 1; }
  } database;
  const char* const sql = "SELECT 1";
  Row row = runtime::Blocking([&] { return database.Query(sql); });
  EXPECT_EQ(row, 1);
}

TEST(FromAsio, Threads) {
  const Chan<int> jobs = MakeChan<int>(), handled = MakeChan<int>(2);
  const auto Handle = [=](int job) { handled.Send(job); };
  sync::WaitGroup worker;
  worker.Go([&] { Handle(*jobs.Recv()); });
  std::thread thread([=] {
    const int job = 5;
    jobs.Send(job);            // to a goroutine that waits for jobs
    go([=] { Handle(job); });  // or to one of its own
  });
  thread.join();
  EXPECT_EQ(*handled.Recv() + *handled.Recv(), 10);
  worker.Wait();
}

}  // namespace
