// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's src/net/ipsock_test.go and port_test.go, by meaning.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parkour/net/addrlist.h"
#include "parkour/net/testing.h"
#include "parkour/parkour.h"

using namespace parkour;

namespace {

using net::ParseIP;

// ---- port_test.go ----

// Go's parsePort gives numbers and says whether a lookup is needed; here what
// it takes for a number and what for a name shows in the error.
TEST(PortTest, TestParsePort) {
  const struct {
    const char* text;
    int port;  // -1: no port, -2: a name
  } cases[] = {
      {"", 0},
      {"-0", 0},
      {"+0", 0},
      {"0", 0},
      {"+42", 42},
      {"42", 42},
      {"65535", 65535},
      {"-1073741825", -1},
      {"-1073741823", -1},
      {"1073741823", -1},
      {"1073741824", -1},
      {"1073741825", -1},
      {"4294967296", -1},
      {"-4294967297", -1},
      {"abc", -2},
      {"9abc", -2},
      {"123abc", -2},
      {"0x80", -2},
      {"+0x80", -2},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<int> port = net::ParsePort("tcp", c.text);
    if (c.port >= 0) {
      ASSERT_TRUE(port.ok()) << port.status();
      EXPECT_EQ(*port, c.port);
    } else {
      EXPECT_EQ(port.status().message(),
                c.port == -1
                    ? std::string("address ") + c.text + ": invalid port"
                    : std::string("lookup tcp/") + c.text + ": unknown port");
    }
  }
}

// ---- ipsock_test.go ----

using net::AddrList;

std::vector<std::string> Texts(const AddrList& list) {
  std::vector<std::string> out;
  for (const net::Addr& addr : list) out.push_back(addr.String());
  return out;
}

// What a name stands for, filtered, and the first of each family.
TEST(IPSockTest, TestAddrList) {
  net::testing::Fake fake("");
  const struct {
    std::vector<std::string> ips;
    std::string network;
    std::vector<std::string> list;  // or the error
    std::string v4, not_v4;
  } cases[] = {
      {{"127.0.0.1", "::1"},
       "tcp",
       {"127.0.0.1:5682", "[::1]:5682"},
       "127.0.0.1:5682",
       "[::1]:5682"},
      {{"::1", "127.0.0.1"},
       "tcp",
       {"[::1]:5682", "127.0.0.1:5682"},
       "127.0.0.1:5682",
       "[::1]:5682"},
      {{"127.0.0.1", "192.168.0.1"},
       "udp",
       {"127.0.0.1:5682", "192.168.0.1:5682"},
       "127.0.0.1:5682",
       "127.0.0.1:5682"},
      {{"::1", "fe80::1"},
       "tcp",
       {"[::1]:5682", "[fe80::1]:5682"},
       "[::1]:5682",
       "[::1]:5682"},
      {{"127.0.0.1", "::1", "192.168.0.1"},
       "tcp4",
       {"127.0.0.1:5682", "192.168.0.1:5682"},
       "127.0.0.1:5682",
       "127.0.0.1:5682"},
      {{"127.0.0.1", "::1", "fe80::1"},
       "udp6",
       {"[::1]:5682", "[fe80::1]:5682"},
       "[::1]:5682",
       "[::1]:5682"},
      {{"::1"}, "tcp4", {"lookup h.example: no such host"}, "", ""},
  };
  for (const auto& c : cases) {
    fake.system->Set("h.example", c.ips);
    const auto list = net::InternetAddrList(
        fake.resolver, context::Background(), c.network, "h.example:5682");
    if (c.v4.empty()) {
      EXPECT_EQ(list.status().message(), c.list.front());
      continue;
    }
    ASSERT_TRUE(list.ok()) << list.status();
    EXPECT_EQ(Texts(*list), c.list);
    EXPECT_EQ(net::FirstIPv4(*list).String(), c.v4);
    EXPECT_EQ(net::FirstNotIPv4(*list).String(), c.not_v4);
  }
  // Of the wrong family only: of a literal and of the hosts file, too.
  const auto wrong = net::InternetAddrList(fake.resolver, context::Background(),
                                           "tcp6", "127.0.0.1:1");
  EXPECT_EQ(wrong.status().message(),
            "address 127.0.0.1: no suitable address found");
}

TEST(IPSockTest, TestAddrListPartition) {
  const auto list = [](std::vector<std::string> ips) {
    AddrList out;
    for (const std::string& ip : ips) out.push_back(net::TCPAddr{ParseIP(ip)});
    return out;
  };
  using Strings = std::vector<std::string>;
  const struct {
    AddrList all;
    Strings primaries, fallbacks;
  } cases[] = {
      {list({"127.0.0.1"}), {"127.0.0.1:0"}, {}},
      {list({"::1"}), {"[::1]:0"}, {}},
      {list({"192.168.0.1", "::1", "fe80::1", "127.0.0.1"}),
       {"192.168.0.1:0", "127.0.0.1:0"},
       {"[::1]:0", "[fe80::1]:0"}},
      {list({"::1", "127.0.0.1", "fe80::1"}),
       {"[::1]:0", "[fe80::1]:0"},
       {"127.0.0.1:0"}},
  };
  for (const auto& c : cases) {
    const net::Halves halves = net::PartitionByFamily(c.all);
    EXPECT_EQ(Texts(halves.primaries), c.primaries);
    EXPECT_EQ(Texts(halves.fallbacks), c.fallbacks);
  }
}

// ---- tcpsock_test.go, udpsock_test.go: what resolves to what ----

struct Resolved {
  const char *network, *address;
  std::string want;  // empty: an error
};

const Resolved kResolved[] = {
    {"", "127.0.0.1:0", "127.0.0.1:0"},
    {"X4", "127.0.0.1:65535", "127.0.0.1:65535"},
    {"X", "[::1]:0", "[::1]:0"},
    {"X6", "[::1]:65535", "[::1]:65535"},
    {"X", "[::1%en0]:1", "[::1%en0]:1"},
    {"X6", "[::1%911]:2", "[::1%911]:2"},
    {"", ":12345", ":12345"},
    {"X", ":0", ":0"},
    {"X", "[2001:db8::1]:domain", "[2001:db8::1]:53"},
    {"X4", "127.0.0.1:domain", "127.0.0.1:53"},
    {"X", "127.0.0.1:99999", ""},
    {"X", "127.0.0.1", ""},
    {"X4", "[::1]:80", ""},
    {"X6", "127.0.0.1:80", ""},
    {"http", "127.0.0.1:0", ""},
};

std::string Network(const char* network, const std::string& kind) {
  std::string out = network;
  if (out.starts_with('X')) out.replace(0, 1, kind);
  return out;
}

TEST(IPSockTest, TestResolveTCPAddr) {
  for (const Resolved& c : kResolved) {
    const std::string network = Network(c.network, "tcp");
    const auto addr = net::ResolveTCPAddr(network, c.address);
    ASSERT_EQ(addr.ok(), !c.want.empty()) << network << ' ' << c.address;
    if (!addr.ok()) continue;
    EXPECT_EQ(addr->String(), c.want);
    // What it prints resolves to it, too.
    EXPECT_EQ(*net::ResolveTCPAddr("tcp", addr->String()), *addr);
  }
}

TEST(IPSockTest, TestResolveUDPAddr) {
  for (const Resolved& c : kResolved) {
    const std::string network = Network(c.network, "udp");
    const auto addr = net::ResolveUDPAddr(network, c.address);
    ASSERT_EQ(addr.ok(), !c.want.empty()) << network << ' ' << c.address;
    if (!addr.ok()) continue;
    EXPECT_EQ(addr->String(), c.want);
    EXPECT_EQ(*net::ResolveUDPAddr("udp", addr->String()), *addr);
  }
}

}  // namespace
