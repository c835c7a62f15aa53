// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's src/net/hosts_test.go, dnsname_test.go and addrselect_test.go, by
// meaning.

#include "parkour/net/hosts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "parkour/net/addrselect.h"
#include "parkour/net/dnsname.h"
#include "parkour/net/testing.h"
#include "parkour/parkour.h"
#include "parkour/runtime/test_util.h"

using namespace parkour;

namespace {

using net::IP;
using net::ParseIP;
using net::testing::Fake;
using runtime::testing::RunInGoroutine;
using Strings = std::vector<std::string>;

const context::Context& Bg() {
  static const auto& background = *new context::Context(context::Background());
  return background;
}

// ---- hosts_test.go ----

constexpr char kHosts[] =
    "255.255.255.255\tbroadcasthost\n"
    "127.0.0.2\todin\n"
    "127.0.0.3\todin  # inline comment\n"
    "::2             odin\n"
    "127.1.1.1\tthor\n"
    "# aliases\n"
    "127.1.1.2\tullr ullrhost\n"
    "fe80::1%lo0\tlocalhost\n"
    "# Bogus entries that must be ignored.\n"
    "123.123.123\tloki\n"
    "321.321.321.321\n";

constexpr char kSingleLine[] = "127.0.0.2  odin";

constexpr char kIPv4Hosts[] =
    "# See https://tools.ietf.org/html/rfc1123.\n"
    "#\n"
    "# internet address and host name\n"
    "127.0.0.1\tlocalhost\t# inline comment separated by tab\n"
    "127.0.0.2       localhost       # inline comment separated by space\n"
    "\n"
    "# internet address, host name and aliases\n"
    "127.0.0.3       localhost       localhost.localdomain\n";

Strings Host(const net::HostsTable& table, std::string_view name) {
  const auto* host = table.FindHost(name);
  return host == nullptr ? Strings() : host->addrs;
}

Strings Names(const net::HostsTable& table, std::string_view addr) {
  const auto* names = table.FindAddr(addr);
  return names == nullptr ? Strings() : *names;
}

TEST(HostsTest, TestLookupStaticHost) {
  const struct {
    const char* text;
    const char* name;
    Strings want;
  } cases[] = {
      {kHosts, "odin", {"127.0.0.2", "127.0.0.3", "::2"}},
      {kHosts, "thor", {"127.1.1.1"}},
      {kHosts, "ullr", {"127.1.1.2"}},
      {kHosts, "ullrhost", {"127.1.1.2"}},
      {kHosts, "localhost", {"fe80::1%lo0"}},
      {kHosts, "loki", {}},
      {kSingleLine, "odin", {"127.0.0.2"}},
      {kIPv4Hosts, "localhost", {"127.0.0.1", "127.0.0.2", "127.0.0.3"}},
      {kIPv4Hosts, "localhost.localdomain", {"127.0.0.3"}},
      {"", "odin", {}},
  };
  for (const auto& c : cases) {
    const net::HostsTable table(c.text);
    const std::string upper = absl::AsciiStrToUpper(c.name);
    for (const std::string& name :
         {std::string(c.name), std::string(c.name) + ".", upper}) {
      EXPECT_EQ(Host(table, name), c.want) << name;
    }
  }
}

TEST(HostsTest, TestLookupStaticAddr) {
  const struct {
    const char* text;
    const char* addr;
    Strings want;
  } cases[] = {
      {kHosts, "255.255.255.255", {"broadcasthost"}},
      {kHosts, "127.0.0.2", {"odin"}},
      {kHosts, "127.0.0.3", {"odin"}},
      {kHosts, "::2", {"odin"}},
      {kHosts, "0:0::2", {"odin"}},
      {kHosts, "127.1.1.2", {"ullr", "ullrhost"}},
      {kHosts, "fe80::1%lo0", {"localhost"}},
      {kHosts, "fe80::1", {}},
      {kHosts, "321.321.321.321", {}},
      {kIPv4Hosts, "127.0.0.3", {"localhost", "localhost.localdomain."}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Names(net::HostsTable(c.text), c.addr), c.want) << c.addr;
  }
}

// What one caller does with its answer is not in the next one's.
TEST(HostsTest, TestHostCacheModification) {
  RunInGoroutine([] {
    Fake fake(kIPv4Hosts);
    const Strings want = {"127.0.0.1", "127.0.0.2", "127.0.0.3"};
    auto first = fake.resolver.LookupHost(Bg(), "localhost");
    ASSERT_TRUE(first.ok());
    std::sort(first->begin(), first->end());
    EXPECT_EQ(*first, want);
    for (std::string& addr : *first) addr += "junk";
    auto second = fake.resolver.LookupHost(Bg(), "localhost");
    std::sort(second->begin(), second->end());
    EXPECT_EQ(*second, want);
    auto names = fake.resolver.LookupAddr(Bg(), "127.0.0.3");
    ASSERT_TRUE(names.ok());
    for (std::string& name : *names) name += "junk";
    EXPECT_EQ(*fake.resolver.LookupAddr(Bg(), "127.0.0.3"),
              (Strings{"localhost", "localhost.localdomain."}));
  });
}

// An alias leads to the first name of its first line.
TEST(HostsTest, TestLookupStaticHostAliases) {
  const net::HostsTable table(
      "127.0.0.1 prettyname x prettyname.example.com\n"
      "127.0.0.2 Second.Example ALIAS\n"
      "127.0.0.3 x\n");
  const struct {
    const char *name, *canonical;
  } cases[] = {
      {"x", "prettyname"},
      {"X", "prettyname"},
      {"prettyname", "prettyname"},
      {"prettyname.example.com", "prettyname"},
      {"prettyname.example.com.", "prettyname"},
      {"alias", "second.example."},
      {"second.example", "second.example."},
  };
  for (const auto& c : cases) {
    ASSERT_NE(table.FindHost(c.name), nullptr) << c.name;
    EXPECT_EQ(table.FindHost(c.name)->canonical, c.canonical);
  }
  EXPECT_EQ(Host(table, "x"), (Strings{"127.0.0.1", "127.0.0.3"}));
}

// ---- dnsname_test.go ----

TEST(DNSNameTest, TestDNSName) {
  const std::string label63(63, 'a');
  const std::string label64(64, 'a');
  const struct {
    std::string name;
    bool good;
  } cases[] = {
      {"_xmpp-server._tcp.google.com", true},
      {"foo.com", true},
      {"1foo.com", true},
      {"26.0.0.73.com", true},
      {"10-0-0-1", true},
      {"fo-o.com", true},
      {"fo1o.com", true},
      {"foo1.com", true},
      {"a.b..com", false},
      {"a.b-.com", false},
      {"a.b.com-", false},
      {"a.b..", false},
      {"b.com.", true},
      {".", true},
      {"", false},
      {"127.0.0.1", false},
      {"-foo.com", false},
      {"foo bar.com", false},
      {label63 + ".com", true},
      {label64 + ".com", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(net::IsDomainName(c.name), c.good) << c.name;
    if (c.good && c.name != "." && c.name.back() != '.') {
      EXPECT_TRUE(net::IsDomainName(c.name + "."));
    }
  }
  std::string name;
  while (name.size() < 252) name += "a.";
  EXPECT_TRUE(net::IsDomainName(name + "b"));
  EXPECT_TRUE(net::IsDomainName(name + "b."));
  EXPECT_FALSE(net::IsDomainName(name + "bb."));
  EXPECT_FALSE(net::IsDomainName(name + "bb"));
}

// ---- addrselect_test.go ----

using net::internal::Classify;
using net::internal::Scope;

TEST(AddrSelectTest, TestSortByRFC6724) {
  const struct {
    Strings addrs, sources;
    Strings want;
    bool reverse;  // the other order gives the same
  } cases[] = {
      // The examples of RFC 6724, section 10.2, and of its predecessor.
      {{"2001:db8:1::1", "198.51.100.121"},
       {"2001:db8:1::2", "169.254.13.78"},
       {"2001:db8:1::1", "198.51.100.121"},
       true},
      {{"2001:db8:1::1", "198.51.100.121"},
       {"fe80::1", "198.51.100.117"},
       {"198.51.100.121", "2001:db8:1::1"},
       true},
      {{"2001:db8:1::1", "10.1.2.3"},
       {"2001:db8:1::2", "10.1.2.4"},
       {"2001:db8:1::1", "10.1.2.3"},
       true},
      {{"2001:db8:1::1", "fe80::1"},
       {"2001:db8:1::2", "fe80::2"},
       {"fe80::1", "2001:db8:1::1"},
       true},
      // Private IPv4 addresses are of global scope here: IPv4's order stays.
      {{"54.83.193.112", "184.72.238.214", "23.23.172.185"},
       {"10.2.3.4", "10.2.3.4", "10.2.3.4"},
       {"54.83.193.112", "184.72.238.214", "23.23.172.185"},
       false},
      // A route to IPv6 that is only 6to4.
      {{"2002:c633:6401::1", "2001:db8:1::1"},
       {"2002:c633:6401::2", "fe80::2"},
       {"2002:c633:6401::1", "2001:db8:1::1"},
       true},
      // What cannot be reached comes last.
      {{"2001:db8:1::1", "198.51.100.121"},
       {"", "198.51.100.117"},
       {"198.51.100.121", "2001:db8:1::1"},
       true},
      {{"::1", "127.0.0.1"}, {"::1", "127.0.0.1"}, {"::1", "127.0.0.1"}, true},
  };
  for (const auto& c : cases) {
    for (const bool reverse : {false, true}) {
      if (reverse && !c.reverse) continue;
      std::vector<net::IPAddr> addrs;
      std::vector<IP> sources;
      for (const std::string& a : c.addrs) addrs.push_back({ParseIP(a)});
      for (const std::string& s : c.sources) sources.push_back(ParseIP(s));
      if (reverse) {
        std::reverse(addrs.begin(), addrs.end());
        std::reverse(sources.begin(), sources.end());
      }
      net::internal::SortByRFC6724(&addrs, sources);
      Strings got;
      for (const net::IPAddr& a : addrs) got.push_back(a.String());
      EXPECT_EQ(got, c.want);
    }
  }
}

TEST(AddrSelectTest, TestRFC6724PolicyTableOrder) {
  int last = 128;
  for (const auto& policy : net::internal::PolicyTable()) {
    const int ones = policy.prefix.mask.Size().ones;
    EXPECT_LE(ones, last) << policy.prefix.String();
    EXPECT_EQ(policy.prefix.mask.Size().bits, 128);
    last = ones;
  }
}

TEST(AddrSelectTest, TestRFC6724PolicyTableContent) {
  const struct {
    const char* prefix;
    int precedence, label;
  } want[] = {
      {"::1/128", 50, 0},   {"::ffff:0:0/96", 35, 4}, {"::/96", 1, 3},
      {"2001::/32", 5, 5},  {"2002::/16", 30, 2},     {"3ffe::/16", 1, 12},
      {"fec0::/10", 1, 11}, {"fc00::/7", 3, 13},      {"::/0", 40, 1},
  };
  for (const auto& w : want) {
    const auto table = net::internal::PolicyTable();
    const auto it =
        std::find_if(table.begin(), table.end(), [&w](const auto& policy) {
          return policy.prefix == net::ParseCIDR(w.prefix)->net;
        });
    ASSERT_NE(it, table.end()) << w.prefix;
    EXPECT_EQ(it->precedence, w.precedence);
    EXPECT_EQ(it->label, w.label);
  }
}

TEST(AddrSelectTest, TestRFC6724PolicyTableClassify) {
  const struct {
    const char* ip;
    int precedence, label;
  } cases[] = {
      {"127.0.0.1", 35, 4}, {"2601:645:8002:a500:986f:1db8:c836:bd65", 40, 1},
      {"::1", 50, 0},       {"2002::ab12", 30, 2},
      {"fc00::1", 3, 13},   {"::2", 1, 3},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Classify(ParseIP(c.ip)).precedence, c.precedence) << c.ip;
    EXPECT_EQ(Classify(ParseIP(c.ip)).label, c.label) << c.ip;
  }
}

TEST(AddrSelectTest, TestRFC6724ClassifyScope) {
  const struct {
    const char* ip;
    Scope scope;
  } cases[] = {
      {"127.0.0.1", Scope::kLinkLocal},   {"::1", Scope::kLinkLocal},
      {"169.254.1.2", Scope::kLinkLocal}, {"fec0::1", Scope::kSiteLocal},
      {"8.8.8.8", Scope::kGlobal},        {"192.168.0.1", Scope::kGlobal},
      {"ff02::", Scope::kLinkLocal},      {"ff05::", Scope::kSiteLocal},
      {"ff04::", Scope::kAdminLocal},     {"ff0e::", Scope::kGlobal},
      {"ffd0::", static_cast<Scope>(0)},  {"2001:db8::1", Scope::kGlobal},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(net::internal::ClassifyScope(ParseIP(c.ip)), c.scope) << c.ip;
  }
}

TEST(AddrSelectTest, TestRFC6724CommonPrefixLength) {
  const struct {
    const char *a, *b;
    int want;
  } cases[] = {
      {"fe80::1", "fe80::2", 64},     {"fe81::1", "fe80::2", 15},
      {"127.0.0.1", "fe80::1", 0},    {"1.2.3.4", "1.2.3.4", 32},
      {"1.2.255.255", "1.2.0.0", 16}, {"1.2.127.255", "1.2.0.0", 17},
      {"1.2.3.1", "1.2.3.4", 29},     {"1.2.3.0", "1.2.3.1", 31},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(net::internal::CommonPrefixLength(ParseIP(c.a), ParseIP(c.b)),
              c.want)
        << c.a;
  }
}

}  // namespace
