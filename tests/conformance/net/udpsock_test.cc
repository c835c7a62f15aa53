// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/udpsock_test.go, by meaning. (Addresses: addr tests.)

#include "absl/strings/str_cat.h"
#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class UDPTest : public LocalTest {};

constexpr absl::Duration kSoon = absl::Seconds(60);

GO_TEST(UDPTest, TestWriteToUDP) {
  const net::UDPConn peer = LocalUDP();
  const net::Addr to = peer.LocalAddr();
  {  // Connected: Write, and WriteMsg without an address.
    const auto c = net::DialUDP("udp4", {}, to);
    ASSERT_TRUE(c.ok()) << c.status();
    for (const absl::Status& err :
         {c->WriteTo("x", to).err, c->WriteMsg("x", {}, to).err}) {
      EXPECT_EQ(Text(err), absl::StrCat("write udp4 ", c->LocalAddr().String(),
                                        "->", to.String(),
                                        ": use of WriteTo with pre-connected "
                                        "connection"));
      EXPECT_EQ(err.code(), absl::StatusCode::kFailedPrecondition);
    }
    EXPECT_FALSE(c->WriteTo("x", {}).ok());
    EXPECT_TRUE(c->Write("x").ok());
    EXPECT_TRUE(c->WriteMsg("x", {}, {}).ok());
  }
  {  // Not connected: WriteTo and WriteMsg with one.
    const net::UDPConn c = LocalUDP();
    EXPECT_TRUE(c.WriteTo("x", to).ok());
    EXPECT_TRUE(c.WriteMsg("x", {}, to).ok());
    const std::string prefix = "write udp4 " + c.LocalAddr().String() + ": ";
    EXPECT_EQ(Text(c.WriteTo("x", {}).err), prefix + "missing address");
    EXPECT_EQ(Text(c.WriteMsg("x", {}, {}).err), prefix + "missing address");
    EXPECT_EQ(Text(c.Write("x").err),
              prefix + "write: destination address required");
    // Another network's address, and one of another family.
    EXPECT_EQ(base::ErrnoOf(c.WriteTo("x", net::TCPAddr{.port = 1}).err),
              EINVAL);
    EXPECT_EQ(
        Text(c.WriteTo("x", net::UDPAddr{.ip = net::ParseIP("::1"), .port = 1})
                 .err),
        "write udp4 " + c.LocalAddr().String() +
            "->[::1]:1: address ::1: non-IPv4 address");
  }
}

GO_TEST(UDPTest, TestUDPConnLocalAndRemoteNames) {
  const net::UDPConn listening = LocalUDP();
  EXPECT_TRUE(listening.RemoteAddr().IsNil());
  EXPECT_NE(listening.LocalAddr().udp()->port, 0);
  for (const net::Addr& laddr :
       {net::Addr(), net::Addr(net::UDPAddr{.ip = net::IPv4(127, 0, 0, 1)})}) {
    const auto c = net::DialUDP("udp", laddr, listening.LocalAddr());
    ASSERT_TRUE(c.ok()) << c.status();
    EXPECT_EQ(c->RemoteAddr(), listening.LocalAddr());
    ASSERT_NE(c->LocalAddr().udp(), nullptr);
    EXPECT_NE(c->LocalAddr().udp()->port, 0);
  }
}

GO_TEST(UDPTest, TestUDPZeroBytePayload) {
  const net::UDPConn c = LocalUDP();
  const auto connected = net::DialUDP("udp4", {}, c.LocalAddr());
  ASSERT_TRUE(connected.ok());
  char buf[1];
  for (const bool generic : {false, true}) {
    EXPECT_TRUE(c.WriteTo("", c.LocalAddr()).ok());
    EXPECT_TRUE(c.SetReadDeadline(absl::Now() + kSoon).ok());
    if (generic) {
      const io::Result r = c.Read(buf);
      EXPECT_EQ(r.n, 0u);
      EXPECT_TRUE(r.ok()) << r.err;
    } else {
      const net::ReadFromResult r = c.ReadFrom(buf);
      EXPECT_EQ(r.n, 0u);
      EXPECT_TRUE(r.ok()) << r.err;
      EXPECT_EQ(r.addr, c.LocalAddr());
    }
  }
  const io::Result empty = connected->Write("");
  EXPECT_TRUE(empty.ok()) << empty.err;
  const net::ReadFromResult r = c.ReadFrom(buf);
  EXPECT_EQ(r.n, 0u);
  EXPECT_EQ(r.addr, connected->LocalAddr());
}

