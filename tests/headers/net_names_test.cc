// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "parkour/base/error.h"
#include "parkour/context/context.h"
#include "parkour/net/addr.h"
#include "parkour/net/dial.h"
#include "parkour/net/dnserror.h"
#include "parkour/net/ip.h"
#include "parkour/net/ipaddr.h"
#include "parkour/net/listen.h"
#include "parkour/net/resolver.h"

using namespace parkour;

namespace {

using Strings = std::vector<std::string>;

// ---- net/addr.h ----

TEST(NetNames, Addr) {
  std::vector<std::pair<std::string, int>> used;
  const auto Use = [&used](const std::string& host, int port) {
    used.emplace_back(host, port);
  };

  net::TCPAddr addr{.ip = net::IPv6loopback, .port = 80};
  std::string text = addr.String();
  EXPECT_EQ(text, "[::1]:80");

  auto split = net::SplitHostPort("localhost:http");
  if (split.ok()) Use(split->host, *net::ParsePort("tcp", split->port));
  ASSERT_EQ(used.size(), 1u);
  EXPECT_EQ(used.front(), std::pair(std::string("localhost"), 80));

  absl::Status err = net::SplitHostPort("127.0.0.1").status();
  EXPECT_EQ(err.message(), "address 127.0.0.1: missing port in address");
}

// ---- net/ip.h ----

TEST(NetNames, IP) {
  Strings used;
  const auto Use = [&used](const std::string& text) { used.push_back(text); };
  const auto Skip = [](const net::IP& ip) { ADD_FAILURE() << ip.String(); };

  net::IP ip = net::ParseIP("192.0.2.7");
  if (ip.IsPrivate()) Skip(ip);
  auto cidr = net::ParseCIDR("192.0.2.0/24");
  if (cidr.ok() && cidr->net.Contains(ip)) Use(ip.String());
  EXPECT_EQ(used, Strings{"192.0.2.7"});

  absl::Status err = net::ParseCIDR("192.0.2.0").status();
  EXPECT_EQ(err.message(), "invalid CIDR address: 192.0.2.0");
}

// ---- net/ipaddr.h ----

TEST(NetNames, IPAddr) {
  Strings used;
  const auto Use = [&used](const std::string& text) { used.push_back(text); };

  net::IPAddr addr = net::ParseIPZone("fe80:0::1%eth0");
  if (!addr.ip.empty()) Use(addr.String());
  EXPECT_EQ(used, Strings{"fe80::1%eth0"});
}

// ---- net/dnserror.h ----

TEST(NetNames, DNSError) {
  Strings forgotten;
  const auto Forget = [&forgotten](const std::string& name) {
    forgotten.push_back(name);
  };
  const context::Context ctx = context::Background();

  // No name has two dots in a row: nobody is asked.
  auto addrs = net::LookupHost(ctx, "no..such.host");
  if (auto e = net::DNSErrorOf(addrs.status()); e && e->IsNotFound) {
    Forget(e->Name);
  }
  EXPECT_EQ(forgotten, Strings{"no..such.host"});
  EXPECT_EQ(addrs.status().message(), "lookup no..such.host: no such host");
}

// ---- net/resolver.h ----

absl::Status Lookup(const context::Context& parent, Strings* used) {
  const auto Use = [used](const std::string& text) { used->push_back(text); };

  auto [ctx, cancel] = context::WithTimeout(parent, absl::Seconds(2));
  absl::Cleanup release = cancel;
  auto addrs = net::LookupHost(ctx, "localhost");
  if (!addrs.ok()) return addrs.status();
  for (const std::string& addr : *addrs) Use(addr);

  auto to = net::ResolveTCPAddr("tcp", "localhost:http");
  if (to.ok()) Use(to->String());
  return absl::OkStatus();
}

TEST(NetNames, Resolver) {
  Strings used;
  const absl::Status err = Lookup(context::Background(), &used);
  EXPECT_TRUE(err.ok()) << err;
  ASSERT_GE(used.size(), 2u);
  for (size_t i = 0; i + 1 < used.size(); ++i) {
    EXPECT_TRUE(net::ParseIP(used[i]).IsLoopback()) << used[i];
  }
  EXPECT_EQ(used.back(), "127.0.0.1:80");
}

// ---- net/listen.h ----

absl::Status ListenTwice(const context::Context& ctx, Strings* used) {
  const auto Use = [used](const std::string& text) { used->push_back(text); };

  net::ListenConfig config{.ReusePort = true};
  auto ln = config.Listen(ctx, "tcp", "127.0.0.1:0");
  if (!ln.ok()) return ln.status();
  Use(ln->Addr().String());
  // A second one at the same address.
  return config.Listen(ctx, "tcp", used->front()).status();
}

TEST(NetNames, Listen) {
  Strings used;
  const absl::Status err = ListenTwice(context::Background(), &used);
  EXPECT_TRUE(err.ok()) << err;
  ASSERT_EQ(used.size(), 1u);
  EXPECT_TRUE(used.front().starts_with("127.0.0.1:"));
}

// ---- net/dial.h ----

absl::Status DialAt(const context::Context& ctx) {
  net::Dialer dialer{.Timeout = absl::Seconds(2)};
  auto conn = dialer.DialContext(ctx, "tcp", "localhost:80");
  if (!conn.ok()) return conn.status();
  return conn->Close();
}

TEST(NetNames, Dial) {
  // Whoever listens there, or nobody.
  const absl::Status err = DialAt(context::Background());
  EXPECT_TRUE(err.ok() || net::DNSErrorOf(err).has_value() ||
              base::OpErrorOf(err)->op == "dial")
      << err;
}

}  // namespace
