// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The C++ of FROM_GO.md: time, network, runtime.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "parkour/parkour.h"
#include "parkour/testing/fake_clock.h"
#include "parkour/testing/test.h"

using namespace parkour;

namespace {

TEST(FromGo, Sleep) {
  const absl::Time begin = absl::Now();
  time::Sleep(absl::Milliseconds(20));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(19));
}

void TimersAndTickers() {
  const auto Poll = [] { runtime::Goexit(); };
  const auto Expire = [] {};
  time::Timer t = time::NewTimer(absl::Seconds(1));
  absl::Cleanup stop = [&] { t.Stop(); };
  for ([[maybe_unused]] absl::Time now : time::Tick(absl::Minutes(1))) Poll();
  time::AfterFunc(absl::Hours(1), Expire);
}

PARKOUR_TEST(FromGo, Timers) {
  test::FakeClock clock;
  sync::WaitGroup wg;
  wg.Go(TimersAndTickers);
  wg.Wait();
  EXPECT_GE(clock.Elapsed(), absl::Minutes(1));
}

absl::StatusOr<int> Ask(const context::Context& parent, Chan<int> answer) {
  auto [ctx, cancel] = context::WithTimeout(parent, absl::Seconds(2));
  absl::Cleanup release = cancel;
  std::optional<int> a;
  Select(answer.OnRecv([&](std::optional<int> got) { a = got; }),
         ctx.Done().OnRecv([] {}));
  if (!a) return ctx.Err();
  return *a;
}

TEST(FromGo, Context) {
  auto [ctx, cancel] = context::WithCancel(context::Background());
  const Chan<int> answer = MakeChan<int>(1);
  answer.Send(3);
  EXPECT_EQ(*Ask(ctx, answer), 3);
  cancel();
  EXPECT_EQ(Ask(ctx, answer).status(), context::Canceled());
}

TEST(FromGo, Value) {
  const context::Context parent = context::Background();
  static constexpr context::Key<std::string> kUser("user");
  context::Context ctx = context::WithValue(parent, kUser, "bob");
  const std::string* user = ctx.Value(kUser);
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(*user, "bob");
}

TEST(FromGo, Signal) {
  auto [ctx, stop] = signal::NotifyContext(context::Background(), {SIGINT});
  absl::Cleanup release = stop;
  EXPECT_EQ(kill(getpid(), SIGINT), 0);
  ctx.Done().Recv();
  EXPECT_FALSE(ctx.Err().ok());
}

absl::Status ServeOne() {
  const auto Serve = [](net::Conn) {};
  const auto Listening = [](const net::Listener& l) {
    const auto peer = net::Dial("tcp", l.Addr().String());
    EXPECT_TRUE(peer.ok());
    l.SetDeadline(absl::Now() + absl::Milliseconds(20)).IgnoreError();
  };
  // The same with a peer, and an end.
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  if (!ln.ok()) return ln.status();
  Listening(*ln);
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln->Accept();
    if (!conn.ok()) return conn.status();
    go(Serve, *conn);
  }
}

absl::Status ServeForEver() {
  const auto Serve = [](net::Conn) {};
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  if (!ln.ok()) return ln.status();
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln->Accept();
    if (!conn.ok()) return conn.status();
    go(Serve, *conn);
  }
}

TEST(FromGo, Server) {
  EXPECT_TRUE(net::IsTimeout(ServeOne()));
  absl::Status (*volatile compiled)() = ServeForEver;
  EXPECT_NE(compiled, nullptr);
}

absl::Status Ping(const std::string& addr) {
  char buf[64];
  auto conn = net::DialTimeout("tcp", addr, absl::Seconds(2));
  if (!conn.ok()) return conn.status();
  conn->SetDeadline(absl::Now() + absl::Seconds(5)).IgnoreError();
  auto [written, write_err] = conn->Write("ping");
  auto [n, err] = conn->Read(buf);
  EXPECT_EQ(written, 4u);
  EXPECT_EQ(std::string(buf, n), "ping");
  return err;
}

TEST(FromGo, Client) {
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  ASSERT_TRUE(ln.ok());
  go([ln = *ln] {
    auto conn = ln.Accept();
    if (conn.ok()) io::Copy(*conn, *conn).err.IgnoreError();
  });
  EXPECT_TRUE(Ping(ln->Addr().String()).ok());
}