GO_TEST(UDPTest, TestUDPZeroByteBuffer) {
  const net::UDPConn c = LocalUDP();
  EXPECT_TRUE(c.SetReadDeadline(absl::Now() + kSoon).ok());
  EXPECT_TRUE(c.WriteTo("UDP ZERO BYTE BUFFER", c.LocalAddr()).ok());
  EXPECT_EQ(c.Read({}).n, 0u);  // without asking the kernel
  const net::ReadFromResult r = c.ReadFrom({});
  EXPECT_EQ(r.n, 0u);
  EXPECT_TRUE(r.ok()) << r.err;
  EXPECT_EQ(r.addr, c.LocalAddr());
  EXPECT_TRUE(c.SetReadDeadline(Past()).ok());  // and it is gone
  EXPECT_TRUE(net::IsTimeout(c.ReadFrom({}).err));
}

GO_TEST(UDPTest, TestUDPReadSizeError) {
  const net::UDPConn c = LocalUDP();
  const auto to = net::DialUDP("udp4", {}, c.LocalAddr());
  ASSERT_TRUE(to.ok());
  for (const bool with_flags : {false, true}) {
    EXPECT_EQ(to->Write("READ SIZE ERROR").n, 15u);
    char buf[4];
    if (with_flags) {
      const net::ReadMsgResult r = c.ReadMsg(buf);
      EXPECT_TRUE(r.ok()) << r.err;
      EXPECT_EQ(r.n, 4u);
      EXPECT_TRUE(r.flags & MSG_TRUNC);
    } else {
      const net::ReadFromResult r = c.ReadFrom(buf);
      EXPECT_TRUE(r.ok()) << r.err;
      EXPECT_EQ(std::string(buf, r.n), "READ");
    }
  }
}

GO_TEST(UDPTest, TestUDPReadTimeout) {
  const net::UDPConn c = LocalUDP();
  EXPECT_TRUE(c.SetDeadline(absl::Now()).ok());
  char buf[1];
  const net::ReadFromResult r = c.ReadFrom(buf);
  EXPECT_TRUE(net::IsTimeout(r.err)) << r.err;
  EXPECT_EQ(r.n, 0u);
  EXPECT_TRUE(r.addr.IsNil());
  EXPECT_EQ(Text(r.err),
            "read udp4 " + c.LocalAddr().String() + ": i/o timeout");
  const net::ReadMsgResult m = c.ReadMsg(buf);
  EXPECT_TRUE(net::IsTimeout(m.err)) << m.err;
  EXPECT_EQ(m.oobn, 0u);
  EXPECT_EQ(m.flags, 0);
}

GO_TEST(UDPTest, TestUDPIPVersionReadMsg) {
  const net::UDPConn c = LocalUDP("udp4");
  const net::Addr to = c.LocalAddr();
  EXPECT_TRUE(c.WriteTo("hello", to).ok());
  char buf[8];
  const net::ReadMsgResult r = c.ReadMsg(buf);
  ASSERT_TRUE(r.ok()) << r.err;
  EXPECT_EQ(r.addr.udp()->ip.bytes().size(), 4u);
}

// An IPv6 socket that takes both families reaches IPv4 in each of its forms.
GO_TEST(UDPTest, TestIPv6WriteMsgUDPAddrPortTargetAddrIPVersion) {
  const auto c = net::ListenUDP("udp", net::UDPAddr{});
  ASSERT_TRUE(c.ok()) << c.status();
  const net::UDPConn v4 = LocalUDP("udp4");
  const net::UDPConn v6 = LocalUDP("udp6");
  char buf[16];
  for (const net::UDPAddr& to :
       {net::UDPAddr{.ip = net::IPv4(127, 0, 0, 1).To4(),
       .port = v4.LocalAddr().udp()->port},
        net::UDPAddr{.ip = net::IPv4(127, 0, 0, 1).To16(),
        .port = v4.LocalAddr().udp()->port}}) {
    EXPECT_TRUE(c->WriteMsg("four", {}, to).ok());
    EXPECT_EQ(v4.ReadFrom(buf).n, 4u);
  }
  const net::WriteMsgResult sent = c->WriteMsg("six", {}, v6.LocalAddr());
  EXPECT_TRUE(sent.ok()) << sent.err;
  EXPECT_EQ(v6.ReadFrom(buf).n, 3u);
}

}  // namespace
}  // namespace parkour::tests
