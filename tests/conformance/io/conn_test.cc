// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// The functions of io and bufio take a net::Conn, which derives from nothing,
// as it is; and what keeps a Conn keeps the connection open.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "parkour/bufio/bufio.h"
#include "parkour/parkour.h"
#include "parkour/runtime/test_util.h"

using namespace parkour;

namespace {

// A connected pair.
struct Pair {
  net::Conn client, server;
};

Pair Connect() {
  auto ln = net::Listen("tcp", "127.0.0.1:0");
  EXPECT_TRUE(ln.ok()) << ln.status();
  auto client = net::Dial("tcp", ln->Addr().String());
  EXPECT_TRUE(client.ok()) << client.status();
  auto server = ln->Accept();
  EXPECT_TRUE(server.ok()) << server.status();
  return {*client, *server};
}

TEST(Conn, CopyAndReadAll) {
  runtime::testing::RunInGoroutine([] {
    const Pair pair = Connect();
    sync::WaitGroup wg;
    wg.Go([c = pair.server] {
      const io::Result r = io::Copy(c, c);
      EXPECT_TRUE(r.ok()) << r.err;
      EXPECT_EQ(r.n, 4u);
      EXPECT_TRUE(c.Close().ok());
    });
    EXPECT_TRUE(io::WriteString(pair.client, "ping").ok());
    EXPECT_TRUE(pair.client.CloseWrite().ok());
    const absl::StatusOr<std::string> all = io::ReadAll(pair.client);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_EQ(*all, "ping");
    wg.Wait();
  });
}

TEST(Conn, BufferedLines) {
  runtime::testing::RunInGoroutine([] {
    std::optional<Pair> pair = Connect();
    bufio::ReadWriter rw{bufio::Reader(pair->client),
                         bufio::Writer(pair->client)};
    bufio::Scanner lines(pair->server);
    bufio::Writer out(pair->server);
    pair.reset();  // they have handles of their own
    EXPECT_TRUE(rw.WriteString("one\r\ntwo\n").ok());
    EXPECT_TRUE(rw.Flush().ok());
    for (const char* want : {"one", "two"}) {
      ASSERT_TRUE(lines.Scan()) << lines.Err();
      EXPECT_EQ(lines.Text(), want);
    }
    EXPECT_TRUE(out.WriteString("three\n").ok());
    EXPECT_TRUE(out.Flush().ok());
    const auto [line, err] = rw.ReadString('\n');
    EXPECT_TRUE(err.ok()) << err;
    EXPECT_EQ(line, "three\n");
  });
}

// A Reader's end of life is the connection's, if nobody else has it.
TEST(Conn, KeptConnectionCloses) {
  runtime::testing::RunInGoroutine([] {
    Pair pair = Connect();
    std::optional<bufio::Reader> kept(std::in_place, pair.server);
    pair.server = net::Conn();
    kept.reset();
    char buf[1];
    EXPECT_EQ(pair.client.Read(buf).err, io::EOF());
  });
}

// An error keeps what net says of it.
TEST(Conn, ErrorsPassThrough) {
  runtime::testing::RunInGoroutine([] {
    const Pair pair = Connect();
    EXPECT_TRUE(pair.client.Close().ok());
    bufio::Reader r(pair.client);
    EXPECT_TRUE(net::IsClosed(r.ReadByte().status()));
    EXPECT_TRUE(net::IsClosed(io::ReadAll(pair.client).status()));
    bufio::Writer w(pair.client);
    EXPECT_TRUE(w.WriteByte('x').ok());
    EXPECT_TRUE(net::IsClosed(w.Flush()));
  });
}

}  // namespace