absl::Status Judge(const absl::Status& err, std::string* log) {
  const auto Retry = [&] { *log += "retry "; };
  const auto Log = [&](std::string_view op, std::string_view address) {
    log->append(op).append(" ").append(address);
  };
  if (io::IsEOF(err)) return absl::OkStatus();
  if (net::IsTimeout(err)) Retry();
  if (net::IsClosed(err)) return absl::OkStatus();
  if (auto op = net::OpErrorOf(err)) Log(op->op, op->addr);
  return err;
}

TEST(FromGo, Errors) {
  std::string log;
  EXPECT_TRUE(Judge(io::EOF(), &log).ok());
  EXPECT_FALSE(Judge(net::Dial("tcp", "127.0.0.1:1").status(), &log).ok());
  EXPECT_EQ(log, "dial 127.0.0.1:1");
}

absl::Status Lines(const net::Conn& conn, int* lines) {
  const auto Use = [&](std::string_view) { ++*lines; };
  bufio::Scanner sc(conn);
  while (sc.Scan()) {
    Use(sc.Text());
  }
  return sc.Err();
}

TEST(FromGo, Lines) {
  auto [client, server] = net::Pipe();
  go([client = client] {
    client.Write("a\nb\n").err.IgnoreError();
    client.Close().IgnoreError();
  });
  int lines = 0;
  EXPECT_TRUE(Lines(server, &lines).ok());
  EXPECT_EQ(lines, 2);
}

TEST(FromGo, Writer) {
  auto [client, server] = net::Pipe();
  go([server = server] { io::Copy(io::Discard, server).err.IgnoreError(); });
  const net::Conn conn = client;
  const int n = 99;
  bufio::Writer w(conn);
  w.WriteString(absl::StrCat(n, " bottles\n")).err.IgnoreError();
  absl::Status err = w.Flush();  // an error of before stays until here
  EXPECT_TRUE(err.ok());
}

TEST(FromGo, Copy) {
  auto [src, src_peer] = net::Pipe();
  auto [conn, conn_peer] = net::Pipe();
  const io::DiscardWriter& dst = io::Discard;
  src_peer.Close().IgnoreError();
  conn_peer.Close().IgnoreError();
  char header[4];
  auto [n, err] = io::Copy(dst, src);
  absl::StatusOr<std::string> all = io::ReadAll(io::LimitReader(conn, 1 << 20));
  absl::Status full = io::ReadFull(conn, header).err;
  EXPECT_TRUE(err.ok());
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(*all, "");
  EXPECT_TRUE(io::IsEOF(full));
}

void EchoOneDatagram() {
  char buf[64];
  absl::StatusOr<net::PacketConn> pc = net::ListenPacket("udp", "127.0.0.1:0");
  net::ReadFromResult got = pc->ReadFrom(buf);
  pc->WriteTo({buf, got.n}, got.addr).err.IgnoreError();
}

TEST(FromGo, Udp) {
  void (*volatile compiled)() = EchoOneDatagram;
  EXPECT_NE(compiled, nullptr);
}

TEST(FromGo, Blocking) {
  const std::string name = "/dev/null";
  const auto ReadFile = [](const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::string data = runtime::Blocking([&] { return ReadFile(name); });
  EXPECT_EQ(data, "");
}

TEST(FromGo, Runtime) {
  runtime::GOMAXPROCS(4);
  int64_t n = runtime::NumGoroutine();
  runtime::Gosched();
  std::string buf = runtime::Stack(/*all=*/false);
  EXPECT_GE(n, 0);
  EXPECT_NE(buf, "");
}

TEST(FromGo, Observe) {
  const io::DiscardWriter& f = io::Discard;
  std::vector<runtime::metrics::Sample> samples(1);
  samples[0].name = "/sched/goroutines:goroutines";
  runtime::pprof::Lookup("goroutine")->WriteTo(f, 0).IgnoreError();
  runtime::metrics::Read(samples);
  trace::Start(f).IgnoreError();
  trace::Stop().IgnoreError();
  EXPECT_EQ(samples[0].name, "/sched/goroutines:goroutines");
}

struct {
  bool Get(const char*) { return false; }
} cache;

PARKOUR_TEST(Cache, ForgetsAfterAnHour) {
  test::FakeClock clock;
  time::Sleep(absl::Hours(1));
  EXPECT_FALSE(cache.Get("key"));
}

}  // namespace
