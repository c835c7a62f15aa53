// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Of Go's src/net/dial_test.go, by meaning, what races or divides time: with
// attempts that the test plays.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "local.h"
#include "parkour/base/clock.h"
#include "parkour/base/error.h"
#include "parkour/net/dial_addrs.h"

using namespace parkour;

namespace {

using net::AddrList;
using net::internal::DialParallel;
using net::internal::DialPlan;
using poll::testing::Eventually;
using tests::Text;

class DialRaceTest : public tests::LocalTest {};

constexpr absl::Duration kNever = absl::Hours(1);

// A connection that knows where it went and whether it was closed.
class FakeConn final : public net::ConnWrapper {
 public:
  FakeConn(net::Addr addr, base::Atomic<int>* open)
      : ConnWrapper(net::Conn()), addr_(std::move(addr)), open_(open) {
    open_->fetch_add(1);
  }
  absl::Status Close() override {
    if (!closed_.exchange(true)) open_->fetch_sub(1);
    return absl::OkStatus();
  }
  net::Addr RemoteAddr() override { return addr_; }

 private:
  const net::Addr addr_;
  base::Atomic<int>* const open_;
  base::Atomic<bool> closed_{false};
};

// What happens to an attempt.
enum class Fate {
  kConnects,
  kFails,
  kHangs,          // until its context ends
  kConnectsLate,   // when its context has ended
  kWaitsConnects,  // for the gate, whatever its context says
  kWaitsFails,
};

// Attempts by the port of their address.
struct World {
  std::map<int, Fate> fates;
  Chan<Unit> gate = MakeChan<Unit>();
  base::Atomic<int> attempts{0};
  base::Atomic<int> ended{0};
  base::Atomic<int> open{0};

  absl::StatusOr<net::Conn> Dial(const context::Context& ctx,
                                 const net::Addr& addr) {
    attempts.fetch_add(1);
    const int port = addr.tcp()->port;
    const Fate fate = fates.at(port);
    if (fate == Fate::kHangs) {
      ctx.Done().Recv();
      return base::ErrCanceled();
    }
    if (fate == Fate::kConnectsLate) ctx.Done().Recv();
    if (fate == Fate::kWaitsConnects || fate == Fate::kWaitsFails) gate.Recv();
    if (fate == Fate::kFails || fate == Fate::kWaitsFails) {
      return absl::UnavailableError("fate " + std::to_string(port));
    }
    return net::MakeConn<FakeConn>(addr, &open);
  }

