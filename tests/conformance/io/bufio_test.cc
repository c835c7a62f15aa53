// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/bufio/bufio_test.go, the tests of Reader; the others are in
// bufio_line_test.cc and bufio_writer_test.cc.

#include "parkour/bufio/bufio.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parkour/bufio/utf8.h"
#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FuncReader;
using io::testing::FuncWriter;
using io::testing::OnlyReader;
using io::testing::StringReader;

namespace {

constexpr size_t kMinReadBufferSize = 16;

// Gives its strings one by one.
class Segments : public io::Reader {
 public:
  explicit Segments(std::vector<std::string> data) : data_(std::move(data)) {}
  io::Result Read(std::span<char> p) override {
    if (step_ == data_.size()) return {0, io::EOF()};
    return {data_[step_++].copy(p.data(), p.size()), absl::OkStatus()};
  }

 private:
  std::vector<std::string> data_;
  size_t step_ = 0;
};

// Errors that a test may see besides the end.
void ExpectTimeoutOrOk(const absl::Status& err) {
  if (!err.ok()) {
    EXPECT_EQ(err, io::testing::ErrTimeout());
  }
}

std::string ReadBytes(bufio::Reader* b) {
  std::string all;
  for (;;) {
    const auto c = b->ReadByte();
    if (io::IsEOF(c.status())) return all;
    ExpectTimeoutOrOk(c.status());
    if (c.ok()) all += *c;
  }
}

std::string ReadLines(bufio::Reader* b) {
  std::string all;
  for (;;) {
    const auto [line, err] = b->ReadString('\n');
    if (io::IsEOF(err)) return all;
    ExpectTimeoutOrOk(err);
    all += line;
  }
}

std::string Reads(bufio::Reader* b, size_t m) {
  std::string all, buf(m, '\0');
  for (;;) {
    const auto [n, err] = b->Read(buf);
    all += buf.substr(0, n);
    if (io::IsEOF(err)) return all;
  }
}

TEST(BufioReader, TestReaderSimple) {
  bufio::Reader b(StringReader("hello world"));
  EXPECT_EQ(ReadBytes(&b), "hello world");

  // A reader of the user's between.
  FuncReader rotated(
      [r = StringReader("hello world")](std::span<char> p) mutable {
        io::Result got = r.Read(p);
        for (char& c : p.first(got.n)) {
          if (c >= 'a' && c <= 'z') {
            c = static_cast<char>((c - 'a' + 13) % 26 + 'a');
          }
        }
        return got;
      });
  bufio::Reader rot13(rotated);
  EXPECT_EQ(ReadBytes(&rot13), "uryyb jbeyq");
}

const std::function<io::AnyReader(StringReader)> kReadMakers[] = {
    [](StringReader r) -> io::AnyReader { return r; },
    [](StringReader r) -> io::AnyReader {
      return io::testing::OneByteReader(std::move(r));
    },
    [](StringReader r) -> io::AnyReader {
      return io::testing::HalfReader(std::move(r));
    },
    [](StringReader r) -> io::AnyReader {
      return io::testing::DataErrReader(std::move(r));
    },
    [](StringReader r) -> io::AnyReader {
      return io::testing::TimeoutReader(std::move(r));
    },
};

TEST(BufioReader, TestReader) {
  std::vector<std::function<std::string(bufio::Reader*)>> fns = {ReadBytes,
                                                                 ReadLines};
  for (const size_t m : {1, 2, 3, 4, 5, 7}) {
    fns.push_back([m](bufio::Reader* b) { return Reads(b, m); });
  }
  std::vector<std::string> texts;
  std::string str, all;
  for (int i = 0; i < 30; ++i) {
    texts.push_back(str + "\n");
    all += texts.back();
    str += static_cast<char>('a' + i % 26);
  }
  texts.push_back(all);
  for (const std::string& text : texts) {
    for (const auto& make : kReadMakers) {
      for (const auto& fn : fns) {
        for (const size_t size : {0, 16, 23, 32, 46, 64, 93, 128, 1024, 4096}) {
          bufio::Reader b(make(StringReader(text)), size);
          ASSERT_EQ(fn(&b), text) << "maker " << &make - kReadMakers << " fn "
                                  << &fn - fns.data() << " bufsize " << size;
        }
      }
    }
  }
}

TEST(BufioReader, TestZeroReader) {
  int reads = 0;
  bufio::Reader r(FuncReader([&reads](std::span<char>) {
    ++reads;
    return io::Result();
  }));
  EXPECT_EQ(r.ReadByte().status(), io::ErrNoProgress());
  EXPECT_EQ(reads, 100);
}

void Append(std::string* s, char32_t r) {
  char buf[bufio::internal::kUTFMax];
  s->append(buf, bufio::internal::EncodeRune(r, buf));
}

TEST(BufioReader, TestReadRune) {
  const std::vector<std::vector<std::string>> tests = {
      {},
      {""},
      {"日", "本語"},
      {"\u65e5", "\u672c", "\u8a9e"},
      {"\U000065e5", "\U0000672c", "\U00008a9e"},
      {"\xe6", "\x97\xa5\xe6", "\x9c\xac\xe8\xaa\x9e"},
      {"Hello", ", ", "World", "!"},
      {"Hello", ", ", "", "World", "!"},
  };
  for (const auto& segments : tests) {
    std::string want, got;
    for (const std::string& s : segments) want += s;
    bufio::Reader r{Segments(segments)};
    for (;;) {
      const bufio::Rune rune = r.ReadRune();
      if (!rune.ok()) {
        EXPECT_EQ(rune.err, io::EOF());
        break;
      }
      Append(&got, rune.rune);
    }
    EXPECT_EQ(got, want);
  }
}

TEST(BufioReader, TestUnreadRune) {
  bufio::Reader r{Segments({"Hello, world:", "日本語"})};
  std::string got;
  for (;;) {
    const bufio::Rune first = r.ReadRune();
    if (!first.ok()) {
      EXPECT_EQ(first.err, io::EOF());
      break;
    }
    Append(&got, first.rune);
    ASSERT_TRUE(r.UnreadRune().ok());
    const bufio::Rune again = r.ReadRune();
    ASSERT_TRUE(again.ok()) << again.err;
    EXPECT_EQ(again.rune, first.rune);
  }
  EXPECT_EQ(got, "Hello, world:日本語");
}

// What takes bytes so that they cannot be taken back.
const std::function<void(bufio::Reader*)> kPeek = [](bufio::Reader* b) {
  EXPECT_TRUE(b->Peek(1).ok());
};
const std::function<void(bufio::Reader*)> kDiscard = [](bufio::Reader* b) {
  EXPECT_TRUE(b->Discard(1).ok());
};
const std::function<void(bufio::Reader*)> kWriteTo = [](bufio::Reader* b) {
  EXPECT_TRUE(b->WriteTo(io::Discard).ok());
};

void ExpectNoUnreadRuneAfter(const std::function<void(bufio::Reader*)>& f) {
  bufio::Reader b(StringReader("example"));
  EXPECT_TRUE(b.ReadRune().ok());
  f(&b);
  EXPECT_EQ(b.UnreadRune(), bufio::ErrInvalidUnreadRune());
}

void ExpectNoUnreadByteAfter(const std::function<void(bufio::Reader*)>& f) {
  bufio::Reader b(StringReader("example"));
  EXPECT_TRUE(b.ReadByte().ok());
  f(&b);
  EXPECT_EQ(b.UnreadByte(), bufio::ErrInvalidUnreadByte());
}

TEST(BufioReader, TestNoUnreadRuneAfterPeek) { ExpectNoUnreadRuneAfter(kPeek); }
TEST(BufioReader, TestNoUnreadByteAfterPeek) { ExpectNoUnreadByteAfter(kPeek); }
TEST(BufioReader, TestNoUnreadRuneAfterDiscard) {
  ExpectNoUnreadRuneAfter(kDiscard);
}
TEST(BufioReader, TestNoUnreadByteAfterDiscard) {
  ExpectNoUnreadByteAfter(kDiscard);
}
TEST(BufioReader, TestNoUnreadRuneAfterWriteTo) {
  ExpectNoUnreadRuneAfter(kWriteTo);
}
TEST(BufioReader, TestNoUnreadByteAfterWriteTo) {
  ExpectNoUnreadByteAfter(kWriteTo);
}

TEST(BufioReader, TestUnreadByte) {
  bufio::Reader r{Segments({"Hello, ", "world"})};
  std::string got;
  for (;;) {
    const auto first = r.ReadByte();
    if (!first.ok()) {
      EXPECT_EQ(first.status(), io::EOF());
      break;
    }
    got += *first;
    ASSERT_TRUE(r.UnreadByte().ok());
    const auto again = r.ReadByte();
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, *first);
  }
  EXPECT_EQ(got, "Hello, world");
}

