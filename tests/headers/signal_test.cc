// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/signal/signal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "parkour/chan/chan.h"
#include "parkour/context/context.h"
#include "parkour/net/net.h"

using namespace parkour;

namespace {

// ---- signal/signal.h ----

// A server that is told to end at once.
void Serve(const context::Context& ctx, const net::Listener& ln) {
  EXPECT_TRUE(ctx.Err().ok());
  EXPECT_EQ(kill(getpid(), SIGTERM), 0);
  EXPECT_TRUE(net::IsClosed(ln.Accept().status()));
  EXPECT_EQ(ctx.Err(), context::Canceled());
}

TEST(Signal, NotifyContext) {
  absl::StatusOr<net::Listener> listener = net::Listen("tcp", "127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  const net::Listener ln = *listener;

  auto [ctx, stop] =
      signal::NotifyContext(context::Background(), {SIGINT, SIGTERM});
  context::AfterFunc(ctx, [ln] { ln.Close().IgnoreError(); });
  Serve(ctx, ln);
  stop();
}

TEST(Signal, Notify) {
  int reloads = 0;
  const Chan<int> others = MakeChan<int>(1);
  signal::Notify(others, {SIGHUP});

  Chan<int> hups = MakeChan<int>(1);
  const auto Reload = [&] {
    if (++reloads < 3) {
      EXPECT_EQ(kill(getpid(), SIGHUP), 0);
    } else {
      signal::Stop(hups);
      hups.Close();
    }
  };
  signal::Notify(hups, {SIGHUP});
  EXPECT_EQ(kill(getpid(), SIGHUP), 0);
  while (hups.Recv()) Reload();

  EXPECT_EQ(reloads, 3);
  EXPECT_EQ(others.Recv(), SIGHUP);  // dropped for it: two of the three
  signal::Stop(others);
}

}  // namespace
