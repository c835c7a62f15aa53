// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/io.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "parkour/io/pipe.h"
#include "parkour/io/test_util.h"
#include "parkour/runtime/go.h"
#include "parkour/tests/headers/conns.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::StringReader;
using tests::CloseAndReceive;
using tests::Connect;
using tests::ConnectAndSend;
using tests::Conns;

namespace {

// ---- io/any.h ----

class LineCounter {
 public:
  explicit LineCounter(io::AnyReader r) : r_(std::move(r)) {}

  auto Count() {
    const std::string text = io::ReadAll(r_).value_or("");
    return std::count(text.begin(), text.end(), '\n');
  }

 private:
  io::AnyReader r_;
};

TEST(Io, Any) {
  net::Conn conn = ConnectAndSend("one\ntwo\nthree\nfour\n").conn;
  StringReader my_reader("five\n");

  LineCounter a(conn);
  LineCounter b(io::LimitReader(conn, 9));
  LineCounter c(my_reader);

  conn = net::Conn();
  EXPECT_EQ(b.Count(), 2);  // of "one\ntwo\nt"
  EXPECT_EQ(a.Count(), 2);  // of the rest
  EXPECT_EQ(c.Count(), 1);
  EXPECT_EQ(my_reader.Left(), 0u);
}

// ---- io/copy.h ----

TEST(Io, Copy) {
  const Conns conns = ConnectAndSend("echo");
  const net::Conn conn = conns.conn;
  auto [n, err] = io::Copy(conn, conn);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(n, 4u);
  EXPECT_EQ(CloseAndReceive(conns), "echo");
}

TEST(Io, ReadAll) {
  const net::Conn conn = ConnectAndSend("a body and more").conn;
  const int64_t max = 6;
  absl::StatusOr<std::string> body = io::ReadAll(io::LimitReader(conn, max));
  EXPECT_EQ(body.value_or("an error"), "a body");
}

absl::Status ReadHeader(const net::Conn& conn) {
  char header[8];
  if (auto r = io::ReadFull(conn, header); !r.ok()) return r.err;
  EXPECT_EQ(std::string_view(header, sizeof(header)), "12345678");
  return absl::OkStatus();
}

TEST(Io, ReadFull) {
  const net::Conn conn = ConnectAndSend("123456789").conn;
  EXPECT_TRUE(ReadHeader(conn).ok());
  EXPECT_TRUE(io::IsUnexpectedEOF(ReadHeader(conn)));
  EXPECT_TRUE(io::IsEOF(ReadHeader(conn)));
}

// ---- io/interfaces.h ----

char Rotate(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<char>('a' + (c - 'a' + 13) % 26);
  return c;
}

class Rot13 : public io::Reader {
 public:
  explicit Rot13(io::AnyReader r) : r_(std::move(r)) {}
  io::Result Read(std::span<char> p) override {
    io::Result got = r_.Read(p);
    for (char& c : p.first(got.n)) c = Rotate(c);
    return got;
  }

