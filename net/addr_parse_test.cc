// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// From text to the parts of end points: splitting, ports.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "parkour/net/addr.h"
#include "parkour/net/dnserror.h"
#include "parkour/net/services.h"
#include "parkour/net/test_util.h"

namespace parkour::net {
namespace {

using Code = absl::StatusCode;

const std::string kNul("\0", 1);

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

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

TEST(ParsePort, ErrorsTell) {
  const std::optional<DNSError> e =
      DNSErrorOf(ParsePort("tcp", "foo").status());
  ASSERT_TRUE(e.has_value());
  EXPECT_TRUE(e->IsNotFound);
  EXPECT_EQ(e->Name, "tcp/foo");
  EXPECT_EQ(e->Err, "unknown port");
}

TEST(Services, File) {
  Services services;
  services.Add(
      "# comment\n"
      "tcpmux\t1/tcp\t# TCP port service multiplexer\n"
      "Echo 7/tcp\r\n"
      "echo 7/udp ECHO2 \n"
      "http 8080/tcp www\n"
      "none\n"
      "bad 0/tcp\nbad 65536/tcp\nbad -1/tcp\nbad x/tcp\nbad 9\nbad 9/\n"
      "last 65535/udp");
  EXPECT_EQ(services.Find("tcp", "tcpmux"), 1);
  EXPECT_EQ(services.Find("tcp", "ECHO"), 7);
  EXPECT_EQ(services.Find("udp", "echo2"), 7);
  EXPECT_EQ(services.Find("tcp", "echo2"), std::nullopt);
  EXPECT_EQ(services.Find("tcp", "http"), 80);  // the built-in one stays
  EXPECT_EQ(services.Find("tcp", "www"), 8080);
  EXPECT_EQ(services.Find("udp", "last"), 65535);
  EXPECT_EQ(services.Find("tcp", "bad"), std::nullopt);
  EXPECT_EQ(services.Find("tcp", "none"), std::nullopt);
  EXPECT_EQ(services.Find("tcp", ""), std::nullopt);
  EXPECT_EQ(Services().Find("tcp/http", ""), std::nullopt);
}

// Whatever the bytes: no crash, and nothing but ports comes out.
TEST(Services, RandomBytes) {
  constexpr char kAlphabet[] = "a1/ \t\n#tcpud06553\0-";
  testing::Sequence random;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (uint32_t i = random.Below(200); i > 0; --i) {
      text += kAlphabet[random.Below(sizeof(kAlphabet) - 1)];
    }
    Services services;
    services.Add(text);
    const std::optional<int> port = services.Find("tcp", "a");
    ASSERT_TRUE(!port.has_value() || (*port > 0 && *port < 65536));
  }
}

// "a:b" splits into what it was joined of, or is refused.
TEST(SplitHostPort, RandomBytes) {
  constexpr char kAlphabet[] = "[]:.%0123456789afx-+ \0";
  testing::Sequence random;
  for (int round = 0; round < 100000; ++round) {
    std::string in;
    for (uint32_t i = random.Below(12); i > 0; --i) {
      in += kAlphabet[random.Below(sizeof(kAlphabet) - 1)];
    }
    const absl::StatusOr<HostPort> split = SplitHostPort(in);
    if (!split.ok()) continue;
    const std::string joined = JoinHostPort(split->host, split->port);
    const absl::StatusOr<HostPort> again = SplitHostPort(joined);
    ASSERT_TRUE(again.ok()) << in;
    ASSERT_EQ(again->host, split->host);
    ASSERT_EQ(again->port, split->port);
    const absl::StatusOr<int> port = ParsePort("tcp", split->port);
    ASSERT_TRUE(!port.ok() || (*port >= 0 && *port <= 65535)) << in;
  }
}

}  // namespace
}  // namespace parkour::net
