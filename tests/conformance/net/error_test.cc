// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/error_test.go (CloseRead to FileError), error_posix_test.go, by
// meaning. Dialling and listening: dial and listen tests.

#include <fcntl.h>

#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class ErrorTest : public LocalTest {};

GO_TEST(ErrorTest, TestCloseError) {
  const LocalPair p = Connect("tcp");
  for (int i = 0; i < 3; ++i) {
    const absl::Status err = p.client.CloseRead();
    if (i > 0 && !err.ok()) {
      EXPECT_EQ(base::ErrnoOf(err), ENOTCONN) << err;
    }
  }
  for (int i = 0; i < 3; ++i) {
    const absl::Status err = p.client.CloseWrite();
    if (!err.ok()) {
      EXPECT_EQ(net::OpErrorOf(err)->op, "close") << err;
    }
  }
  for (int i = 0; i < 3; ++i) {
    const absl::Status err = p.client.Close();
    EXPECT_EQ(err.ok(), i == 0);
    if (i > 0) {
      EXPECT_TRUE(net::IsClosed(err)) << err;
      EXPECT_EQ(Text(err), "close tcp " + p.client.LocalAddr().String() + "->" +
                               p.client.RemoteAddr().String() +
                               ": use of closed network connection");
    }
  }
  const net::UDPConn packets = LocalUDP();
  for (int i = 0; i < 3; ++i) {
    const absl::Status err = packets.Close();
    EXPECT_EQ(err.ok(), i == 0);
    if (i > 0) {
      EXPECT_TRUE(net::IsClosed(err)) << err;
    }
  }
}

GO_TEST(ErrorTest, TestAcceptError) {
  const net::Listener ln = LocalListener("tcp");
  sync::WaitGroup wg;
  wg.Go([&] {
    for (;;) {
      ln.SetDeadline(absl::Now() + absl::Milliseconds(2)).IgnoreError();
      const absl::StatusOr<net::Conn> c = ln.Accept();
      ASSERT_FALSE(c.ok());
      const auto error = net::OpErrorOf(c.status());
      ASSERT_TRUE(error.has_value());
      EXPECT_EQ(error->op, "accept");
      EXPECT_EQ(error->net, "tcp");
      EXPECT_EQ(error->addr, ln.Addr().String());
      if (error->closed) return;
      EXPECT_TRUE(error->timeout) << c.status();
    }
  });
  time::Sleep(absl::Milliseconds(20));
  EXPECT_TRUE(ln.Close().ok());
  wg.Wait();
}

GO_TEST(ErrorTest, TestFileError) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  const net::File file(null, "/dev/null");
  const std::string text =
      "file file+net /dev/null: getsockopt: socket operation on non-socket";
  EXPECT_EQ(Text(net::FileConn(file).status()), text);
  EXPECT_EQ(Text(net::FileListener(file).status()), text);
  EXPECT_EQ(Text(net::FilePacketConn(file).status()), text);

  const net::Listener ln = LocalListener("tcp");
  for (int i = 0; i < 3; ++i) {
    const auto f = ln.As<net::TCPListener>().File();
    if (i == 0) {
      EXPECT_TRUE(f.ok()) << f.status();
    } else {
      EXPECT_TRUE(net::IsClosed(f.status())) << f.status();
    }
    ln.Close().IgnoreError();
  }
}

// Which errors of a dial are worth another try, and that is all: the address is
// not available, which the kernel says when it is out of ports.
GO_TEST(ErrorTest, TestSpuriousENOTAVAIL) {
  const absl::Status no = base::MakeOpError(
      "dial", "tcp", "", "a", base::ErrnoStatus(EADDRNOTAVAIL, "connect"));
  EXPECT_EQ(base::ErrnoOf(no), EADDRNOTAVAIL);
  EXPECT_EQ(base::ErrnoOf(base::ErrnoStatus(EADDRNOTAVAIL)), EADDRNOTAVAIL);
  EXPECT_EQ(base::ErrnoOf(absl::UnavailableError("x")), 0);
  EXPECT_EQ(base::ErrnoOf(base::ErrNetClosing()), 0);
}

}  // namespace
}  // namespace parkour::tests
