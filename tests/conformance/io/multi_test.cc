// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/io/multi_test.go

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FullBuffer;
using io::testing::FuncReader;
using io::testing::FuncWriter;
using io::testing::OnlyWriter;
using io::testing::StringReader;
using io::testing::StringReaderWriterTo;

namespace {

struct Step {
  size_t size;
  std::string want;
  absl::Status err;
};

TEST(Multi, TestMultiReader) {
  const absl::Status ok;
  const std::vector<std::vector<Step>> tests = {
      {{2, "fo", ok}, {5, "o ", ok}, {5, "bar", ok}, {5, "", io::EOF()}},
      {{4, "foo ", ok}, {1, "b", ok}, {3, "ar", ok}, {1, "", io::EOF()}},
      {{5, "foo ", ok}},
  };
  for (const auto& steps : tests) {
    StringReader r1("foo "), r2(""), r3("bar");
    io::MultiReader mr(r1, r2, r3);
    for (const Step& step : steps) {
      std::string buf(step.size, '\0');
      const auto [n, err] = mr.Read(buf);
      EXPECT_EQ(buf.substr(0, n), step.want);
      EXPECT_EQ(err, step.err);
    }
  }
}

TEST(Multi, TestMultiReaderAsWriterTo) {
  io::MultiReader mr(StringReader("foo "),
                     // Inside another one too.
                     io::MultiReader(StringReader(""), StringReader("bar")));
  ASSERT_TRUE(io::ReaderRef(mr).HasWriteTo());
  Buffer sink;
  const auto [n, err] = mr.WriteTo(sink);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(n, 7u);
  EXPECT_EQ(sink.str(), "foo bar");
}

// Go checks the first writer's content by its hash.
template <typename Sink>
void TestMultiWriter(Sink&& sink, const Buffer& content) {
  Buffer other;
  io::MultiWriter mw(other, std::forward<Sink>(sink));
  const std::string text = "My input text.";
  const auto [n, err] = io::Copy(mw, StringReaderWriterTo(text));
  EXPECT_EQ(n, text.size());
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(other.str(), text);
  EXPECT_EQ(content.str(), text);
}

TEST(Multi, TestMultiWriter) {
  Buffer sink;
  TestMultiWriter(OnlyWriter(sink), sink);
}

TEST(Multi, TestMultiWriter_String) {
  FullBuffer sink;
  TestMultiWriter(sink, sink);
}

TEST(Multi, TestMultiWriter_StringCheckCall) {
  struct Checker : io::Writer, io::StringWriter {
    io::Result Write(std::string_view p) override {
      return {p.size(), absl::OkStatus()};
    }
    io::Result WriteString(std::string_view s) override {
      called = true;
      return {s.size(), absl::OkStatus()};
    }
    bool called = false;
  } c;
  io::MultiWriter mw(c);
  EXPECT_TRUE(io::WriteString(mw, "foo").ok());
  EXPECT_TRUE(c.called);
}

TEST(Multi, TestMultiWriterError) {
  FuncWriter f1([](std::string_view p) {
    return io::Result{p.size() / 2, io::ErrShortWrite()};
  });
  bool called = false;
  FuncWriter f2([&called](std::string_view p) {
    called = true;
    return io::Result{p.size(), absl::OkStatus()};
  });
  io::MultiWriter w(f1, f2);
  const auto [n, err] = w.Write(std::string(100, '\0'));
  EXPECT_EQ(n, 50u);
  EXPECT_EQ(err, io::ErrShortWrite());
  EXPECT_FALSE(called);
}

// The list belongs to the MultiReader: moved, not shared.
TEST(Multi, TestMultiReaderCopy) {
  std::vector<io::AnyReader> list;
  list.emplace_back(StringReader("hello world"));
  io::MultiReader r(std::move(list));
  list.clear();
  list.emplace_back(StringReader("other"));
  const auto data = io::ReadAll(r);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(*data, "hello world");
}

TEST(Multi, TestMultiWriterCopy) {
  Buffer buf, other;
  std::vector<io::AnyWriter> list;
  list.emplace_back(buf);
  io::MultiWriter w(std::move(list));
  list.clear();
  list.emplace_back(other);
  const auto [n, err] = w.Write("hello world");
  EXPECT_EQ(n, 11u);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(buf.str(), "hello world");
  EXPECT_EQ(other.str(), "");
}

// Every Read gives the byte and the end at once.
struct ByteAndEOF {
  io::Result Read(std::span<char> p) const {
    EXPECT_FALSE(p.empty()) << "a useless call";
    if (p.empty()) return {0, absl::InternalError("useless")};
    p[0] = byte;
    return {1, io::EOF()};
  }
  char byte;
};

TEST(Multi, TestMultiReaderSingleByteWithEOF) {
  const auto got = io::ReadAll(
      io::LimitReader(io::MultiReader(ByteAndEOF{'a'}, ByteAndEOF{'b'}), 10));
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(*got, "ab");
}

TEST(Multi, TestMultiReaderFinalEOF) {
  io::MultiReader r(StringReader(""), ByteAndEOF{'a'});
  char buf[2];
  const auto [n, err] = r.Read(buf);
  EXPECT_EQ(n, 1u);
  EXPECT_EQ(err, io::EOF());
}

// In Go the garbage collector does it; here the reader itself goes.
TEST(Multi, TestMultiReaderFreesExhaustedReaders) {
  const auto life = std::make_shared<int>();
  FuncReader foo([life, left = StringReader("foo")](std::span<char> p) mutable {
    return left.Read(p);
  });
  io::MultiReader mr(std::move(foo), StringReader("bar"));
  ASSERT_EQ(life.use_count(), 2);
  char buf[4];
  EXPECT_TRUE(io::ReadFull(mr, buf).ok());
  EXPECT_EQ(std::string(buf, 4), "foob");
  EXPECT_EQ(life.use_count(), 1);
  EXPECT_TRUE(io::ReadFull(mr, std::span(buf, 2)).ok());
  EXPECT_EQ(std::string(buf, 2), "ar");
}

TEST(Multi, TestInterleavedMultiReader) {
  StringReader r1("123"), r2("45678");
  io::MultiReader mr1(r1, r2);
  io::MultiReader mr2(mr1);  // a reader of its own, not a copy
  char buf[4];
  EXPECT_TRUE(io::ReadFull(mr2, buf).ok());
  EXPECT_EQ(std::string(buf, 4), "1234");
  EXPECT_TRUE(io::ReadFull(mr1, buf).ok());
  EXPECT_EQ(std::string(buf, 4), "5678");
}

}  // namespace