 private:
  io::AnyReader r_;
};

TEST(Io, Interfaces) {
  EXPECT_EQ(io::ReadAll(Rot13(StringReader("uryyb"))).value_or(""), "hello");
  EXPECT_EQ(io::ReadAll(Rot13(ConnectAndSend("uryyb").conn)).value_or(""),
            "hello");
}

// ---- io/io.h ----

TEST(Io, All) {
  const net::Conn conn = ConnectAndSend("all of it").conn;
  StringReader src("a source");
  Buffer dst;

  auto [n, err] = io::Copy(dst, src);
  absl::StatusOr<std::string> all = io::ReadAll(conn);

  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(n, 8u);
  EXPECT_EQ(dst.str(), "a source");
  EXPECT_EQ(all.value_or("an error"), "all of it");
}

// ---- io/pipe.h ----

void Render(const std::string& page, io::WriterRef w) {
  EXPECT_TRUE(w.Write("<p>").ok());
  EXPECT_TRUE(w.Write(page).ok());
}

absl::Status Upload(io::ReaderRef r) {
  EXPECT_EQ(io::ReadAll(r).value_or("an error"), "<p>text");
  return absl::OkStatus();
}

TEST(Io, Pipe) {
  const std::string page = "text";

  auto [r, w] = io::Pipe();
  go([page, w = w] {
    Render(page, w);
    w.Close().IgnoreError();
  });
  absl::Status err = Upload(r);

  EXPECT_TRUE(err.ok()) << err;
}

// ---- io/readers.h ----

TEST(Io, LimitReader) {
  const net::Conn conn = ConnectAndSend("short").conn;
  auto body = io::ReadAll(io::LimitReader(conn, 1 << 20));
  EXPECT_EQ(body.value_or("an error"), "short");
}

TEST(Io, MultiReader) {
  const net::Conn conn = ConnectAndSend("body").conn;
  StringReader head("head ");
  io::MultiReader both(head, conn);
  EXPECT_EQ(io::ReadAll(both).value_or("an error"), "head body");
}

TEST(Io, TeeReader) {
  const net::Conn conn = ConnectAndSend("body").conn;
  Buffer log;
  io::TeeReader tee(conn, log);
  EXPECT_EQ(io::ReadAll(tee).value_or("an error"), "body");
  EXPECT_EQ(log.str(), "body");
}

TEST(Io, SectionReader) {
  StringReader file(std::string(4096, '.') + std::string(512, '#') + "...");
  io::SectionReader part(file, 4096, 512);
  EXPECT_EQ(io::ReadAll(part).value_or("an error"), std::string(512, '#'));
}

TEST(Io, NopCloser) {
  Buffer buffer("buffered");
  io::NopCloser closer(buffer);
  EXPECT_TRUE(closer.Close().ok());
  EXPECT_EQ(io::ReadAll(closer).value_or("an error"), "buffered");
}

// ---- io/ref.h ----

absl::Status Greet(io::WriterRef w) { return w.Write("hello\n").err; }

TEST(Io, Ref) {
  const Conns conns = Connect();
  const net::Conn conn = conns.conn;
  Buffer my_writer;

  absl::Status err = Greet(conn);
  EXPECT_TRUE(err.ok()) << err;
  err = Greet(my_writer);
  EXPECT_TRUE(err.ok()) << err;
  err = Greet(io::MultiWriter(conn, my_writer));
  EXPECT_TRUE(err.ok()) << err;

  EXPECT_EQ(my_writer.str(), "hello\nhello\n");
  EXPECT_EQ(CloseAndReceive(conns), "hello\nhello\n");
}

// ---- io/result.h ----

absl::Status ReadInto(const net::Conn& conn, std::string* text) {
  char buf[3];
  const auto Use = [text](const char* p, size_t n) { text->append(p, n); };

  for (;;) {
    auto [n, err] = conn.Read(buf);
    Use(buf, n);
    if (io::IsEOF(err)) return absl::OkStatus();
    if (!err.ok()) return err;
  }
}

TEST(Io, Result) {
  std::string text;
  EXPECT_TRUE(ReadInto(ConnectAndSend("some text").conn, &text).ok());
  EXPECT_EQ(text, "some text");
  EXPECT_FALSE(ReadInto(net::Conn(), &text).ok());
}

// ---- io/writers.h ----

// What is written at a place of its own or at the end.
class File : public io::Writer, public io::WriterAt {
 public:
  io::Result Write(std::string_view p) override {
    return WriteAt(p, static_cast<int64_t>(data.size()));
  }
  io::Result WriteAt(std::string_view p, int64_t off) override {
    const auto at = static_cast<size_t>(off);
    data.resize(std::max(data.size(), at + p.size()));
    std::memcpy(data.data() + at, p.data(), p.size());
    return {p.size(), absl::OkStatus()};
  }

  std::string data;
};

TEST(Io, Writers) {
  const Conns conns = ConnectAndSend("whatever");
  const net::Conn conn = conns.conn;
  File file;

  io::MultiWriter out(file, conn);
  EXPECT_TRUE(out.Write("to both").ok());
  EXPECT_EQ(file.data, "to both");

  io::OffsetWriter part(file, 4096);
  EXPECT_TRUE(part.Write("from there on").ok());
  EXPECT_EQ(file.data.substr(4096), "from there on");

  auto [n, err] = io::Copy(io::Discard, conn);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(n, 8u);
  EXPECT_EQ(CloseAndReceive(conns), "to both");
}

}  // namespace
