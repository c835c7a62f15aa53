// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// From "host:port" to lists of addresses.

#include "parkour/net/addrlist.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parkour/base/error.h"
#include "parkour/net/test_util.h"
#include "parkour/net/testing.h"

namespace parkour::net {
namespace {

using Code = absl::StatusCode;
using Strings = std::vector<std::string>;

const std::string kNul("\0", 1);

constexpr char kHosts[] =
    "127.0.0.1 localhost both\n"
    "::1 localhost both\n";

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

// What the files and a system that knows nothing say.
absl::StatusOr<AddrList> List(std::string_view network,
                              std::string_view address) {
  static testing::Fake& fake = *new testing::Fake(kHosts);
  return InternetAddrList(fake.resolver, context::Background(), network,
                          address);
}

// The printed addresses, or the error's text alone.
Strings Resolve(std::string_view network, std::string_view address) {
  const absl::StatusOr<AddrList> addrs = List(network, address);
  if (!addrs.ok()) return {Text(addrs.status())};
  Strings out;
  for (const Addr& addr : *addrs) out.push_back(addr.String());
  return out;
}

TEST(InternetAddrList, Good) {
  const struct {
    const char *network, *address;
    Strings want;
  } kCases[] = {
      {"tcp", "127.0.0.1:80", {"127.0.0.1:80"}},
      {"tcp", "127.0.0.1:", {"127.0.0.1:0"}},
      {"tcp", "[::1]:http", {"[::1]:80"}},
      {"tcp", "[fe80::1%lo]:80", {"[fe80::1%lo]:80"}},
      {"tcp", "[fe80::1%a%b]:80", {"[fe80::1%a%b]:80"}},
      {"tcp", "", {":0"}},
      {"tcp", ":80", {":80"}},
      {"tcp4", ":80", {":80"}},
      {"tcp6", ":80", {":80"}},
      {"tcp", ":", {":0"}},
      {"tcp", "[]:80", {":80"}},
      {"tcp", "0.0.0.0:80", {"0.0.0.0:80"}},
      {"tcp", "[::]:80", {"[::]:80", "0.0.0.0:80"}},
      {"tcp4", "[::]:80", {"0.0.0.0:80"}},
      {"tcp6", "[::]:80", {"[::]:80"}},
      {"tcp", "both:80", {"[::1]:80", "127.0.0.1:80"}},
      {"tcp4", "localhost:80", {"127.0.0.1:80"}},
      {"tcp6", "localhost:80", {"[::1]:80"}},
      {"tcp4", "LocalHost.:80", {"127.0.0.1:80"}},
      {"udp", "127.0.0.1:domain", {"127.0.0.1:53"}},
      {"udp4", "localhost:53", {"127.0.0.1:53"}},
      {"udp6", ":53", {":53"}},
      {"tcp4", "[::ffff:1.2.3.4]:80", {"1.2.3.4:80"}},
      {"tcp4", "127.0.0.1:80", {"127.0.0.1:80"}},
      {"tcp6", "[::1]:80", {"[::1]:80"}},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Resolve(c.network, c.address), c.want) << c.address;
    const auto addrs = List(c.network, c.address);
    ASSERT_TRUE(addrs.ok()) << addrs.status();
  }
  const auto any = List("tcp", ":80");
  EXPECT_TRUE(any->front().tcp()->ip.empty());
  const auto zone = List("tcp", "[fe80::1%lo]:80");
  EXPECT_EQ(zone->front().tcp()->zone, "lo");
}

TEST(InternetAddrList, Bad) {
  const struct {
    std::string network, address, text;
    Code code;
  } kCases[] = {
      {"tcp", "127.0.0.1", "address 127.0.0.1: missing port in address",
       Code::kInvalidArgument},
      {"tcp", ":99999", "address 99999: invalid port", Code::kInvalidArgument},
      {"tcp", "127.0.0.1:-1", "address -1: invalid port",
       Code::kInvalidArgument},
      {"tcp", "[::1", "address [::1: missing ']' in address",
       Code::kInvalidArgument},
      {"tcp", "::1:80", "address ::1:80: too many colons in address",
       Code::kInvalidArgument},
      {"tcp", "127.0.0.1:foo", "lookup tcp/foo: unknown port", Code::kNotFound},
      {"tcp", "no.such.host:80", "lookup no.such.host: no such host",
       Code::kNotFound},
      {"tcp", "127.0.0.256:80", "lookup 127.0.0.256: no such host",
       Code::kNotFound},
      {"tcp", "127.0.0.01:80", "lookup 127.0.0.01: no such host",
       Code::kNotFound},
      {"tcp", "1.2.3.4%lo:80", "lookup 1.2.3.4%lo: no such host",
       Code::kNotFound},
      {"tcp", "[fe80::1%]:80", "lookup fe80::1%: no such host",
       Code::kNotFound},
      {"tcp", "%lo:80", "lookup %lo: no such host", Code::kNotFound},
      {"tcp", ".:80", "lookup .: no such host", Code::kNotFound},
      {"tcp", "localhost..:80", "lookup localhost..: no such host",
       Code::kNotFound},
      {"tcp", "127.0.0.1" + kNul + ":80",
       "lookup 127.0.0.1" + kNul + ": no such host", Code::kNotFound},
      {"tcp", "localhost" + kNul + ".evil:80",
       "lookup localhost" + kNul + ".evil: no such host", Code::kNotFound},
      {"tcp4", "[::1]:80", "address ::1: no suitable address found",
       Code::kInvalidArgument},
      {"tcp6", "127.0.0.1:80", "address 127.0.0.1: no suitable address found",
       Code::kInvalidArgument},
      {"tcp6", "[::ffff:1.2.3.4]:80",
       "address ::ffff:1.2.3.4: no suitable address found",
       Code::kInvalidArgument},
      {"tcp5", "127.0.0.1:80", "unknown network tcp5", Code::kInvalidArgument},
      {"udp5", "127.0.0.1:80", "unknown network udp5", Code::kInvalidArgument},
      {"TCP", "127.0.0.1:80", "unknown network TCP", Code::kInvalidArgument},
      {"", "127.0.0.1:80", "unknown network ", Code::kInvalidArgument},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Resolve(c.network, c.address), Strings{c.text});
    EXPECT_EQ(List(c.network, c.address).status().code(), c.code) << c.text;
  }
  const std::string long_name(1 << 20, 'x');
  EXPECT_EQ(Resolve("tcp", long_name + ":80"),
            Strings{"lookup " + long_name + ": no such host"});
}

