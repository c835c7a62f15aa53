// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/addr.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "parkour/net/sockaddr.h"

namespace parkour::net {
namespace {

const std::string kNul("\0", 1);

// A fixed sequence, so that a failure repeats.
class Sequence {
 public:
  uint32_t Below(uint32_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>((state_ >> 33) % n);
  }

 private:
  uint64_t state_ = 1;
};

TEST(ParseIP, Good) {
  const struct {
    const char* in;
    size_t size;
    const char* out;
  } kCases[] = {
      {"127.0.0.1", 4, "127.0.0.1"},
      {"0.0.0.0", 4, "0.0.0.0"},
      {"255.255.255.255", 4, "255.255.255.255"},
      {"1.20.103.0", 4, "1.20.103.0"},
      {"::", 16, "::"},
      {"::1", 16, "::1"},
      {"1::", 16, "1::"},
      {"::ffff:127.1.2.3", 16, "127.1.2.3"},
      {"::ffff:7f01:0203", 16, "127.1.2.3"},
      {"0:0:0:0:0000:ffff:127.1.2.3", 16, "127.1.2.3"},
      {"0:0:0:0::ffff:1.2.3.4", 16, "1.2.3.4"},
      {"::1.2.3.4", 16, "::102:304"},
      {"64:ff9b::192.0.2.33", 16, "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:7.8.9.10", 16, "1:2:3:4:5:6:708:90a"},
      {"2001:4860:0:2001::68", 16, "2001:4860:0:2001::68"},
      {"2001:4860:0000:2001:0000:0000:0000:0068", 16, "2001:4860:0:2001::68"},
      {"FE80::ABCD", 16, "fe80::abcd"},
      {"1:2:3:4:5:6:7:8", 16, "1:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7::", 16, "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", 16, "0:2:3:4:5:6:7:8"},
      {"1:0:0:2:0:0:0:3", 16, "1:0:0:2::3"},
      {"1:0:0:2:3:0:0:4", 16, "1::2:3:0:0:4"},
      {"1:0:2:0:3:0:4:0", 16, "1:0:2:0:3:0:4:0"},
      {"1:0:0:0:0:0:0:0", 16, "1::"},
      {"ff02:0:0:0:0:1:ff00:0", 16, "ff02::1:ff00:0"},
  };
  for (const auto& c : kCases) {
    const IP ip = ParseIP(c.in);
    EXPECT_EQ(ip.bytes().size(), c.size) << c.in;
    EXPECT_EQ(ip.String(), c.out) << c.in;
    EXPECT_EQ(ParseIP(ip.String()), ip) << c.in;
    EXPECT_EQ(IP::FromBytes(ip.bytes()), ip) << c.in;
  }
}

TEST(ParseIP, Bad) {
  const std::string kCases[] = {
      "",
      " ",
      "1",
      "-0.0.0.0",
      "+1.2.3.4",
      "127.0.0",
      "127.0.0.1.",
      ".127.0.0.1",
      "127.0.0.1.2",
      "127.0.0.256",
      "127.0.0.1000",
      "127.0.0.-1",
      "127.0.0.01",
      "010.0.0.1",
      "00.0.0.0",
      "127..0.1",
      "127.0.0.1 ",
      " 127.0.0.1",
      "127.0.0.1:80",
      "0x7f.0.0.1",
      "127.0.0.1" + kNul,
      kNul + "127.0.0.1",
      "127.0.0.1/8",
      ":",
      ":::",
      "::::",
      "1:",
      ":1",
      "1::2::3",
      "1:::2",
      "::1:",
      ":1::",
      "12345::",
      "::00001",
      "g::",
      "::-1",
      "::+1",
      "::0x1",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8:",
      "1:2:3:4:5:6:7::8",
      "1:2:3:4::5:6:7:8",
      "::1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:7:8::",
      "1:2:3:4:5:6:7:1.2.3.4",
      "1:2:3:4:5:1.2.3.4",
      "1:2:3:4:5:6::1.2.3.4",
      "::1.2.3.4:5",
      "::1.2.3",
      "::1.2.3.256",
      "::1.2.3.04",
      "::ffff:1.2.3.4.",
      "1.2.3.4::",
      "fe80::1%eth0",
      "fe80::1%",
      "::1" + kNul,
      "::" + kNul + "1",
      "[::1]",
      "::1 ",
      std::string(1 << 20, '1'),
      std::string(1 << 20, '0') + ".0.0.1",
      std::string(1 << 20, ':'),
      "::" + std::string(1 << 20, '0'),
      "\xff\xfe",
  };
  for (const std::string& in : kCases) {
    EXPECT_TRUE(ParseIP(in).empty()) << in.substr(0, 100);
  }
}

// The C library's parser accepts the same language.
TEST(ParseIP, AgreesWithInetPton) {
  constexpr char kAlphabet[] = "0123456789abfF:::::....0011%x ";
  Sequence random;
  int good = 0;
  for (int round = 0; round < 300000; ++round) {
    std::string in;
    if (round % 2 == 0) {
      const uint32_t groups = 2 + random.Below(7);
      for (uint32_t i = 0; i < groups; ++i) {
        if (i > 0) in += random.Below(6) == 0 ? "::" : ":";
        if (random.Below(12) == 0) continue;
        if (random.Below(10) == 0) {
          in += "1.2.3.4";
        } else {
          for (uint32_t j = random.Below(5); j < 5; ++j) {
            in += kAlphabet[random.Below(13)];
          }
        }
      }
    } else {
      for (uint32_t i = random.Below(12); i < 12; ++i) {
        in += kAlphabet[random.Below(sizeof(kAlphabet) - 1)];
      }
    }
    uint8_t bytes[16];
    const bool v6 = inet_pton(AF_INET6, in.c_str(), bytes) == 1;
    const bool v4 = !v6 && inet_pton(AF_INET, in.c_str(), bytes) == 1;
    const IP want = IP::FromBytes({bytes, v6 ? 16u : v4 ? 4u : 0u});
    ASSERT_EQ(ParseIP(in), want) << in;
    good += v4 || v6;
  }
  EXPECT_GT(good, 1000);
}

TEST(IP, StringAgreesWithInetNtopAndParsesBack) {
  Sequence random;
  for (int round = 0; round < 100000; ++round) {
    uint8_t bytes[16];
    for (int i = 0; i < 16; i += 2) {
      const bool zero = random.Below(2) == 0;
      bytes[i] = static_cast<uint8_t>(zero ? 0 : random.Below(256));
      bytes[i + 1] = static_cast<uint8_t>(zero ? 0 : random.Below(256));
    }
    bytes[0] |= 0x20;  // inet_ntop prints ::/96 its own way
    const IP ip = IP::FromBytes(bytes);
    char want[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, bytes, want, sizeof(want));
    ASSERT_EQ(ip.String(), want);
    ASSERT_EQ(ParseIP(want), ip);
    const IP v4 = IP::FromBytes({bytes, 4});
    inet_ntop(AF_INET, bytes, want, sizeof(want));
    ASSERT_EQ(v4.String(), want);
    ASSERT_EQ(ParseIP(want), v4);
  }
}

TEST(IP, Sizes) {
  const IP none;
  EXPECT_TRUE(none.empty() && none.bytes().empty());
  EXPECT_EQ(none.String(), "<nil>");
  EXPECT_TRUE(none.To4().empty() && none.To16().empty());
  const uint8_t bytes[17] = {1, 2, 3, 4, 5};
  for (size_t size = 0; size <= 17; ++size) {
    const IP ip = IP::FromBytes({bytes, size});
    EXPECT_EQ(ip.bytes().size(), size == 4 || size == 16 ? size : 0);
  }

  const IP v4 = IPv4(1, 2, 3, 4);
  const IP mapped = ParseIP("::ffff:1.2.3.4");
  EXPECT_EQ(v4.bytes().size(), 4u);
  EXPECT_EQ(v4.bytes()[0], 1);
  EXPECT_EQ(v4.bytes()[3], 4);
  EXPECT_EQ(mapped.bytes().size(), 16u);
  EXPECT_EQ(mapped.To4().bytes().size(), 4u);
  EXPECT_EQ(v4.To16().bytes().size(), 16u);
  EXPECT_EQ(v4.To16().bytes()[10], 0xff);
  EXPECT_EQ(v4.To4(), v4);
  EXPECT_TRUE(ParseIP("::1").To4().empty());
  EXPECT_TRUE(ParseIP("::1.2.3.4").To4().empty());
  EXPECT_EQ(sizeof(IP), 17u);
}

TEST(IP, Equality) {
  EXPECT_EQ(IP(), IP());
  EXPECT_EQ(ParseIP("1.2.3.4"), ParseIP("::ffff:1.2.3.4"));
  EXPECT_NE(ParseIP("1.2.3.4"), ParseIP("1.2.3.5"));
  EXPECT_NE(ParseIP("1.2.3.4"), ParseIP("::1.2.3.4"));
  EXPECT_NE(ParseIP("::"), IP());
  EXPECT_NE(ParseIP("0.0.0.0"), IP());
  EXPECT_NE(ParseIP("0.0.0.0"), ParseIP("::"));
}

TEST(IP, Kinds) {
  const struct {
    const char* in;
    bool loopback, unspecified;
  } kCases[] = {
      {"127.0.0.1", true, false},  {"127.255.255.254", true, false},
      {"::1", true, false},        {"::ffff:127.0.0.1", true, false},
      {"128.0.0.1", false, false}, {"::2", false, false},
      {"::7f00:1", false, false},  {"0.0.0.0", false, true},
      {"::", false, true},         {"::ffff:0.0.0.0", false, true},
      {"0.0.0.1", false, false},   {"nothing", false, false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ParseIP(c.in).IsLoopback(), c.loopback) << c.in;
    EXPECT_EQ(ParseIP(c.in).IsUnspecified(), c.unspecified) << c.in;
  }
}

TEST(TCPAddr, String) {
  const struct {
    TCPAddr addr;
    const char* text;
  } kCases[] = {
      {{}, ":0"},
      {{.port = 80}, ":80"},
      {{.ip = IPv4(127, 0, 0, 1), .port = 80}, "127.0.0.1:80"},
      {{.ip = ParseIP("::1"), .port = 65535}, "[::1]:65535"},
      {{.ip = ParseIP("::"), .port = 80}, "[::]:80"},
      {{.ip = ParseIP("::ffff:1.2.3.4"), .port = 80}, "1.2.3.4:80"},
      {{.ip = ParseIP("fe80::1"), .port = 80, .zone = "eth0"},
       "[fe80::1%eth0]:80"},
      {{.port = -1}, ":-1"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(c.addr.String(), c.text);
    EXPECT_EQ(c.addr.Network(), "tcp");
    EXPECT_EQ(Addr(c.addr).String(), c.text);
    EXPECT_EQ(Addr(c.addr).Network(), "tcp");
  }
}

TEST(Addr, NilAndEquality) {
  const Addr nil;
  EXPECT_TRUE(nil.IsNil());
  EXPECT_EQ(nil.String(), "<nil>");
  EXPECT_EQ(nil.Network(), "");
  EXPECT_EQ(nil.tcp(), nullptr);
  EXPECT_EQ(nil, Addr());

  const TCPAddr tcp{.ip = IPv4(1, 2, 3, 4), .port = 5};
  const Addr a = tcp, b = tcp, copy = a;
  EXPECT_FALSE(a.IsNil());
  EXPECT_EQ(a, b);
  EXPECT_EQ(a, copy);
  EXPECT_EQ(a.tcp(), copy.tcp());
  EXPECT_NE(a.tcp(), b.tcp());
  EXPECT_EQ(*a.tcp(), tcp);
  EXPECT_NE(a, nil);
  EXPECT_NE(nil, a);
  EXPECT_NE(a, Addr(TCPAddr{.ip = IPv4(1, 2, 3, 4), .port = 6}));
  EXPECT_EQ(a, Addr(TCPAddr{.ip = ParseIP("::ffff:1.2.3.4"), .port = 5}));
  EXPECT_NE(Addr(TCPAddr{.zone = "a"}), Addr(TCPAddr{.zone = "b"}));
  EXPECT_EQ(sizeof(Addr), 2 * sizeof(void*));
}

TEST(Sockaddr, RoundTrip) {
  const struct {
    const char* ip;
    int family;
    socklen_t len;
    const char* back;  // null: as `ip`
  } kCases[] = {
      {"1.2.3.4", AF_INET, sizeof(sockaddr_in), nullptr},
      {"0.0.0.0", AF_INET, sizeof(sockaddr_in), nullptr},
      {"::ffff:1.2.3.4", AF_INET, sizeof(sockaddr_in), nullptr},
      {"", AF_INET, sizeof(sockaddr_in), "0.0.0.0"},
      {"::1", AF_INET, 0, nullptr},
      {"::", AF_INET, 0, nullptr},
      {"::1", AF_INET6, sizeof(sockaddr_in6), nullptr},
      {"2001:db8::1:2", AF_INET6, sizeof(sockaddr_in6), nullptr},
      {"1.2.3.4", AF_INET6, sizeof(sockaddr_in6), nullptr},
      {"::ffff:1.2.3.4", AF_INET6, sizeof(sockaddr_in6), nullptr},
      {"", AF_INET6, sizeof(sockaddr_in6), "::"},
      {"::", AF_INET6, sizeof(sockaddr_in6), nullptr},
      {"0.0.0.0", AF_INET6, sizeof(sockaddr_in6), "::"},
      {"1.2.3.4", AF_UNIX, 0, nullptr},
      {"", AF_UNSPEC, 0, nullptr},
  };
  for (const auto& c : kCases) {
    sockaddr_storage storage;
    memset(&storage, 0xa5, sizeof(storage));
    const TCPAddr addr{.ip = ParseIP(c.ip), .port = 0x1234};
    ASSERT_EQ(ToSockaddr(addr, c.family, &storage), c.len) << c.ip;
    if (c.len == 0) continue;
    EXPECT_EQ(storage.ss_family, c.family);
    const TCPAddr back = FromSockaddr(reinterpret_cast<sockaddr*>(&storage));
    const IP want = ParseIP(c.back != nullptr ? c.back : c.ip);
    EXPECT_EQ(back, (TCPAddr{.ip = want, .port = 0x1234})) << c.ip;
    EXPECT_EQ(back.ip.bytes().size(), want.To4().empty() ? 16u : 4u) << c.ip;
  }
}

TEST(Sockaddr, Bytes) {
  sockaddr_storage storage;
  ASSERT_NE(ToSockaddr(TCPAddr{.ip = IPv4(1, 2, 3, 4), .port = 0x1234},
                       AF_INET6, &storage),
            0u);
  sockaddr_in6 sa;
  memcpy(&sa, &storage, sizeof(sa));
  EXPECT_EQ(sa.sin6_port, htons(0x1234));
  EXPECT_EQ(sa.sin6_flowinfo, 0u);
  EXPECT_EQ(sa.sin6_scope_id, 0u);
  EXPECT_TRUE(IN6_IS_ADDR_V4MAPPED(&sa.sin6_addr));
  EXPECT_EQ(sa.sin6_addr.s6_addr[12], 1);
  EXPECT_EQ(sa.sin6_addr.s6_addr[15], 4);

  ASSERT_NE(ToSockaddr(TCPAddr{.port = 1}, AF_INET6, &storage), 0u);
  memcpy(&sa, &storage, sizeof(sa));
  EXPECT_TRUE(IN6_IS_ADDR_UNSPECIFIED(&sa.sin6_addr));
}

TEST(Sockaddr, Ports) {
  sockaddr_storage storage;
  for (const int port : {0, 1, 80, 32768, 65535}) {
    for (const int family : {AF_INET, AF_INET6}) {
      ASSERT_NE(ToSockaddr(TCPAddr{.port = port}, family, &storage), 0u);
      EXPECT_EQ(FromSockaddr(reinterpret_cast<sockaddr*>(&storage)).port, port);
    }
  }
  for (const int port : {-1, 65536, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(ToSockaddr(TCPAddr{.port = port}, AF_INET, &storage), 0u);
    EXPECT_EQ(ToSockaddr(TCPAddr{.port = port}, AF_INET6, &storage), 0u);
  }
}

TEST(Sockaddr, Zones) {
  const auto scope = [](const std::string& zone) {
    sockaddr_storage storage;
    ToSockaddr(TCPAddr{.ip = ParseIP("fe80::1"), .zone = zone}, AF_INET6,
               &storage);
    sockaddr_in6 sa;
    memcpy(&sa, &storage, sizeof(sa));
    return sa.sin6_scope_id;
  };
  EXPECT_EQ(scope(""), 0u);
  EXPECT_EQ(scope("54321"), 54321u);
  EXPECT_EQ(scope("4294967295"), 4294967295u);
  EXPECT_EQ(scope("4294967296"), 0u);
  EXPECT_EQ(scope("-1"), 0u);
  EXPECT_EQ(scope("1x"), 0u);
  EXPECT_EQ(scope("no such zone"), 0u);
  EXPECT_EQ(scope(std::string(100000, 'x')), 0u);

  sockaddr_in6 sa{};
  sa.sin6_family = AF_INET6;
  sa.sin6_scope_id = 54321;
  EXPECT_EQ(FromSockaddr(reinterpret_cast<sockaddr*>(&sa)).zone, "54321");

  char name[IF_NAMESIZE];
  if (if_indextoname(1, name) == nullptr) GTEST_SKIP() << "no interfaces";
  EXPECT_EQ(scope(name), 1u);
  EXPECT_EQ(scope(name + kNul), 0u);
  EXPECT_EQ(scope(name + kNul + "x"), 0u);
  sa.sin6_scope_id = 1;
  EXPECT_EQ(FromSockaddr(reinterpret_cast<sockaddr*>(&sa)).zone, name);
}

TEST(Sockaddr, Foreign) {
  EXPECT_EQ(FromSockaddr(nullptr), TCPAddr());
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  EXPECT_EQ(FromSockaddr(reinterpret_cast<sockaddr*>(&un)), TCPAddr());
  // Not aligned.
  char buf[sizeof(sockaddr_storage) + 1];
  sockaddr_storage storage;
  const TCPAddr addr{.ip = ParseIP("2001:db8::1"), .port = 7};
  const socklen_t len = ToSockaddr(addr, AF_INET6, &storage);
  memcpy(buf + 1, &storage, len);
  EXPECT_EQ(FromSockaddr(reinterpret_cast<sockaddr*>(buf + 1)), addr);
}

}  // namespace
}  // namespace parkour::net