TEST(BufioReader, TestUnreadByteMultiple) {
  const std::string data = "Hello, world";
  for (size_t n = 0; n <= data.size(); ++n) {
    bufio::Reader r{Segments({"Hello, ", "world"})};
    for (size_t i = 0; i < n; ++i) {
      const auto b = r.ReadByte();
      ASSERT_TRUE(b.ok()) << b.status();
      EXPECT_EQ(*b, data[i]);
    }
    if (n > 0) {
      EXPECT_TRUE(r.UnreadByte().ok()) << n;
    }
    EXPECT_EQ(r.UnreadByte(), bufio::ErrInvalidUnreadByte()) << n;
  }
}

TEST(BufioReader, TestUnreadByteOthers) {
  using Fn = std::function<bufio::Text(bufio::Reader&, char)>;
  const Fn fns[] = {
      &bufio::Reader::ReadBytes,
      [](bufio::Reader& r, char delim) {
        const bufio::Slice s = r.ReadSlice(delim);
        return bufio::Text{std::string(s.data), s.err};
      },
      &bufio::Reader::ReadString,
  };
  for (const Fn& fn : fns) {
    constexpr int kTimes = 10;  // more than fits into the buffer
    std::string data;
    for (int i = 0; i < kTimes; ++i) data += "abcdefg";
    bufio::Reader r(StringReader(data), kMinReadBufferSize);
    const auto read_to = [&](char delim, const std::string& want) {
      const auto [text, err] = fn(r, delim);
      EXPECT_TRUE(err.ok()) << err;
      EXPECT_EQ(text, want);
    };
    for (int i = 0; i < kTimes; ++i) {
      read_to('d', "abcd");
      for (int j = 0; j < 3; ++j) {
        EXPECT_TRUE(r.UnreadByte().ok());
        read_to('d', "d");
      }
      read_to('g', "efg");
    }
    EXPECT_EQ(r.ReadByte().status(), io::EOF());
  }
}

