// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A plain thread's connection may be the first that the runtime hears of. One
// test only: a process has one first call.

#include <gtest/gtest.h>

#include "parkour/net/net.h"

namespace parkour::tests {
namespace {

TEST(FirstCall, IsADial) {
  const absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  ASSERT_TRUE(ln.ok()) << ln.status();
  const absl::StatusOr<net::Conn> client =
      net::Dial("tcp", ln->Addr().String());
  ASSERT_TRUE(client.ok()) << client.status();
  const absl::StatusOr<net::Conn> server = ln->Accept();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(client->Write("first").ok());
  EXPECT_TRUE(client->Close().ok());
  EXPECT_EQ(io::ReadAll(*server).value_or("an error"), "first");
}

}  // namespace
}  // namespace parkour::tests
