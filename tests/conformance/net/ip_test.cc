// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's src/net/ip_test.go, by meaning.

#include "parkour/net/ip.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parkour/net/addr.h"
#include "parkour/net/testing.h"

using namespace parkour;

namespace {

using net::IP;
using net::ParseIP;

TEST(IPTest, TestParseIP) {
  const struct {
    const char* text;
    const char* prints;  // null: it is no address
  } cases[] = {
      {"127.0.1.2", "127.0.1.2"},
      {"127.0.0.1", "127.0.0.1"},
      {"127.001.002.003", nullptr},
      {"127.007.008.009", nullptr},
      {"127.010.020.030", nullptr},
      {"::ffff:127.1.2.3", "127.1.2.3"},
      {"::ffff:127.001.002.003", nullptr},
      {"::ffff:7f01:0203", "127.1.2.3"},
      {"0:0:0:0:0000:ffff:127.1.2.3", "127.1.2.3"},
      {"0:0:0:0:000000:ffff:127.1.2.3", nullptr},
      {"0:0:0:0::ffff:127.1.2.3", "127.1.2.3"},
      {"2001:4860:0:2001::68", "2001:4860:0:2001::68"},
      {"2001:4860:0000:2001:0000:0000:0000:0068", "2001:4860:0:2001::68"},
      {"-0.0.0.0", nullptr},
      {"0.-1.0.0", nullptr},
      {"0.0.-2.0", nullptr},
      {"0.0.0.-3", nullptr},
      {"127.0.0.256", nullptr},
      {"abc", nullptr},
      {"123:", nullptr},
      {"fe80::1%lo0", nullptr},
      {"fe80::1%911", nullptr},
      {"", nullptr},
      {"0:0:0:0:ffff:127.1.2.3", nullptr},
      {"a1:a2:a3:a4::b1:b2:b3:b4", nullptr},
      {"127.0.0.1.2", nullptr},
      {"127.0.0", nullptr},
      {"1::2::3", nullptr},
  };
  for (const auto& c : cases) {
    const IP ip = ParseIP(c.text);
    EXPECT_EQ(ip.empty(), c.prints == nullptr) << c.text;
    if (c.prints != nullptr) {
      EXPECT_EQ(ip.String(), c.prints);
    }
  }
}

// Literals are looked up nowhere.
TEST(IPTest, TestLookupWithIP) {
  net::testing::Fake fake("");
  EXPECT_FALSE(fake.resolver.LookupIPAddr(context::Background(), "").ok());
  EXPECT_FALSE(fake.resolver.LookupHost(context::Background(), "").ok());
  for (const char* text : {"127.0.0.1", "::1", "fe80::1%lo", "192.0.2.255"}) {
    const auto hosts = fake.resolver.LookupHost(context::Background(), text);
    ASSERT_TRUE(hosts.ok()) << hosts.status();
    EXPECT_EQ(*hosts, std::vector<std::string>{text});
    const auto ips = fake.resolver.LookupIPAddr(context::Background(), text);
    ASSERT_TRUE(ips.ok()) << ips.status();
    ASSERT_EQ(ips->size(), 1u);
    EXPECT_EQ(ips->front().String(), text);
  }
  EXPECT_EQ(fake.system->calls(), 0);
}

TEST(IPTest, TestIPString) {
  const struct {
    const char* text;
    const char* prints;
  } cases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"2001:db8::123:12:1", "2001:db8::123:12:1"},
      {"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
      {"2001:db8:0:1:0:1:0:1", "2001:db8:0:1:0:1:0:1"},
      {"2001:db8:1:0:1:0:1:0", "2001:db8:1:0:1:0:1:0"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:0:0:0:1:0:0:1", "2001::1:0:0:1"},
      {"2001:db8::a:b:c:d", "2001:db8::a:b:c:d"},
      {"0:0:1:0:0:0:0:0", "0:0:1::"},
      {"::", "::"},
  };
  for (const auto& c : cases) EXPECT_EQ(ParseIP(c.text).String(), c.prints);
  EXPECT_EQ(IP().String(), "<nil>");
}

TEST(IPTest, TestIPMask) {
  const struct {
    IP in;
    net::IPMask mask;
    const char* out;
  } cases[] = {
      {net::IPv4(192, 168, 1, 127), net::IPv4Mask(255, 255, 255, 128),
       "192.168.1.0"},
      {net::IPv4(192, 168, 1, 127), net::CIDRMask(25, 32), "192.168.1.0"},
      {net::IPv4(192, 168, 1, 127), net::CIDRMask(121, 128), "192.168.1.0"},
      {net::IPv4(192, 168, 1, 127).To16(), net::IPv4Mask(255, 255, 255, 192),
       "192.168.1.64"},
      {net::IPv4(192, 168, 1, 127), net::IPv4Mask(255, 0, 255, 0), "192.0.1.0"},
      {ParseIP("2001:db8::1"), net::CIDRMask(47, 128), "2001:db8::"},
      {ParseIP("2001:db8::1"),
       net::IPMask::FromBytes(ParseIP("fff0:0:fff0::").bytes()), "2000::"},
      {ParseIP("2001:db8::1"), net::CIDRMask(16, 32), "<nil>"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.in.Mask(c.mask).String(), c.out) << c.in.String();
  }
}

TEST(IPTest, TestIPMaskString) {
  EXPECT_EQ(net::IPv4Mask(255, 255, 255, 240).String(), "fffffff0");
  EXPECT_EQ(net::IPv4Mask(255, 0, 128, 0).String(), "ff008000");
  EXPECT_EQ(net::CIDRMask(44, 128).String(),
            "fffffffffff00000" + std::string(16, '0'));
  EXPECT_EQ(net::IPMask().String(), "<nil>");
}

TEST(IPTest, TestParseCIDR) {
  const struct {
    const char *text, *ip, *net;  // null: an error
  } cases[] = {
      {"135.104.0.0/32", "135.104.0.0", "135.104.0.0/32"},
      {"0.0.0.0/24", "0.0.0.0", "0.0.0.0/24"},
      {"135.104.0.1/24", "135.104.0.1", "135.104.0.0/24"},
      {"135.104.0.1/0", "135.104.0.1", "0.0.0.0/0"},
      {"10.1.2.3/9", "10.1.2.3", "10.0.0.0/9"},
      {"::1/128", "::1", "::1/128"},
      {"abcd:2345::/127", "abcd:2345::", "abcd:2345::/127"},
      {"abcd:2345::/33", "abcd:2345::", "abcd:2345::/33"},
      {"abcd:2300::/24", "abcd:2300::", "abcd:2300::/24"},
      {"2001:db8::1/48", "2001:db8::1", "2001:db8::/48"},
      {"192.168.1.1/255.255.255.0", nullptr, nullptr},
      {"192.168.1.1/35", nullptr, nullptr},
      {"2001:db8::1/-1", nullptr, nullptr},
      {"2001:db8::1/-0", nullptr, nullptr},
      {"-0.0.0.0/32", nullptr, nullptr},
      {"0.0.0.-3/32", nullptr, nullptr},
      {"0.0.0.0/-0", nullptr, nullptr},
      {"127.000.000.001/32", nullptr, nullptr},
      {"fe80::1%lo/64", nullptr, nullptr},
      {"", nullptr, nullptr},
      {"192.168.1.1", nullptr, nullptr},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<net::CIDR> got = net::ParseCIDR(c.text);
    ASSERT_EQ(got.ok(), c.ip != nullptr) << c.text;
    if (c.ip == nullptr) {
      EXPECT_EQ(got.status().message(),
                std::string("invalid CIDR address: ") + c.text);
    } else {
      EXPECT_EQ(got->ip.String(), c.ip);
      EXPECT_EQ(got->net.String(), c.net);
      EXPECT_EQ(got->net.Network(), "ip+net");
    }
  }
}

TEST(IPTest, TestIPNetContains) {
  const struct {
    const char* ip;
    net::IPNet net;
    bool in;
  } cases[] = {
      {"172.16.1.1", {ParseIP("172.16.0.0"), net::CIDRMask(12, 32)}, true},
      {"172.24.0.1", {ParseIP("172.16.0.0"), net::CIDRMask(13, 32)}, false},
      {"192.168.0.3",
       {ParseIP("192.168.0.0"), net::IPv4Mask(0, 0, 255, 252)},
       true},
      {"192.168.0.4",
       {ParseIP("192.168.0.0"), net::IPv4Mask(0, 255, 0, 252)},
       false},
      {"2001:db8:1:2::1",
       {ParseIP("2001:db8:1::"), net::CIDRMask(47, 128)},
       true},
      {"2001:db8:1:2::1",
       {ParseIP("2001:db8:2::"), net::CIDRMask(47, 128)},
       false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.net.Contains(ParseIP(c.ip)), c.in) << c.net.String();
  }
}

TEST(IPTest, TestIPNetString) {
  const struct {
    net::IPNet net;
    std::string text;
  } cases[] = {
      {{ParseIP("192.168.1.0"), net::CIDRMask(26, 32)}, "192.168.1.0/26"},
      {{ParseIP("192.168.1.0"), net::IPv4Mask(255, 0, 255, 0)},
       "192.168.1.0/ff00ff00"},
      {{ParseIP("2001:db8::"), net::CIDRMask(55, 128)}, "2001:db8::/55"},
      {{ParseIP("2001:db8::"),
        net::IPMask::FromBytes(ParseIP("8000:f123:0:cafe::").bytes())},
       "2001:db8::/8000f1230000cafe0000000000000000"},
      {{}, "<nil>"},
  };
  for (const auto& c : cases) EXPECT_EQ(c.net.String(), c.text);
}

TEST(IPTest, TestCIDRMask) {
  EXPECT_EQ(net::CIDRMask(0, 32).String(), "00000000");
  EXPECT_EQ(net::CIDRMask(12, 32).String(), "fff00000");
  EXPECT_EQ(net::CIDRMask(24, 32).String(), "ffffff00");
  EXPECT_EQ(net::CIDRMask(32, 32).String(), "ffffffff");
  EXPECT_EQ(net::CIDRMask(0, 128).String(), std::string(32, '0'));
  EXPECT_EQ(net::CIDRMask(4, 128).String(), "f" + std::string(31, '0'));
  EXPECT_EQ(net::CIDRMask(128, 128).String(), std::string(32, 'f'));
  EXPECT_TRUE(net::CIDRMask(33, 32).empty());
  EXPECT_TRUE(net::CIDRMask(32, 33).empty());
  EXPECT_TRUE(net::CIDRMask(-1, 128).empty());
  EXPECT_TRUE(net::CIDRMask(128, -1).empty());
}

// Go looks at the two halves directly; here by what a network prints.
TEST(IPTest, TestNetworkNumberAndMask) {
  const IP v4 = net::IPv4(192, 0, 2, 1);
  const IP v6 = ParseIP("2001:db8::1");
  const struct {
    net::IPNet net;
    std::string text;
  } cases[] = {
      {{v4, net::CIDRMask(32, 32)}, "192.0.2.1/32"},
      {{v4, net::CIDRMask(128, 128)}, "192.0.2.1/32"},
      {{v4.To16(), net::CIDRMask(32, 32)}, "192.0.2.1/32"},
      {{v4.To16(), net::CIDRMask(128, 128)}, "192.0.2.1/32"},
      {{v6, net::CIDRMask(128, 128)}, "2001:db8::1/128"},
      {{v6, net::CIDRMask(32, 32)}, "<nil>"},
      {{v6, net::IPMask()}, "<nil>"},
      {{IP(), net::CIDRMask(32, 32)}, "<nil>"},
      {{IP(), net::IPMask()}, "<nil>"},
  };
  for (const auto& c : cases) EXPECT_EQ(c.net.String(), c.text);
}

TEST(IPTest, TestSplitHostPort) {
  const struct {
    const char *text, *host, *port;
  } good[] = {
      {"localhost:http", "localhost", "http"},
      {"localhost:80", "localhost", "80"},
      {"localhost%lo0:http", "localhost%lo0", "http"},
      {"[localhost%lo0]:80", "localhost%lo0", "80"},
      {"127.0.0.1:http", "127.0.0.1", "http"},
      {"[::1]:http", "::1", "http"},
      {"[::1%lo0]:80", "::1%lo0", "80"},
      {":http", "", "http"},
      {"localhost:", "localhost", ""},
      {"[::1%lo0]:", "::1%lo0", ""},
      {"golang.org:https%foo", "golang.org", "https%foo"},
  };
  for (const auto& c : good) {
    const auto split = net::SplitHostPort(c.text);
    ASSERT_TRUE(split.ok()) << split.status();
    EXPECT_EQ(split->host, c.host);
    EXPECT_EQ(split->port, c.port);
  }
  const struct {
    const char *text, *why;
  } bad[] = {
      {"golang.org", "missing port in address"},
      {"[::1]", "missing port in address"},
      {"[fe80::1%lo0]", "missing port in address"},
      {"[localhost%lo0]", "missing port in address"},
      {"::1", "too many colons in address"},
      {"fe80::1%lo0:80", "too many colons in address"},
      {"[foo:bar]", "missing port in address"},
      {"[foo:bar]baz", "missing port in address"},
      {"[foo]bar:baz", "missing port in address"},
      {"[foo]:[bar]:baz", "too many colons in address"},
      {"[foo]:[bar]baz", "unexpected '[' in address"},
      {"foo[bar]:baz", "unexpected '[' in address"},
      {"foo]bar:baz", "unexpected ']' in address"},
  };
  for (const auto& c : bad) {
    EXPECT_EQ(net::SplitHostPort(c.text).status().message(),
              std::string("address ") + c.text + ": " + c.why);
  }
}

TEST(IPTest, TestJoinHostPort) {
  EXPECT_EQ(net::JoinHostPort("localhost", "80"), "localhost:80");
  EXPECT_EQ(net::JoinHostPort("localhost%lo0", "80"), "localhost%lo0:80");
  EXPECT_EQ(net::JoinHostPort("127.0.0.1", "http"), "127.0.0.1:http");
  EXPECT_EQ(net::JoinHostPort("::1", "80"), "[::1]:80");
  EXPECT_EQ(net::JoinHostPort("fe80::1%lo0", "http"), "[fe80::1%lo0]:http");
  EXPECT_EQ(net::JoinHostPort("", "80"), ":80");
  EXPECT_EQ(net::JoinHostPort("golang.org", ""), "golang.org:");
}

TEST(IPTest, TestIPAddrFamily) {
  for (const IP& ip : {net::IPv4bcast, net::IPv4allsys, net::IPv4allrouter,
                       net::IPv4zero, net::IPv4(192, 0, 2, 1).To16()}) {
    EXPECT_FALSE(ip.To4().empty()) << ip.String();
    EXPECT_EQ(ip.To16().bytes().size(), 16u);
  }
  for (const IP& ip : {net::IPv6zero, net::IPv6loopback, net::IPv6unspecified,
                       ParseIP("ff02::1")}) {
    EXPECT_TRUE(ip.To4().empty()) << ip.String();
    EXPECT_EQ(ip.To16(), ip);
  }
}

TEST(IPTest, TestIPAddrScope) {
  using Scope = bool (IP::*)() const;
  const struct {
    Scope scope;
    IP ip;
    bool want;
  } cases[] = {
      {&IP::IsUnspecified, net::IPv4zero, true},
      {&IP::IsUnspecified, net::IPv4(127, 0, 0, 1), false},
      {&IP::IsUnspecified, net::IPv6unspecified, true},
      {&IP::IsUnspecified, ParseIP("ff01::1"), false},
      {&IP::IsLoopback, net::IPv4(127, 1, 255, 254), true},
      {&IP::IsLoopback, net::IPv4(128, 1, 255, 254), false},
      {&IP::IsLoopback, net::IPv6loopback, true},
      {&IP::IsLoopback, ParseIP("ff02::2"), false},
      {&IP::IsMulticast, net::IPv4(224, 0, 0, 0), true},
      {&IP::IsMulticast, net::IPv4(239, 0, 0, 0), true},
      {&IP::IsMulticast, net::IPv4(240, 0, 0, 0), false},
      {&IP::IsMulticast, ParseIP("ff05::1"), true},
      {&IP::IsMulticast, ParseIP("fd00::1"), false},
      {&IP::IsInterfaceLocalMulticast, net::IPv4(224, 0, 0, 0), false},
      {&IP::IsInterfaceLocalMulticast, net::IPv4(0xff, 0x01, 0, 0), false},
      {&IP::IsInterfaceLocalMulticast, ParseIP("ff01::1"), true},
      {&IP::IsLinkLocalMulticast, net::IPv4(224, 0, 0, 0), true},
      {&IP::IsLinkLocalMulticast, net::IPv4(0xff, 0x02, 0, 0), false},
      {&IP::IsLinkLocalMulticast, ParseIP("ff02::2"), true},
      {&IP::IsLinkLocalMulticast, ParseIP("ff05::1"), false},
      {&IP::IsLinkLocalUnicast, net::IPv4(169, 254, 0, 0), true},
      {&IP::IsLinkLocalUnicast, net::IPv4(169, 255, 0, 0), false},
      {&IP::IsLinkLocalUnicast, net::IPv4(0xfe, 0x80, 0, 0), false},
      {&IP::IsLinkLocalUnicast, ParseIP("fe80::1"), true},
      {&IP::IsLinkLocalUnicast, ParseIP("ff02::1"), false},
      {&IP::IsGlobalUnicast, net::IPv4(240, 0, 0, 0), true},
      {&IP::IsGlobalUnicast, net::IPv4(232, 0, 0, 0), false},
      {&IP::IsGlobalUnicast, net::IPv4(169, 254, 0, 0), false},
      {&IP::IsGlobalUnicast, net::IPv4bcast, false},
      {&IP::IsGlobalUnicast, ParseIP("2000::1"), true},
      {&IP::IsGlobalUnicast, ParseIP("fe80::1"), false},
      {&IP::IsPrivate, net::IPv4(1, 1, 1, 1), false},
      {&IP::IsPrivate, net::IPv4(9, 255, 255, 255), false},
      {&IP::IsPrivate, net::IPv4(10, 0, 0, 0), true},
      {&IP::IsPrivate, net::IPv4(11, 0, 0, 0), false},
      {&IP::IsPrivate, net::IPv4(172, 15, 255, 255), false},
      {&IP::IsPrivate, net::IPv4(172, 16, 0, 0), true},
      {&IP::IsPrivate, net::IPv4(192, 168, 255, 255), true},
      {&IP::IsPrivate, ParseIP("fbff:ffff::1"), false},
      {&IP::IsPrivate, ParseIP("fc00::"), true},
      {&IP::IsPrivate, ParseIP("fe00::"), false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ((c.ip.*c.scope)(), c.want) << c.ip.String();
  }
}

}  // namespace