TEST(BufioReader, TestUnreadRuneError) {
  char buf[3];  // as long as each of the runes
  bufio::Reader r(Segments({"日本語日本語日本語"}));
  const absl::Status invalid = bufio::ErrInvalidUnreadRune();
  EXPECT_EQ(r.UnreadRune(), invalid) << "at the beginning";
  EXPECT_TRUE(r.ReadRune().ok());
  EXPECT_TRUE(r.UnreadRune().ok());
  EXPECT_EQ(r.UnreadRune(), invalid) << "after UnreadRune";
  EXPECT_TRUE(r.ReadRune().ok());
  EXPECT_TRUE(r.Read(buf).ok());
  EXPECT_EQ(r.UnreadRune(), invalid) << "after Read";
  EXPECT_TRUE(r.ReadRune().ok());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(r.ReadByte().ok());
  EXPECT_EQ(r.UnreadRune(), invalid) << "after ReadByte";
  EXPECT_TRUE(r.ReadRune().ok());
  EXPECT_TRUE(r.ReadByte().ok());
  EXPECT_TRUE(r.UnreadByte().ok());
  EXPECT_EQ(r.UnreadRune(), invalid) << "after UnreadByte";
  EXPECT_TRUE(r.ReadRune().ok());
  EXPECT_EQ(r.ReadSlice('\0').err, io::EOF());
  EXPECT_EQ(r.UnreadRune(), invalid) << "after ReadSlice";
}

TEST(BufioReader, TestUnreadRuneAtEOF) {
  bufio::Reader r(StringReader("x"));
  EXPECT_TRUE(r.ReadRune().ok());
  EXPECT_EQ(r.ReadRune().err, io::EOF());
  EXPECT_EQ(r.UnreadRune(), bufio::ErrInvalidUnreadRune());
  EXPECT_EQ(r.ReadRune().err, io::EOF());
}

