// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/timeout_test.go, by meaning: datagrams, and what of streams is
// not asked by net/timeout_test.cc.

#include "parkour/base/clock.h"
#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class UDPTimeoutTest : public LocalTest {};

GO_TEST(UDPTimeoutTest, TestReadFromTimeout) {
  const net::UDPConn c = LocalUDP();
  char buf[1];
  for (const absl::Duration d :
       {absl::Seconds(-5), absl::ZeroDuration(), absl::Milliseconds(20)}) {
    EXPECT_TRUE(c.SetReadDeadline(absl::Now() + d).ok());
    for (int i = 0; i < 2; ++i) {
      const net::ReadFromResult r = c.ReadFrom(buf);
      EXPECT_TRUE(net::IsTimeout(r.err)) << r.err;
      EXPECT_EQ(r.n, 0u);
    }
  }
  // Also when there is something to read.
  EXPECT_TRUE(c.WriteTo("x", c.LocalAddr()).ok());
  EXPECT_TRUE(net::IsTimeout(c.ReadFrom(buf).err));
  EXPECT_TRUE(c.SetReadDeadline(Never()).ok());
  EXPECT_EQ(c.ReadFrom(buf).n, 1u);
}

GO_TEST(UDPTimeoutTest, TestReadFromTimeoutFluctuation) {
  const net::UDPConn c = LocalUDP();
  char buf[1];
  for (int ms = 1; ms <= 32; ms *= 2) {
    const int64_t start = base::nanotime();
    EXPECT_TRUE(c.SetReadDeadline(absl::Now() + absl::Milliseconds(ms)).ok());
    EXPECT_TRUE(net::IsTimeout(c.ReadFrom(buf).err));
    // Never early, but for the two clocks' difference.
    EXPECT_GE(base::nanotime() - start, ms * 1000000 - 500000);
  }
}

GO_TEST(UDPTimeoutTest, TestWriteToTimeout) {
  const net::UDPConn c = LocalUDP();
  for (const absl::Duration d : {absl::Seconds(-5), absl::Nanoseconds(-1)}) {
    EXPECT_TRUE(c.SetWriteDeadline(absl::Now() + d).ok());
    for (int i = 0; i < 2; ++i) {
      const io::Result r = c.WriteTo("WRITETO TIMEOUT", c.LocalAddr());
      EXPECT_TRUE(net::IsTimeout(r.err)) << r.err;
      EXPECT_EQ(r.n, 0u);
    }
  }
}

GO_TEST(UDPTimeoutTest, TestWriteTimeoutFluctuation) {
  const LocalPair p = Connect("tcp");
  const std::string chunk(1 << 20, 'x');
  for (int ms = 1; ms <= 32; ms *= 2) {
    const int64_t start = base::nanotime();
    EXPECT_TRUE(
        p.client.SetWriteDeadline(absl::Now() + absl::Milliseconds(ms)).ok());
    absl::Status err;
    for (int i = 0; i < 1000 && err.ok(); ++i) err = p.client.Write(chunk).err;
    EXPECT_TRUE(net::IsTimeout(err)) << err;
    EXPECT_GE(base::nanotime() - start, ms * 1000000 - 500000);
  }
}

}  // namespace
}  // namespace parkour::tests
