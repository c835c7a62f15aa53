// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bufio/bufio.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "parkour/tests/headers/conns.h"

using namespace parkour;
using tests::CloseAndReceive;
using tests::Connect;
using tests::ConnectAndSend;
using tests::Conns;

namespace {

// ---- bufio/bufio.h ----

absl::Status Greet(const net::Conn& conn, std::string* reply) {
  bufio::ReadWriter rw{bufio::Reader(conn), bufio::Writer(conn)};
  rw.WriteString("HELO example.org\r\n").err.IgnoreError();
  if (absl::Status err = rw.Flush(); !err.ok()) return err;
  auto [line, err] = rw.ReadString('\n');
  *reply = line;
  return err;
}

TEST(Bufio, ReadWriter) {
  const Conns conns = ConnectAndSend("250 welcome\r\n");
  std::string reply;
  EXPECT_TRUE(Greet(conns.conn, &reply).ok());
  EXPECT_EQ(reply, "250 welcome\r\n");
  EXPECT_EQ(CloseAndReceive(conns), "HELO example.org\r\n");
}

// ---- bufio/errors.h ----

absl::Status TooLong() { return absl::OutOfRangeError("a long line"); }

absl::Status ReadShortLine(bufio::Reader& reader) {
  auto [line, err] = reader.ReadSlice('\n');
  if (io::Is(err, bufio::ErrBufferFull())) return TooLong();
  EXPECT_EQ(line, "short\n");
  return err;
}

TEST(Bufio, Errors) {
  const Conns conns = ConnectAndSend("short\n" + std::string(20, 'x'));
  bufio::Reader reader(conns.conn, 16);
  EXPECT_TRUE(ReadShortLine(reader).ok());
  EXPECT_EQ(ReadShortLine(reader), TooLong());
}

// ---- bufio/reader.h ----

absl::Status ReadLines(const net::Conn& conn, std::vector<std::string>* lines) {
  const auto Use = [lines](const std::string& s) { lines->push_back(s); };

  bufio::Reader in(conn);
  for (;;) {
    auto [line, err] = in.ReadString('\n');
    Use(line);
    if (!err.ok()) return io::IsEOF(err) ? absl::OkStatus() : err;
  }
}

TEST(Bufio, Reader) {
  std::vector<std::string> lines;
  EXPECT_TRUE(ReadLines(ConnectAndSend("one\ntwo").conn, &lines).ok());
  EXPECT_EQ(lines, (std::vector<std::string>{"one\n", "two"}));
  EXPECT_FALSE(ReadLines(net::Conn(), &lines).ok());
}

// ---- bufio/scanner.h ----

absl::Status ScanLines(const net::Conn& conn, std::vector<std::string>* found) {
  const auto Use = [found](std::string_view s) { found->emplace_back(s); };

  bufio::Scanner lines(conn);
  while (lines.Scan()) Use(lines.Text());
  if (!lines.Err().ok()) return lines.Err();
  return absl::OkStatus();
}

TEST(Bufio, Scanner) {
  std::vector<std::string> lines;
  EXPECT_TRUE(ScanLines(ConnectAndSend("one\r\n\ntwo").conn, &lines).ok());
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "", "two"}));
  EXPECT_FALSE(ScanLines(net::Conn(), &lines).ok());
}

TEST(Bufio, ScannerSplit) {
  for (const std::string text : {"a;;bc", "a;;bc;", ""}) {
    const Conns conns = ConnectAndSend(text);
    bufio::Scanner scanner(conns.conn);
    scanner.Split([](std::string_view data, bool at_eof) -> bufio::Token {
      const size_t end = data.find(';');
      if (data.empty() || (end == data.npos && !at_eof)) return {};
      if (end == data.npos) return {int64_t(data.size()), data};
      return {int64_t(end) + 1, data.substr(0, end)};
    });
    std::vector<std::string> tokens;
    while (scanner.Scan()) tokens.emplace_back(scanner.Text());
    EXPECT_TRUE(scanner.Err().ok()) << scanner.Err();
    EXPECT_EQ(tokens, text.empty() ? std::vector<std::string>()
                                   : (std::vector<std::string>{"a", "", "bc"}))
        << text;
  }
}

// ---- bufio/writer.h ----

struct Row {
  std::string text;
};

absl::Status WriteRows(const net::Conn& conn, const std::vector<Row>& rows) {
  bufio::Writer out(conn);
  for (const Row& row : rows) out.WriteString(row.text).err.IgnoreError();
  if (absl::Status err = out.Flush(); !err.ok()) return err;
  return absl::OkStatus();
}

TEST(Bufio, Writer) {
  const Conns conns = Connect();
  EXPECT_TRUE(WriteRows(conns.conn, {{"one\n"}, {"two\n"}}).ok());
  EXPECT_EQ(CloseAndReceive(conns), "one\ntwo\n");
  // The error of a write is Flush's, at the latest.
  EXPECT_FALSE(WriteRows(net::Conn(), {{"one\n"}}).ok());
}

}  // namespace