// Differs: a constructor cannot give back its argument. A Reader of a Reader is
// one of its own, whatever the sizes; one argument is not enough to make it, so
// that it does not happen by accident.
TEST(BufioReader, TestNewReaderSizeIdempotent) {
  static_assert(!std::is_copy_constructible_v<bufio::Reader>);
  static_assert(!std::is_constructible_v<bufio::Reader, bufio::Reader&>);
  bufio::Reader b(StringReader("hello world"), 1000);
  bufio::Reader b2(b, 2000);
  EXPECT_EQ(b2.Size(), 2000u);
  EXPECT_EQ(ReadBytes(&b2), "hello world");
}

TEST(BufioReader, TestBufferFull) {
  bufio::Reader b(StringReader("And now, hello, world! It is the time for all "
                               "good men to come to the aid of their party"),
                  kMinReadBufferSize);
  bufio::Slice s = b.ReadSlice('!');
  EXPECT_EQ(s.data, "And now, hello, ");
  EXPECT_EQ(s.err, bufio::ErrBufferFull());
  s = b.ReadSlice('!');
  EXPECT_EQ(s.data, "world!");
  EXPECT_TRUE(s.ok()) << s.err;
}

void ExpectPeek(bufio::Reader* b, int n, std::string_view want,
                const absl::Status& err = {}) {
  const bufio::Slice s = b->Peek(n);
  EXPECT_EQ(s.data, want) << n;
  EXPECT_EQ(s.err, err) << n;
}

void ExpectRead(bufio::Reader* b, size_t size, std::string_view want,
                const absl::Status& err = {}) {
  std::string p(size, '\0');
  const auto [n, got] = b->Read(p);
  EXPECT_EQ(p.substr(0, n), want);
  EXPECT_EQ(got, err);
}

TEST(BufioReader, TestPeek) {
  bufio::Reader b(StringReader("abcdefghijklmnop"), kMinReadBufferSize);
  ExpectPeek(&b, 1, "a");
  ExpectPeek(&b, 4, "abcd");
  ExpectPeek(&b, -1, "", bufio::ErrNegativeCount());
  ExpectPeek(&b, 32, "abcdefghijklmnop", bufio::ErrBufferFull());
  ExpectRead(&b, 3, "abc");
  ExpectPeek(&b, 1, "d");
  ExpectPeek(&b, 2, "de");
  ExpectRead(&b, 3, "def");
  ExpectPeek(&b, 4, "ghij");
  ExpectRead(&b, 10, "ghijklmnop");
  ExpectPeek(&b, 0, "");
  ExpectPeek(&b, 1, "", io::EOF());

  // An error that came with the bytes is not shown by a Peek that succeeds.
  bufio::Reader with_eof(FuncReader([](std::span<char> p) {
                           return io::Result{
                               std::string_view("abcd").copy(p.data(), 4),
                               io::EOF()};
                         }),
                         32);
  ExpectPeek(&with_eof, 2, "ab");
  ExpectPeek(&with_eof, 4, "abcd");
  ExpectRead(&with_eof, 5, "abcd");
  ExpectRead(&with_eof, 1, "", io::EOF());
}

TEST(BufioReader, TestPeekThenUnreadRune) {
  bufio::Reader r(StringReader("x"));
  EXPECT_TRUE(r.ReadRune().ok());
  EXPECT_EQ(r.Peek(1).err, io::EOF());
  EXPECT_FALSE(r.UnreadRune().ok());
  EXPECT_EQ(r.ReadRune().err, io::EOF());
}

TEST(BufioReader, TestReadZero) {
  for (const size_t size : {100, 2}) {
    int empty = 1;
    io::MultiReader r(StringReader("abc"),
                      FuncReader([&empty, s = StringReader("def")](
                                     std::span<char> p) mutable {
                        return empty-- > 0 ? io::Result() : s.Read(p);
                      }));
    bufio::Reader b(r, size);
    ExpectRead(&b, 50, "abc");
    ExpectRead(&b, 50, "");
    ExpectRead(&b, 50, "def");
    ExpectRead(&b, 50, "", io::EOF());
  }
}

}  // namespace
