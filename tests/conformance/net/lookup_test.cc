// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's src/net/lookup_test.go and cgo_unix_test.go, by meaning: what is local,
// or can be had of a system that the test plays.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parkour/net/testing.h"
#include "parkour/parkour.h"
#include "parkour/runtime/test_util.h"

using namespace parkour;

namespace {

using net::IP;
using net::testing::Fake;
using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;
using Strings = std::vector<std::string>;

const context::Context& Bg() {
  static const auto& background = *new context::Context(context::Background());
  return background;
}

// ---- lookup_test.go ----

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

TEST(LookupTest, TestLookupPort) {
  const struct {
    const char *network, *name;
    int port;
    bool ok;
  } cases[] = {
      {"tcp", "0", 0, true},
      {"udp", "0", 0, true},
      {"udp", "domain", 53, true},
      {"tcp", "65535", 65535, true},
      {"tcp", "--badport--", 0, false},
      {"tcp", "-1", 0, false},
      {"tcp", "65536", 0, false},
      {"udp", "-1", 0, false},
      {"udp", "65536", 0, false},
      {"tcp", "123456789", 0, false},
      {"tcp", "", 0, true},
      {"tcp4", "", 0, true},
      {"tcp6", "", 0, true},
      {"udp", "", 0, true},
      {"udp4", "", 0, true},
      {"udp6", "", 0, true},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<int> port =
        net::Resolver().LookupPort(Bg(), c.network, c.name);
    ASSERT_EQ(port.ok(), c.ok) << c.name;
    if (c.ok) {
      EXPECT_EQ(*port, c.port) << c.name;
    }
  }
}

// What works without /etc/services.
TEST(LookupTest, TestLookupPort_Minimal) {
  const struct {
    const char *network, *name;
    int port;
  } cases[] = {
      {"tcp", "http", 80},   {"tcp", "hTTp", 80}, {"tcp", "https", 443},
      {"tcp", "HTtps", 443}, {"tcp", "ssh", 22},  {"tcp", "SSH", 22},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(*net::LookupPort(c.network, c.name), c.port) << c.name;
  }
}

TEST(LookupTest, TestLookupPortNotFound) {
  for (const char* network : {"tcp", "udp", "tcp4", "udp6", "ip"}) {
    const absl::Status err =
        net::LookupPort(network, "_-unknown-service-").status();
    const std::optional<net::DNSError> e = net::DNSErrorOf(err);
    ASSERT_TRUE(e.has_value()) << err;
    EXPECT_TRUE(e->IsNotFound);
  }
}

// A service of the other protocol only.
TEST(LookupTest, TestLookupPortDifferentNetwork) {
  const absl::Status err = net::LookupPort("udp", "https").status();
  // Some systems' /etc/services have it for both.
  if (err.ok()) GTEST_SKIP() << "/etc/services has https for udp";
  EXPECT_EQ(Text(err), "lookup udp/https: unknown port");
}

TEST(LookupTest, TestLookupPortEmptyNetworkString) {
  EXPECT_EQ(*net::LookupPort("", "http"), 80);
}

TEST(LookupTest, TestLookupPortIPNetworkString) {
  EXPECT_EQ(*net::LookupPort("ip", "http"), 80);
}

// Names with letters that are none of DNS's are refused, not crashed on.
TEST(LookupTest, TestLookupNonLDH) {
  Fake fake("");
  EXPECT_EQ(
      Text(fake.resolver.LookupHost(Bg(), "!!!.###.bogus..domain.").status()),
      "lookup !!!.###.bogus..domain.: no such host");
}

// A default-constructed Resolver is the shared one.
TEST(LookupTest, TestNilResolverLookup) {
  RunInGoroutine([] {
    const net::Resolver nil;
    const auto [ctx, cancel] = context::WithCancel(Bg());
    cancel();  // it shall not get far
    nil.LookupAddr(ctx, "8.8.8.8").IgnoreError();
    nil.LookupCNAME(ctx, "a.invalid").IgnoreError();
    nil.LookupHost(ctx, "a.invalid").IgnoreError();
    nil.LookupIPAddr(ctx, "a.invalid").IgnoreError();
    EXPECT_EQ(*nil.LookupPort(ctx, "tcp", "80"), 80);
    EXPECT_EQ(Text(nil.LookupHost(ctx, "a.invalid").status()),
              "lookup a.invalid: operation was canceled");
  });
}

// The family that a network's name asks for is what the system is asked for.
TEST(LookupTest, TestIPVersion) {
  RunInGoroutine([] {
    Fake fake("");
    fake.system->Set("a.example", {"192.0.2.1", "2001:db8::1"});
    for (const auto& [network, want] :
         {std::pair{"tcp", 2}, {"tcp4", 1}, {"tcp6", 1}, {"udp", 2}}) {
      const auto got = fake.resolver.LookupIPAddr(Bg(), network, "a.example");
      ASSERT_TRUE(got.ok()) << got.status();
      EXPECT_EQ(got->size(), static_cast<size_t>(want)) << network;
    }
  });
}

TEST(LookupTest, TestResolverLookupIPWithEmptyHost) {
  const absl::Status err = net::Resolver().LookupIP(Bg(), "ip", "").status();
  ASSERT_FALSE(err.ok());
  EXPECT_EQ(Text(err), "lookup : no such host");
  EXPECT_TRUE(net::DNSErrorOf(err)->IsNotFound);
}

TEST(LookupTest, TestLookupNullByte) {
  Fake fake("");
  EXPECT_FALSE(fake.resolver.LookupHost(Bg(), std::string("foo\0bar", 7)).ok());
  EXPECT_FALSE(
      fake.resolver.LookupCNAME(Bg(), std::string("foo\0bar", 7)).ok());
  EXPECT_EQ(fake.system->calls(), 0);
}

TEST(LookupTest, TestResolverLookupIP) {
  RunInGoroutine([] {
    Fake fake(
        "192.0.2.9 four\n2001:db8::9 six\n192.0.2.9 dual\n2001:db8::9 dual\n");
    const struct {
      const char *network, *host;
      bool ok;
    } cases[] = {
        {"ip", "four", true},   {"ip", "six", true},   {"ip", "dual", true},
        {"ip4", "four", true},  {"ip4", "six", false}, {"ip4", "dual", true},
        {"ip6", "four", false}, {"ip6", "six", true},  {"ip6", "dual", true},
    };
    for (const auto& c : cases) {
      const auto ips = fake.resolver.LookupIP(Bg(), c.network, c.host);
      ASSERT_EQ(ips.ok(), c.ok) << c.network << ' ' << c.host;
      if (!c.ok) continue;
      for (const IP& ip : *ips) {
        const bool is_v4 = !ip.To4().empty();
        EXPECT_NE(c.network, is_v4 ? std::string("ip6") : std::string("ip4"));
      }
    }
  });
}

TEST(LookupTest, TestLookupDotsWithLocalSource) {
  RunInGoroutine([] {
    Fake fake("127.0.0.1 localhost localhost.localdomain\n");
    EXPECT_EQ(*fake.resolver.LookupAddr(Bg(), "127.0.0.1"),
              (Strings{"localhost", "localhost.localdomain."}));
  });
}

// Calls for different families at the same time do not share an answer.
TEST(LookupTest, TestLookupIPAddrConcurrentCallsForNetworks) {
  RunInGoroutine([] {
    Fake fake("");
    fake.system->Set("a.example", {"192.0.2.1", "2001:db8::1"});
    fake.system->Block("a.example");
    sync::WaitGroup wg;
    for (const char* network : {"ip", "ip4", "ip6"}) {
      wg.Go([&fake, network] {
        const auto got = fake.resolver.LookupIPAddr(Bg(), network, "a.example");
        ASSERT_TRUE(got.ok()) << got.status();
        EXPECT_EQ(got->size(), std::string(network) == "ip" ? 2u : 1u);
      });
    }
    ASSERT_TRUE(Eventually([&] { return fake.system->inside() == 3; }));
    fake.system->Unblock("a.example");
    wg.Wait();
  });
}

// A cancelled lookup says so, and the next one is asked anew.
TEST(LookupTest, TestLookupContextCancel) {
  RunInGoroutine([] {
    Fake fake("");
    fake.system->Set("a.example", {"192.0.2.1"});
    fake.system->Block("a.example");
    const auto [ctx, cancel] = context::WithCancel(Bg());
    sync::WaitGroup wg;
    wg.Go([&, &ctx = ctx] {
      const absl::Status err =
          fake.resolver.LookupIPAddr(ctx, "a.example").status();
      EXPECT_TRUE(absl::IsCancelled(err)) << err;
    });
    ASSERT_TRUE(Eventually([&] { return fake.system->inside() == 1; }));
    cancel();
    wg.Wait();
    fake.system->Unblock("a.example");
    EXPECT_TRUE(fake.resolver.LookupIPAddr(Bg(), "a.example").ok());
  });
}

TEST(LookupTest, TestLookupHostCancel) {
  RunInGoroutine([] {
    Fake fake("");
    const auto [ctx, cancel] = context::WithCancel(Bg());
    cancel();
    for (int i = 0; i < 600; ++i) {
      EXPECT_EQ(Text(fake.resolver.LookupHost(ctx, "a.invalid").status()),
                "lookup a.invalid: operation was canceled");
    }
    EXPECT_EQ(fake.system->calls(), 0);
  });
}

TEST(LookupTest, TestDNSTimeout) {
  RunInGoroutine([] {
    Fake fake("");
    fake.system->Block("a.example");
    const auto [ctx, cancel] =
        context::WithTimeout(Bg(), absl::Milliseconds(1));
    for (int i = 0; i < 3; ++i) {
      const absl::Status err =
          fake.resolver.LookupHost(ctx, "a.example").status();
      EXPECT_TRUE(net::IsTimeout(err)) << err;
      EXPECT_TRUE(net::DNSErrorOf(err)->IsTimeout);
    }
    cancel();
    fake.system->Unblock("a.example");
  });
}

// The status code tells cancelled from late, as errors.Is does.
TEST(LookupTest, TestDNSErrorUnwrap) {
  RunInGoroutine([] {
    Fake fake("");
    fake.system->Block("a.example");
    const auto [late, cancel_late] =
        context::WithDeadline(Bg(), absl::UnixEpoch());
    EXPECT_TRUE(absl::IsDeadlineExceeded(
        fake.resolver.LookupHost(late, "a.example").status()));
    const auto [ctx, cancel] = context::WithCancel(Bg());
    cancel();
    EXPECT_TRUE(
        absl::IsCancelled(fake.resolver.LookupHost(ctx, "a.example").status()));
    fake.system->Unblock("a.example");
    EXPECT_TRUE(
        absl::IsNotFound(fake.resolver.LookupHost(Bg(), "a.example").status()));
    cancel_late();
  });
}

TEST(LookupTest, TestLookupNoSuchHost) {
  RunInGoroutine([] {
    Fake fake("");
    for (const auto& err :
         {fake.resolver.LookupHost(Bg(), "invalid.invalid.").status(),
          fake.resolver.LookupIP(Bg(), "ip", "invalid.invalid.").status(),
          fake.resolver.LookupCNAME(Bg(), "invalid.invalid.").status()}) {
      EXPECT_EQ(Text(err), "lookup invalid.invalid.: no such host");
      EXPECT_TRUE(net::DNSErrorOf(err)->IsNotFound);
      EXPECT_FALSE(net::IsTimeout(err) || net::IsTemporary(err));
    }
  });
}

// The name is there, an address of that family is not.
TEST(LookupTest, TestLookupNoData) {
  RunInGoroutine([] {
    Fake fake("");
    fake.system->Set("four.example", {"192.0.2.1"});
    const absl::Status err =
        fake.resolver.LookupIP(Bg(), "ip6", "four.example").status();
    EXPECT_EQ(Text(err), "lookup four.example: no such host");
    EXPECT_TRUE(net::DNSErrorOf(err)->IsNotFound);
  });
}

// ---- cgo_unix_test.go: the real C library, which knows localhost ----

class RealSystem : public net::SystemResolver {};

net::Resolver RealResolver() {
  // Without a hosts file of ours, names go to the C library; localhost is
  // known to it, and to us by another spelling only.
  return net::Resolver(net::ResolverOptions{
      .HostsPath = "/nonexistent", .System = std::make_shared<RealSystem>()});
}

void ExpectLocal(const context::Context& ctx) {
  RealSystem system;
  net::HostAnswer answer;
  const auto code = runtime::Blocking(
      [&] { return system.LookupHost("localhost", AF_UNSPEC, &answer); });
  ASSERT_EQ(code.eai, 0);
  ASSERT_FALSE(answer.addrs.empty());
  for (const net::IPAddr& addr : answer.addrs) {
    EXPECT_TRUE(addr.ip.IsLoopback()) << addr.String();
  }
  const auto ips = RealResolver().LookupIP(ctx, "ip4", "localhost");
  ASSERT_TRUE(ips.ok()) << ips.status();
  EXPECT_TRUE(ips->front().IsLoopback());
}

TEST(CgoTest, TestCgoLookupIP) {
  RunInGoroutine([] { ExpectLocal(Bg()); });
}

TEST(CgoTest, TestCgoLookupIPWithCancel) {
  RunInGoroutine([] {
    const auto [ctx, cancel] = context::WithCancel(Bg());
    ExpectLocal(ctx);
    cancel();
  });
}

TEST(CgoTest, TestCgoLookupPort) {
  EXPECT_EQ(*net::Resolver().LookupPort(Bg(), "tcp", "smtp"), 25);
}

TEST(CgoTest, TestCgoLookupPortWithCancel) {
  const auto [ctx, cancel] = context::WithCancel(Bg());
  EXPECT_EQ(*net::Resolver().LookupPort(ctx, "tcp", "smtp"), 25);
  cancel();
}

// A literal loopback address has a name wherever there is a hosts file.
void ExpectLoopbackName(const context::Context& ctx) {
  const auto names = RealResolver().LookupAddr(ctx, "127.0.0.1");
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_FALSE(names->front().empty());
}

TEST(CgoTest, TestCgoLookupPTR) {
  RunInGoroutine([] { ExpectLoopbackName(Bg()); });
}

TEST(CgoTest, TestCgoLookupPTRWithCancel) {
  RunInGoroutine([] {
    const auto [ctx, cancel] = context::WithCancel(Bg());
    ExpectLoopbackName(ctx);
    cancel();
  });
}

}  // namespace
