// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/net.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "parkour/chan/chan.h"
#include "parkour/net/addr.h"
#include "parkour/net/ip.h"
#include "parkour/net/resolve.h"
#include "parkour/runtime/go.h"

using namespace parkour;

namespace {

// ---- net/addr.h ----

TEST(Net, Addr) {
  std::vector<std::string> used;
  const auto Use = [&used](const net::TCPAddr& a) {
    used.push_back(a.String());
  };

  net::TCPAddr addr{.ip = net::IPv6loopback, .port = 80};
  std::string text = addr.String();
  EXPECT_EQ(text, "[::1]:80");

  auto list = net::ResolveTCPAddrs("tcp", "localhost:http");
  if (list.ok()) Use(list->front());
  EXPECT_EQ(used, std::vector<std::string>{"127.0.0.1:80"});

  absl::Status err = net::SplitHostPort("127.0.0.1").status();
  EXPECT_EQ(err.message(), "address 127.0.0.1: missing port in address");
}

// ---- net/ip.h ----

TEST(Net, IP) {
  std::vector<std::string> used;
  const auto Use = [&used](const std::string& text) { used.push_back(text); };
  const auto Skip = [](const net::IP& ip) { ADD_FAILURE() << ip.String(); };

  net::IP ip = net::ParseIP("192.0.2.7");
  if (ip.IsPrivate()) Skip(ip);
  auto cidr = net::ParseCIDR("192.0.2.0/24");
  if (cidr.ok() && cidr->net.Contains(ip)) Use(ip.String());
  EXPECT_EQ(used, std::vector<std::string>{"192.0.2.7"});

  absl::Status err = net::ParseCIDR("192.0.2.0").status();
  EXPECT_EQ(err.message(), "invalid CIDR address: 192.0.2.0");
}

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