  DialPlan Plan() {
    return {.network = "tcp",
            .dial_one = [this](const context::Context& ctx,
                               const net::Addr& addr, int64_t) {
              absl::StatusOr<net::Conn> conn = Dial(ctx, addr);
              runtime::Gosched();  // so that a race that does not wait shows
              ended.fetch_add(1);
              return conn;
            }};
  }
};

AddrList Ports(std::initializer_list<int> ports) {
  AddrList list;
  for (const int port : ports) list.push_back(net::TCPAddr{.port = port});
  return list;
}

// The port that was connected to, or the error's text.
std::string Result(const absl::StatusOr<net::Conn>& conn) {
  if (!conn.ok()) return Text(conn.status());
  EXPECT_TRUE(conn->Close().ok());
  return conn->RemoteAddr().String();
}

GO_TEST(DialRaceTest, TestDialParallel) {
  using enum Fate;
  const struct {
    std::map<int, Fate> fates;
    AddrList primaries, fallbacks;
    absl::Duration delay;
    std::string want;
    int attempts;
  } cases[] = {
      // Nobody to race against.
      {{{1, kConnects}}, Ports({1}), {}, kNever, ":1", 1},
      {{{1, kFails}}, Ports({1}), {}, kNever, "dial tcp :1: fate 1", 1},
      {{{1, kFails}, {2, kConnects}}, Ports({1, 2}), {}, kNever, ":2", 2},
      {{{1, kFails}, {2, kFails}},
       Ports({1, 2}),
       {},
       kNever,
       "dial tcp :1: fate 1",
       2},
      // The primaries are fast: no fallback is even tried.
      {{{1, kConnects}, {2, kConnects}},
       Ports({1}),
       Ports({2}),
       kNever,
       ":1",
       1},
      {{{1, kFails}, {2, kConnects}, {3, kConnects}},
       Ports({1, 2}),
       Ports({3}),
       kNever,
       ":2",
       2},
      // They fail: the fallbacks need not wait for their time.
      {{{1, kFails}, {2, kConnects}}, Ports({1}), Ports({2}), kNever, ":2", 2},
      {{{1, kFails}, {2, kFails}, {3, kFails}, {4, kConnects}},
       Ports({1, 2}),
       Ports({3, 4}),
       kNever,
       ":4",
       4},
      // They hang: the fallbacks' time comes.
      {{{1, kHangs}, {2, kConnects}},
       Ports({1}),
       Ports({2}),
       absl::Milliseconds(1),
       ":2",
       2},
      {{{1, kHangs}, {2, kFails}, {3, kConnects}},
       Ports({1}),
       Ports({2, 3}),
       absl::Milliseconds(1),
       ":3",
       3},
      // All fail: the primaries' first error counts.
      {{{1, kFails}, {2, kFails}, {3, kFails}, {4, kFails}},
       Ports({1, 2}),
       Ports({3, 4}),
       kNever,
       "dial tcp :1: fate 1",
       4},
  };
  for (const auto& c : cases) {
    World world;
    world.fates = c.fates;
    EXPECT_EQ(Result(DialParallel(world.Plan(), context::Background(),
                                  c.primaries, c.fallbacks, c.delay)),
              c.want);
    EXPECT_EQ(world.attempts.load(), c.attempts) << c.want;
    // The loser has ended as well, with all that the user's hooks refer to.
    EXPECT_EQ(world.ended.load(), c.attempts) << c.want;
    EXPECT_EQ(world.open.load(), 0);
  }
}

// The fallbacks fail while the primaries are under way: these still count.
GO_TEST(DialRaceTest, SlowPrimariesAfterFailedFallbacks) {
  for (const bool connects : {true, false}) {
    World world;
    world.fates = {{1, connects ? Fate::kWaitsConnects : Fate::kWaitsFails},
                   {2, Fate::kFails}};
    sync::WaitGroup wg;
    wg.Go([&] {
      EXPECT_EQ(
          Result(DialParallel(world.Plan(), context::Background(), Ports({1}),
                              Ports({2}), absl::Milliseconds(1))),
          connects ? ":1" : "dial tcp :1: fate 1");
    });
    ASSERT_TRUE(Eventually([&] { return world.attempts.load() == 2; }));
    world.gate.Close();
    wg.Wait();
    ASSERT_TRUE(Eventually([] { return runtime::NumGoroutine() == 1; }));
  }
}

// A cancelled race ends at once, with the context's error, on both sides.
GO_TEST(DialRaceTest, CancelledRace) {
  World world;
  world.fates = {{1, Fate::kHangs}, {2, Fate::kHangs}};
  const auto [ctx, cancel] = context::WithCancel(context::Background());
  sync::WaitGroup wg;
  wg.Go([&, &ctx = ctx] {
    EXPECT_EQ(Result(DialParallel(world.Plan(), ctx, Ports({1}), Ports({2}),
                                  absl::Milliseconds(1))),
              "dial tcp :1: operation was canceled");
    EXPECT_EQ(world.ended.load(), 2);
  });
  ASSERT_TRUE(Eventually([&] { return world.attempts.load() == 2; }));
  cancel();
  wg.Wait();
  ASSERT_TRUE(Eventually([] { return runtime::NumGoroutine() == 1; }));
  // One that has ended before is not begun.
  EXPECT_EQ(Result(DialParallel(world.Plan(), ctx, Ports({1}), {}, kNever)),
            "dial tcp :1: operation was canceled");
  EXPECT_EQ(world.attempts.load(), 2);
}

// Both sides connect: one connection is returned, the other closed.
GO_TEST(DialRaceTest, TestDialParallelSpuriousConnection) {
  World world;
  world.fates = {{1, Fate::kConnectsLate}, {2, Fate::kConnects}};
  absl::StatusOr<net::Conn> conn =
      DialParallel(world.Plan(), context::Background(), Ports({1}), Ports({2}),
                   absl::Milliseconds(1));
  ASSERT_TRUE(conn.ok()) << conn.status();
  EXPECT_EQ(conn->RemoteAddr().String(), ":2");
  EXPECT_EQ(world.ended.load(), 2);
  EXPECT_EQ(world.open.load(), 1);  // the first connected after all
  EXPECT_TRUE(conn->Close().ok());
  EXPECT_EQ(world.open.load(), 0);
}

// The fallbacks never start before their time.
GO_TEST(DialRaceTest, TestDialerFallbackDelay) {
  for (const int ms : {1, 20, 200}) {
    World world;
    world.fates = {{1, Fate::kHangs}, {2, Fate::kConnects}};
    const int64_t start = base::nanotime();
    EXPECT_EQ(
        Result(DialParallel(world.Plan(), context::Background(), Ports({1}),
                            Ports({2}), absl::Milliseconds(ms))),
        ":2");
    EXPECT_GE(base::nanotime() - start, ms * poll::testing::kMs);
    ASSERT_TRUE(Eventually([] { return runtime::NumGoroutine() == 1; }));
  }
}

GO_TEST(DialRaceTest, TestDialerPartialDeadline) {
  using net::internal::PartialDeadline;
  constexpr int64_t kSecond = 1000000000;
  constexpr int64_t kNow = 1000 * kSecond;
  const struct {
    int64_t deadline;  // from now
    size_t addresses;
    int64_t want;  // from now
  } cases[] = {
      // An equal share each.
      {12 * kSecond, 1, 12 * kSecond},
      {12 * kSecond, 2, 6 * kSecond},
      {12 * kSecond, 3, 4 * kSecond},
      // But two seconds at least.
      {12 * kSecond, 999, 2 * kSecond},
      // Or what is left.
      {kSecond + 999, 999, kSecond + 999},
      {kSecond - 1, 999, kSecond - 1},
      {1, 2, 1},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(PartialDeadline(kNow, kNow + c.deadline, c.addresses),
              kNow + c.want);
  }
  EXPECT_EQ(PartialDeadline(kNow, kNow, 1), -1);
  EXPECT_EQ(PartialDeadline(kNow, kNow - 1, 1), -1);
  EXPECT_EQ(PartialDeadline(kNow, 0, 1), 0);
}

// A deadline that has passed fails the first address, and tries none.
GO_TEST(DialRaceTest, NoTimeLeft) {
  World world;
  world.fates = {{1, Fate::kConnects}};
  DialPlan plan = world.Plan();
  plan.deadline = 1;  // long ago
  const absl::StatusOr<net::Conn> conn =
      DialParallel(plan, context::Background(), Ports({1, 1}), {}, kNever);
  EXPECT_EQ(Text(conn.status()), "dial tcp :1: i/o timeout");
  EXPECT_TRUE(net::IsTimeout(conn.status()));
  EXPECT_EQ(world.attempts.load(), 0);
}

}  // namespace
