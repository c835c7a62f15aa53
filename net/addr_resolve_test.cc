// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// From text to end points: splitting, ports, ResolveTCPAddrs.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parkour/base/error.h"
#include "parkour/net/addr.h"
#include "parkour/net/resolve.h"

namespace parkour::net {
namespace {

using Code = absl::StatusCode;
using Strings = std::vector<std::string>;

const std::string kNul("\0", 1);

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

// The printed addresses, or the error's text alone.
Strings Resolve(std::string_view network, std::string_view address) {
  const absl::StatusOr<std::vector<TCPAddr>> addrs =
      ResolveTCPAddrs(network, address);
  if (!addrs.ok()) return {Text(addrs.status())};
  Strings out;
  for (const TCPAddr& addr : *addrs) out.push_back(addr.String());
  return out;
}

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

TEST(SplitHostPort, Good) {
  const struct {
    std::string in, host, port;
  } kCases[] = {
      {"localhost:http", "localhost", "http"},
      {"127.0.0.1:80", "127.0.0.1", "80"},
      {"[::1]:80", "::1", "80"},
      {"[fe80::1%eth0]:80", "fe80::1%eth0", "80"},
      {"[::1]:", "::1", ""},
      {"[]:80", "", "80"},
      {"[host]:80", "host", "80"},
      {"host%zone:80", "host%zone", "80"},
      {":80", "", "80"},
      {"golang.org:", "golang.org", ""},
      {":", "", ""},
      {":99999", "", "99999"},
      {"a b:c d", "a b", "c d"},
      {kNul + ":" + kNul, kNul, kNul},
      {std::string(1 << 20, 'h') + ":1", std::string(1 << 20, 'h'), "1"},
  };
  for (const auto& c : kCases) {
    const absl::StatusOr<HostPort> split = SplitHostPort(c.in);
    ASSERT_TRUE(split.ok()) << split.status();
    const auto& [host, port] = *split;
    EXPECT_EQ(host, c.host);
    EXPECT_EQ(port, c.port);
    // What was split comes together again, but for needless brackets.
    const auto again = SplitHostPort(JoinHostPort(host, port));
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->host, host);
    EXPECT_EQ(again->port, port);
  }
}

TEST(SplitHostPort, Bad) {
  const struct {
    std::string in;
    const char* why;
  } kCases[] = {
      {"127.0.0.1", "missing port in address"},
      {"golang.org", "missing port in address"},
      {"[::1]", "missing port in address"},
      {"[::1]x:80", "missing port in address"},
      {"[::1]80", "missing port in address"},
      {"[::1]]:80", "missing port in address"},
      {"[]", "missing port in address"},
      {"[", "missing port in address"},
      {"]", "missing port in address"},
      {"::1", "too many colons in address"},
      {"::", "too many colons in address"},
      {"::1:80", "too many colons in address"},
      {"1:2:3", "too many colons in address"},
      {"[::1]:8:80", "too many colons in address"},
      {"[a]::", "too many colons in address"},
      {"x[::1]:80", "too many colons in address"},
      {"::1]:80", "too many colons in address"},
      {"[::1", "missing ']' in address"},
      {"[::1:80", "missing ']' in address"},
      {"[:", "missing ']' in address"},
      {"[[::1]:80", "unexpected '[' in address"},
      {"[::1]:[80", "unexpected '[' in address"},
      {"a[b:80", "unexpected '[' in address"},
      {"host:[80]", "unexpected '[' in address"},
      {"a]b:80", "unexpected ']' in address"},
      {"[::1]:80]", "unexpected ']' in address"},
      {"host:80]", "unexpected ']' in address"},
      {"1" + kNul + "2", "missing port in address"},
      {std::string(1 << 20, ':'), "too many colons in address"},
      {std::string(1 << 20, '[') + ":", "missing ']' in address"},
  };
  for (const auto& c : kCases) {
    const absl::StatusOr<HostPort> split = SplitHostPort(c.in);
    ASSERT_FALSE(split.ok()) << c.in;
    EXPECT_EQ(Text(split.status()), "address " + c.in + ": " + c.why);
    EXPECT_EQ(split.status().code(), Code::kInvalidArgument);
  }
  EXPECT_EQ(Text(SplitHostPort("").status()), "missing port in address");
}

TEST(JoinHostPort, Brackets) {
  EXPECT_EQ(JoinHostPort("127.0.0.1", "80"), "127.0.0.1:80");
  EXPECT_EQ(JoinHostPort("::1", "80"), "[::1]:80");
  EXPECT_EQ(JoinHostPort("fe80::1%eth0", "http"), "[fe80::1%eth0]:http");
  EXPECT_EQ(JoinHostPort("host%zone", "80"), "host%zone:80");
  EXPECT_EQ(JoinHostPort("", "80"), ":80");
  EXPECT_EQ(JoinHostPort("", ""), ":");
}

TEST(ParsePort, Good) {
  const struct {
    const char *network, *service;
    int port;
  } kCases[] = {
      {"tcp", "", 0},          {"tcp", "0", 0},        {"tcp", "80", 80},
      {"tcp", "65535", 65535}, {"tcp", "+80", 80},     {"tcp", "-0", 0},
      {"tcp", "+", 0},         {"tcp", "-", 0},        {"tcp", "000080", 80},
      {"tcp", "http", 80},     {"tcp4", "https", 443}, {"tcp6", "ssh", 22},
      {"tcp", "HTTP", 80},     {"tcp", "Telnet", 23},  {"tcp", "smtp", 25},
      {"tcp", "domain", 53},   {"udp", "domain", 53},  {"udp6", "DOMAIN", 53},
      {"", "http", 80},        {"ip", "http", 80},     {"nonsense", "80", 80},
      {"tcp", "imaps", 993},   {"tcp", "ftp", 21},
  };
  for (const auto& c : kCases) {
    const absl::StatusOr<int> port = ParsePort(c.network, c.service);
    ASSERT_TRUE(port.ok()) << port.status();
    EXPECT_EQ(*port, c.port) << c.service;
  }
}

TEST(ParsePort, Bad) {
  const std::string long_number(1 << 20, '9');
  const struct {
    std::string network, service, text;
    Code code;
  } kCases[] = {
      {"tcp", "99999", "address 99999: invalid port", Code::kInvalidArgument},
      {"tcp", "65536", "address 65536: invalid port", Code::kInvalidArgument},
      {"tcp", "-1", "address -1: invalid port", Code::kInvalidArgument},
      {"tcp", "4294967376", "address 4294967376: invalid port",
       Code::kInvalidArgument},
      {"tcp", "18446744073709551696",
       "address 18446744073709551696: invalid port", Code::kInvalidArgument},
      {"tcp", "-99999999999999999999",
       "address -99999999999999999999: invalid port", Code::kInvalidArgument},
      {"tcp", long_number, "address " + long_number + ": invalid port",
       Code::kInvalidArgument},
      {"tcp", "foo", "lookup tcp/foo: unknown port", Code::kNotFound},
      {"tcp4", "foo", "lookup tcp/foo: unknown port", Code::kNotFound},
      {"udp6", "foo", "lookup udp/foo: unknown port", Code::kNotFound},
      {"", "foo", "lookup ip/foo: unknown port", Code::kNotFound},
      {"udp", "http", "lookup udp/http: unknown port", Code::kNotFound},
      {"tcp", "80x", "lookup tcp/80x: unknown port", Code::kNotFound},
      {"tcp", "99999x", "lookup tcp/99999x: unknown port", Code::kNotFound},
      {"tcp", " 80", "lookup tcp/ 80: unknown port", Code::kNotFound},
      {"tcp", "--80", "lookup tcp/--80: unknown port", Code::kNotFound},
      {"tcp", "0x50", "lookup tcp/0x50: unknown port", Code::kNotFound},
      {"tcp", "http" + kNul, "lookup tcp/http" + kNul + ": unknown port",
       Code::kNotFound},
      {"sctp", "http", "address sctp: unknown network", Code::kInvalidArgument},
  };
  for (const auto& c : kCases) {
    const absl::StatusOr<int> port = ParsePort(c.network, c.service);
    ASSERT_FALSE(port.ok()) << c.service;
    EXPECT_EQ(Text(port.status()), c.text);
    EXPECT_EQ(port.status().code(), c.code) << c.text;
  }
}

TEST(ResolveTCPAddrs, Good) {
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
      {"tcp", "localhost:80", {"127.0.0.1:80", "[::1]:80"}},
      {"tcp4", "localhost:80", {"127.0.0.1:80"}},
      {"tcp6", "localhost:80", {"[::1]:80"}},
      {"tcp", "LocalHost.:80", {"127.0.0.1:80", "[::1]:80"}},
      {"tcp4", "[::ffff:1.2.3.4]:80", {"1.2.3.4:80"}},
      {"tcp4", "127.0.0.1:80", {"127.0.0.1:80"}},
      {"tcp6", "[::1]:80", {"[::1]:80"}},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Resolve(c.network, c.address), c.want) << c.address;
    const auto addrs = ResolveTCPAddrs(c.network, c.address);
    ASSERT_TRUE(addrs.ok()) << addrs.status();
  }
  const auto any = ResolveTCPAddrs("tcp", ":80");
  EXPECT_TRUE(any->front().ip.empty());
  const auto zone = ResolveTCPAddrs("tcp", "[fe80::1%lo]:80");
  EXPECT_EQ(zone->front().zone, "lo");
}

