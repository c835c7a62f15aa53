// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// IP addresses, masks and networks: what is not in Go's own tests.

#include "parkour/net/ip.h"

#include <gtest/gtest.h>

#include <string>

#include "parkour/net/test_util.h"

namespace parkour::net {
namespace {

TEST(IP, Kinds) {
  const struct {
    const char* text;
    const char* kinds;  // u l p m i L U g, see below
  } kCases[] = {
      {"0.0.0.0", "u"},          {"::", "u"},
      {"::ffff:0.0.0.0", "u"},   {"127.0.0.1", "lg"},
      {"127.255.0.1", "l"},      {"::1", "l"},
      {"10.1.2.3", "pg"},        {"172.15.0.1", "g"},
      {"172.16.0.1", "pg"},      {"172.31.255.255", "pg"},
      {"172.32.0.1", "g"},       {"192.168.0.1", "pg"},
      {"192.169.0.1", "g"},      {"fc00::1", "pg"},
      {"fdff::1", "pg"},         {"fe00::1", "g"},
      {"224.0.0.1", "mL"},       {"224.0.1.1", "m"},
      {"239.255.255.255", "m"},  {"240.0.0.1", "g"},
      {"255.255.255.255", ""},   {"ff01::1", "mi"},
      {"ff02::1", "mL"},         {"ff05::1", "m"},
      {"169.254.0.1", "U"},      {"169.255.0.1", "g"},
      {"fe80::1", "U"},          {"febf::1", "U"},
      {"fec0::1", "g"},          {"2001:db8::1", "g"},
      {"::ffff:10.0.0.1", "pg"}, {"::ffff:224.0.0.1", "mL"},
  };
  for (const auto& c : kCases) {
    const IP ip = ParseIP(c.text);
    ASSERT_FALSE(ip.empty()) << c.text;
    std::string kinds;
    if (ip.IsUnspecified()) kinds += 'u';
    if (ip.IsLoopback()) kinds += 'l';
    if (ip.IsPrivate()) kinds += 'p';
    if (ip.IsMulticast()) kinds += 'm';
    if (ip.IsInterfaceLocalMulticast()) kinds += 'i';
    if (ip.IsLinkLocalMulticast()) kinds += 'L';
    if (ip.IsLinkLocalUnicast()) kinds += 'U';
    if (ip.IsGlobalUnicast()) kinds += 'g';
    std::string want = c.kinds;
    if (want == "lg") want = "l";
    EXPECT_EQ(kinds, want) << c.text;
  }
  const IP none;
  EXPECT_FALSE(none.IsUnspecified() || none.IsLoopback() || none.IsPrivate() ||
               none.IsMulticast() || none.IsInterfaceLocalMulticast() ||
               none.IsLinkLocalMulticast() || none.IsLinkLocalUnicast() ||
               none.IsGlobalUnicast());
  EXPECT_TRUE(none.DefaultMask().empty());
  EXPECT_TRUE(none.Mask(CIDRMask(8, 32)).empty());
}

TEST(IP, DefaultMask) {
  EXPECT_EQ(ParseIP("10.0.0.1").DefaultMask().String(), "ff000000");
  EXPECT_EQ(ParseIP("127.0.0.1").DefaultMask().String(), "ff000000");
  EXPECT_EQ(ParseIP("128.0.0.1").DefaultMask().String(), "ffff0000");
  EXPECT_EQ(ParseIP("192.0.2.1").DefaultMask().String(), "ffffff00");
  EXPECT_EQ(ParseIP("::ffff:192.0.2.1").DefaultMask().String(), "ffffff00");
  EXPECT_EQ(ParseIP("::1").DefaultMask().String(), "<nil>");
}

TEST(IPMask, Sizes) {
  for (const int bits : {32, 128}) {
    for (int ones = 0; ones <= bits; ++ones) {
      const IPMask mask = CIDRMask(ones, bits);
      EXPECT_EQ(mask.Size(), (IPMask::Lengths{ones, bits}));
      EXPECT_EQ(mask.bytes().size() * 8, static_cast<size_t>(bits));
    }
    EXPECT_TRUE(CIDRMask(-1, bits).empty());
    EXPECT_TRUE(CIDRMask(bits + 1, bits).empty());
  }
  EXPECT_TRUE(CIDRMask(0, 64).empty());
  EXPECT_EQ(IPv4Mask(255, 0, 255, 0).Size(), (IPMask::Lengths{0, 0}));
  EXPECT_EQ(IPv4Mask(255, 255, 0xa0, 0).Size(), (IPMask::Lengths{0, 0}));
  EXPECT_EQ(IPMask().Size(), (IPMask::Lengths{0, 0}));
}

TEST(IPNet, ThatDoNotFit) {
  const IPNet odd{ParseIP("192.0.2.1"), IPMask()};
  EXPECT_EQ(odd.String(), "<nil>");
  EXPECT_FALSE(odd.Contains(ParseIP("192.0.2.1")));
  const IPNet mixed{ParseIP("2001:db8::"), CIDRMask(8, 32)};
  EXPECT_EQ(mixed.String(), "<nil>");
  EXPECT_FALSE(mixed.Contains(ParseIP("2001:db8::")));
  EXPECT_FALSE(ParseCIDR("0.0.0.0/0")->net.Contains(IP()));
  EXPECT_FALSE(ParseCIDR("::/0")->net.Contains(ParseIP("1.2.3.4")));
}

// Whatever the bytes: what parses prints, and parses again to the same.
TEST(ParseCIDR, RandomBytes) {
  constexpr char kAlphabet[] = "/:.%0123456789af-+ \0";
  testing::Sequence random;
  int good = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string in = random.Below(2) == 0 ? "2001:db8::/32" : "192.0.2.1/24";
    for (uint32_t i = random.Below(3); i < 3; ++i) {
      in[random.Below(static_cast<uint32_t>(in.size()))] =
          kAlphabet[random.Below(sizeof(kAlphabet) - 1)];
    }
    if (random.Below(4) == 0) in.resize(random.Below(12));
    const absl::StatusOr<CIDR> cidr = ParseCIDR(in);
    if (!cidr.ok()) {
      ASSERT_EQ(cidr.status().message(), "invalid CIDR address: " + in);
      continue;
    }
    ++good;
    ASSERT_TRUE(cidr->net.Contains(cidr->ip)) << in;
    const absl::StatusOr<CIDR> again = ParseCIDR(cidr->net.String());
    ASSERT_TRUE(again.ok()) << in << ' ' << cidr->net.String();
    ASSERT_EQ(again->net.String(), cidr->net.String()) << in;
    ASSERT_EQ(ParseIP(cidr->ip.String()), cidr->ip);
  }
  EXPECT_GT(good, 1000);
}

TEST(ParseCIDR, LongText) {
  EXPECT_FALSE(ParseCIDR(std::string(1 << 20, '1')).ok());
  EXPECT_FALSE(ParseCIDR("1.2.3.4/" + std::string(1 << 20, '1')).ok());
  EXPECT_FALSE(ParseCIDR("").ok());
  EXPECT_FALSE(ParseCIDR("/").ok());
  EXPECT_FALSE(ParseCIDR("1.2.3.4/").ok());
  EXPECT_FALSE(ParseCIDR("1.2.3.4/+8").ok());
  EXPECT_FALSE(ParseCIDR("1.2.3.4/-0").ok());
  EXPECT_FALSE(ParseCIDR("fe80::%lo/64").ok());
}

}  // namespace
}  // namespace parkour::net
