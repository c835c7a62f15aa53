// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/unixsock_linux_test.go, unixsock_readmsg_test.go, by meaning.

#include <fcntl.h>

#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class UnixTest : public LocalTest {};

GO_TEST(UnixTest, TestUnixgramAutobind) {
  const auto c1 =
      net::ListenUnixgram("unixgram", net::UnixAddr{"", "unixgram"});
  ASSERT_TRUE(c1.ok()) << c1.status();
  // An abstract name of the kernel's choice: "@00001".
  const std::string name = c1->LocalAddr().unix_addr()->name;
  ASSERT_EQ(name.size(), 6u) << name;
  EXPECT_EQ(name[0], '@');
  const auto c2 = net::DialUnix("unixgram", {}, c1->LocalAddr());
  ASSERT_TRUE(c2.ok()) << c2.status();
  EXPECT_EQ(c1->LocalAddr(), c2->RemoteAddr());
}

GO_TEST(UnixTest, TestUnixAutobindClose) {
  const auto ln = net::ListenUnix("unix", net::UnixAddr{"", "unix"});
  ASSERT_TRUE(ln.ok()) << ln.status();
  EXPECT_TRUE(ln->Close().ok());
}

GO_TEST(UnixTest, TestUnixgramLinuxAbstractLongName) {
  const net::UnixAddr addr{"@" + std::string(107, 'x'), "unixgram"};
  const auto c = net::ListenUnixgram("unixgram", addr);
  ASSERT_TRUE(c.ok()) << c.status();
  EXPECT_EQ(*c->LocalAddr().unix_addr(), addr);
  const auto peer =
      net::DialUnix("unixgram", net::UnixAddr{"", "unixgram"}, addr);
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_TRUE(peer->Write("abstract").ok());
  char buf[16];
  const net::ReadFromResult r = c->ReadFrom(buf);
  EXPECT_EQ(std::string(buf, r.n), "abstract");
  EXPECT_TRUE(r.addr.IsNil());  // the sender has no name
}

GO_TEST(UnixTest, TestUnixConnReadMsgUnixSCMRightsCloseOnExec) {
  const LocalPair p = Connect("unix");
  const net::UnixConn a = p.client.As<net::UnixConn>();
  const net::UnixConn b = p.server.As<net::UnixConn>();
  ASSERT_TRUE(a && b);
  int pipe_fds[2];
  ASSERT_EQ(pipe(pipe_fds), 0);
  const std::string rights = net::UnixRights(pipe_fds);
  const net::WriteMsgResult sent = a.WriteMsg({}, rights, {});
  ASSERT_TRUE(sent.ok()) << sent.err;
  EXPECT_EQ(sent.n, 0u);
  EXPECT_EQ(sent.oobn, rights.size());
  char buf[10], oob[64];
  const net::ReadMsgResult got = b.ReadMsg(buf, oob);
  ASSERT_TRUE(got.ok()) << got.err;
  EXPECT_EQ(got.flags & MSG_CTRUNC, 0);
  const auto fds = net::ParseUnixRights({oob, got.oobn});
  ASSERT_TRUE(fds.ok()) << fds.status();
  ASSERT_EQ(fds->size(), 2u);
  // They are the pipe's, and close-on-exec.
  ASSERT_EQ(write((*fds)[1], "through", 7), 7);
  EXPECT_EQ(read(pipe_fds[0], buf, sizeof(buf)), 7);
  for (const int fd : *fds) {
    EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
  }
  close(pipe_fds[0]);
  close(pipe_fds[1]);
}

}  // namespace
}  // namespace parkour::tests