TEST(ResolveTCPAddrs, Bad) {
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
      {"udp", "127.0.0.1:80", "unknown network udp", Code::kInvalidArgument},
      {"TCP", "127.0.0.1:80", "unknown network TCP", Code::kInvalidArgument},
      {"", "127.0.0.1:80", "unknown network ", Code::kInvalidArgument},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Resolve(c.network, c.address), Strings{c.text});
    EXPECT_EQ(ResolveTCPAddrs(c.network, c.address).status().code(), c.code)
        << c.text;
  }
  const std::string long_name(1 << 20, 'x');
  EXPECT_EQ(Resolve("tcp", long_name + ":80"),
            Strings{"lookup " + long_name + ": no such host"});
}

TEST(ResolveTCPAddrs, ErrorsInsideOpError) {
  const auto addrs = ResolveTCPAddrs("tcp", ":99999");
  const absl::Status listen =
      base::MakeOpError("listen", "tcp", "", "", addrs.status());
  EXPECT_EQ(Text(listen), "listen tcp: address 99999: invalid port");
  EXPECT_EQ(listen.code(), Code::kInvalidArgument);
  EXPECT_FALSE(base::IsTimeout(listen) || base::IsTemporary(listen));
}

// Whatever the bytes, a result prints and resolves to itself.
TEST(ResolveTCPAddrs, RandomBytes) {
  constexpr char kAlphabet[] = "[]:.%0123456789afx-+ \0";
  Sequence random;
  for (int round = 0; round < 200000; ++round) {
    std::string in = random.Below(2) == 0 ? "[::1%a]:80" : "127.0.0.1:80";
    for (uint32_t i = random.Below(4); i < 4; ++i) {
      in[random.Below(static_cast<uint32_t>(in.size()))] =
          kAlphabet[random.Below(sizeof(kAlphabet) - 1)];
    }
    const auto addrs = ResolveTCPAddrs("tcp", in);
    if (!addrs.ok()) continue;
    ASSERT_FALSE(addrs->empty());
    const auto again = ResolveTCPAddrs("tcp", addrs->front().String());
    ASSERT_TRUE(again.ok()) << in;
    ASSERT_EQ(again->front(), addrs->front()) << in;
  }
}

}  // namespace
}  // namespace parkour::net
