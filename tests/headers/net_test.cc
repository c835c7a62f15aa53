// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/net.h"

#include <gtest/gtest.h>

#include <optional>

#include "absl/cleanup/cleanup.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"

using namespace parkour;

namespace {

// ---- net/net.h ----

absl::Status Serve(const Chan<net::Listener>& started) {
  absl::Cleanup close = [&] { started.Close(); };

  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  if (!ln.ok()) return ln.status();
  started.Send(*ln);
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln->Accept();
    if (!conn.ok()) return conn.status();
    go([conn = *conn] {
      char buf[4096];
      for (;;) {
        auto [n, err] = conn.Read(buf);
        if (n > 0 && !conn.Write({buf, n}).ok()) return;
        if (!err.ok()) return;
      }
    });
  }
}

TEST(Net, EchoServer) {
  const Chan<net::Listener> started = MakeChan<net::Listener>();
  const Chan<absl::Status> ended = MakeChan<absl::Status>();
  go([=] { ended.Send(Serve(started)); });
  const std::optional<net::Listener> ln = started.Recv();
  if (!ln) FAIL() << *ended.Recv();

  for (const std::string text : {"hello", "world"}) {
    absl::StatusOr<net::Conn> conn = net::Dial("tcp", ln->Addr().String());
    ASSERT_TRUE(conn.ok()) << conn.status();
    EXPECT_TRUE(conn->Write(text).ok());
    EXPECT_TRUE(conn->CloseWrite().ok());
    EXPECT_EQ(io::ReadAll(*conn).value_or("an error"), text);
  }

  EXPECT_TRUE(ln->Close().ok());
  EXPECT_TRUE(net::IsClosed(*ended.Recv()));
}

}  // namespace