TEST(InternetAddrList, ErrorsInsideOpError) {
  const auto addrs = List("tcp", ":99999");
  const absl::Status listen =
      base::MakeOpError("listen", "tcp", "", "", addrs.status());
  EXPECT_EQ(Text(listen), "listen tcp: address 99999: invalid port");
  EXPECT_EQ(listen.code(), Code::kInvalidArgument);
  EXPECT_FALSE(base::IsTimeout(listen) || base::IsTemporary(listen));
}

// Whatever the bytes, a result prints and resolves to itself.
TEST(InternetAddrList, RandomBytes) {
  constexpr char kAlphabet[] = "[]:.%0123456789afx-+ \0";
  testing::Sequence random;
  for (int round = 0; round < 20000; ++round) {
    std::string in = random.Below(2) == 0 ? "[::1%a]:80" : "127.0.0.1:80";
    for (uint32_t i = random.Below(4); i < 4; ++i) {
      in[random.Below(static_cast<uint32_t>(in.size()))] =
          kAlphabet[random.Below(sizeof(kAlphabet) - 1)];
    }
    const auto addrs = List("tcp", in);
    if (!addrs.ok()) continue;
    ASSERT_FALSE(addrs->empty());
    const auto again = List("tcp", addrs->front().String());
    ASSERT_TRUE(again.ok()) << in;
    ASSERT_EQ(again->front(), addrs->front()) << in;
  }
}

absl::StatusOr<AddrList> ForDial(std::string_view network,
                                 std::string_view address, const Addr& hint) {
  static testing::Fake& fake = *new testing::Fake(kHosts);
  return ResolveAddrList(fake.resolver, context::Background(), /*dial=*/true,
                         network, address, hint);
}

TEST(ResolveAddrList, LocalAddresses) {
  const TCPAddr tcp4{.ip = IPv4(127, 0, 0, 1)};
  const TCPAddr tcp6{.ip = IPv6loopback};
  const auto first = [](const absl::StatusOr<AddrList>& list) {
    return list.ok()
               ? list->front().String() + "/" + std::to_string(list->size())
               : Text(list.status());
  };
  EXPECT_EQ(first(ForDial("tcp", "both:1", tcp4)), "127.0.0.1:1/1");
  EXPECT_EQ(first(ForDial("tcp", "both:1", tcp6)), "[::1]:1/1");
  EXPECT_EQ(first(ForDial("tcp", "both:1", TCPAddr{})), "[::1]:1/2");
  EXPECT_EQ(first(ForDial("tcp", ":1", tcp4)), ":1/1");
  EXPECT_EQ(first(ForDial("tcp", "[::1]:1", tcp4)),
            "address 127.0.0.1:0: no suitable address found");
  EXPECT_EQ(first(ForDial("tcp", "both:1", UDPAddr{})),
            "address :0: mismatched local address type");
  EXPECT_EQ(first(ForDial("unix", "/x", UnixAddr{"/y", "unixgram"})),
            "address /y: mismatched local address type");
  EXPECT_EQ(first(ForDial("unix", "/x", UnixAddr{"/y", "unix"})), "/x/1");
  EXPECT_EQ(first(ForDial("unix", "", Addr())), "missing address");
  EXPECT_EQ(first(ForDial("tcp", "", Addr())), "missing address");
  EXPECT_EQ(first(ForDial("ip4", "127.0.0.1", Addr())), "unknown network ip4");
}

TEST(Resolve, Typed) {
  EXPECT_EQ(ResolveTCPAddr("", "127.0.0.1:80")->String(), "127.0.0.1:80");
  EXPECT_EQ(ResolveUDPAddr("", "[::1]:domain")->String(), "[::1]:53");
  EXPECT_EQ(ResolveUnixAddr("unixgram", "@x")->Network(), "unixgram");
  EXPECT_EQ(Text(ResolveUnixAddr("tcp", "@x").status()), "unknown network tcp");
  EXPECT_EQ(Text(ResolveTCPAddr("udp", ":1").status()), "unknown network udp");
  EXPECT_EQ(Text(ResolveUDPAddr("tcp", ":1").status()), "unknown network tcp");
}

}  // namespace
}  // namespace parkour::net
