// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/io/io_test.go

#include "parkour/io/io.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "parkour/io/pipe.h"
#include "parkour/io/test_util.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/waitgroup.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FullBuffer;
using io::testing::FuncReader;
using io::testing::FuncWriter;
using io::testing::OnlyWriter;
using io::testing::StringReader;
using io::testing::StringReaderWriterTo;

namespace {

constexpr std::string_view kHello = "hello, world.";

// What a copy left in `dst`.
template <typename Dst, typename Src>
std::string Copied(Dst&& dst, Src&& src) {
  const io::Result r = io::Copy(dst, src);
  EXPECT_TRUE(r.ok()) << r.err;
  EXPECT_EQ(r.n, dst.str().size());
  return dst.str();
}

TEST(Io, TestCopy) { EXPECT_EQ(Copied(Buffer(), Buffer(kHello)), kHello); }

TEST(Io, TestCopyNegative) {
  Buffer rb("hello");
  Buffer wb;
  EXPECT_TRUE(io::Copy(wb, io::LimitedReader(rb, -1)).ok());
  EXPECT_EQ(wb.str(), "");
  const io::Result r = io::CopyN(wb, rb, -1);
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.n, 0u);
  EXPECT_EQ(wb.str(), "");
}

TEST(Io, TestCopyBuffer) {
  Buffer rb(kHello);
  Buffer wb;
  char one[1];
  const io::Result r = io::CopyBuffer(wb, rb, one);
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.n, kHello.size());
  EXPECT_EQ(wb.str(), kHello);
  EXPECT_EQ(wb.writes(), static_cast<int>(kHello.size()));
}

TEST(Io, TestCopyBufferNil) {
  Buffer rb(kHello);
  Buffer wb;
  EXPECT_TRUE(io::CopyBuffer(wb, rb, {}).ok());
  EXPECT_EQ(wb.str(), kHello);
}

TEST(Io, TestCopyReadFrom) {
  EXPECT_EQ(Copied(FullBuffer(), Buffer(kHello)), kHello);
}

TEST(Io, TestCopyWriteTo) {
  EXPECT_EQ(Copied(Buffer(), FullBuffer(kHello)), kHello);
}

TEST(Io, TestCopyPriority) {
  StringReaderWriterTo src(kHello);
  EXPECT_EQ(Copied(FullBuffer(), src), kHello);
  EXPECT_EQ(src.calls, 1) << "WriteTo was not preferred to ReadFrom";
}

TEST(Io, TestCopyReadErrWriteErr) {
  const absl::Status read_error = absl::InternalError("readError");
  const absl::Status write_error = absl::InternalError("writeError");
  FuncReader r([&](std::span<char> p) {
    p[0] = 0;
    return io::Result{1, read_error};
  });
  FuncWriter w([&](std::string_view) { return io::Result{0, write_error}; });
  const auto [n, err] = io::Copy(w, r);
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(err, write_error);
}

template <typename Dst, typename Src>
std::string CopiedN(Dst&& dst, Src&& src, int64_t n) {
  const io::Result r = io::CopyN(dst, src, n);
  EXPECT_TRUE(r.ok()) << r.err;
  EXPECT_EQ(static_cast<int64_t>(r.n), n);
  return dst.str();
}

TEST(Io, TestCopyN) {
  EXPECT_EQ(CopiedN(Buffer(), Buffer(kHello), 5), "hello");
}

TEST(Io, TestCopyNReadFrom) {
  EXPECT_EQ(CopiedN(FullBuffer(), Buffer("hello"), 5), "hello");
}

TEST(Io, TestCopyNWriteTo) {
  EXPECT_EQ(CopiedN(Buffer(), FullBuffer(kHello), 5), "hello");
}

// The end is reported alike whether or not the writer has a ReadFrom.
TEST(Io, TestCopyNEOF) {
  FullBuffer b;
  const auto copy = [&b](bool read_from, io::ReaderRef src, int64_t n) {
    return read_from ? io::CopyN(b, src, n) : io::CopyN(OnlyWriter(b), src, n);
  };
  FuncReader wanted_and_err([](std::span<char> p) {
    return io::Result{p.size(), absl::InternalError("wantedAndErrReader")};
  });
  for (const bool read_from : {false, true}) {
    io::Result r = copy(read_from, StringReader("foo"), 3);
    EXPECT_EQ(r.n, 3u) << read_from;
    EXPECT_TRUE(r.ok()) << read_from << r.err;
    r = copy(read_from, StringReader("foo"), 4);
    EXPECT_EQ(r.n, 3u) << read_from;
    EXPECT_EQ(r.err, io::EOF()) << read_from;
    r = copy(read_from, wanted_and_err, 5);
    EXPECT_EQ(r.n, 5u) << read_from;
    EXPECT_TRUE(r.ok()) << read_from << r.err;
  }
}

void ExpectReadAtLeast(io::ReaderRef r, std::span<char> buf, size_t min,
                       size_t n, const absl::Status& err) {
  const io::Result got = io::ReadAtLeast(r, buf, min);
  EXPECT_EQ(got.n, n) << min;
  EXPECT_EQ(got.err, err) << min;
}

// `rb` reads what is written to `data`; `cut` is the error of an input that
// ends after one byte of two.
void TestReadAtLeast(Buffer* data, io::ReaderRef rb, const absl::Status& cut) {
  char buf[2];
  EXPECT_TRUE(data->Write("0123").ok());
  ExpectReadAtLeast(rb, buf, 2, 2, absl::OkStatus());
  ExpectReadAtLeast(rb, buf, 4, 0, io::ErrShortBuffer());
  ExpectReadAtLeast(rb, buf, 1, 2, absl::OkStatus());
  ExpectReadAtLeast(rb, buf, 2, 0, io::EOF());
  EXPECT_TRUE(data->Write("4").ok());
  ExpectReadAtLeast(rb, buf, 2, 1, cut);
}

TEST(Io, TestReadAtLeast) {
  Buffer rb;
  TestReadAtLeast(&rb, rb, io::ErrUnexpectedEOF());
}

// The last bytes come together with an error.
FuncReader DataAndError(Buffer* data, const absl::Status& err) {
  return FuncReader([data, err](std::span<char> p) {
    io::Result got = data->Read(p);
    if (got.n > 0 && data->str().empty() && got.ok()) got.err = err;
    return got;
  });
}

TEST(Io, TestReadAtLeastWithDataAndEOF) {
  Buffer rb;
  TestReadAtLeast(&rb, DataAndError(&rb, io::EOF()), io::ErrUnexpectedEOF());
}

TEST(Io, TestReadAtLeastWithDataAndError) {
  Buffer rb;
  const absl::Status fake = absl::InternalError("fake error");
  TestReadAtLeast(&rb, DataAndError(&rb, fake), fake);
}

TEST(Io, TestTeeReader) {
  const std::string src = "hello, world";
  std::string dst(src.size(), '\0');
  Buffer rb(src);
  Buffer wb;
  io::TeeReader r(rb, wb);
  io::Result got = io::ReadFull(r, dst);
  EXPECT_TRUE(got.ok()) << got.err;
  EXPECT_EQ(got.n, src.size());
  EXPECT_EQ(dst, src);
  EXPECT_EQ(wb.str(), src);
  got = r.Read(dst);
  EXPECT_EQ(got.n, 0u);
  EXPECT_EQ(got.err, io::EOF());

  auto [pr, pw] = io::Pipe();
  EXPECT_TRUE(pr.Close().ok());
  got = io::ReadFull(io::TeeReader(Buffer(src), pw), dst);
  EXPECT_EQ(got.n, 0u);
  EXPECT_EQ(got.err, io::ErrClosedPipe());
}

TEST(Io, TestSectionReader_ReadAt) {
  const std::string dat = "a long sample data, 1234567890";
  const auto len = static_cast<int64_t>(dat.size());
  const absl::Status ok;
  const struct {
    std::string data;
    int64_t off, n, buf_len, at;
    std::string exp;
    absl::Status err;
  } tests[] = {
      {"", 0, 10, 2, 0, "", io::EOF()},
      {dat, 0, len, 0, 0, "", ok},
      {dat, len, 1, 1, 0, "", io::EOF()},
      {dat, 0, len + 2, len, 0, dat, ok},
      {dat, 0, len, len / 2, 0, dat.substr(0, dat.size() / 2), ok},
      {dat, 0, len, len, 0, dat, ok},
      {dat, 0, len, len / 2, 2, dat.substr(2, dat.size() / 2), ok},
      {dat, 3, len, len / 2, 2, dat.substr(5, dat.size() / 2), ok},
      {dat, 3, len / 2, len / 2 - 2, 2, dat.substr(5, dat.size() / 2 - 2), ok},
      {dat, 3, len / 2, len / 2 + 2, 2, dat.substr(5, dat.size() / 2 - 2),
       io::EOF()},
      {dat, 0, 0, 0, -1, "", io::EOF()},
      {dat, 0, 0, 0, 1, "", io::EOF()},
  };
  int i = 0;
  for (const auto& tt : tests) {
    StringReader r(tt.data);
    io::SectionReader s(r, tt.off, tt.n);
    std::string buf(static_cast<size_t>(tt.buf_len), '\0');
    const auto [n, err] = s.ReadAt(buf, tt.at);
    EXPECT_EQ(buf.substr(0, n), tt.exp) << i;
    EXPECT_EQ(err, tt.err) << i;
    const io::SectionReader::Section outer = s.Outer();
    EXPECT_EQ(outer.r, io::ReaderAtRef(r)) << i;
    EXPECT_EQ(outer.off, tt.off) << i;
    EXPECT_EQ(outer.n, tt.n) << i;
    ++i;
  }
}

TEST(Io, TestSectionReader_Seek) {
  StringReader br("foo");
  StringReader under("foo");
  io::SectionReader sr(under, 0, 3);
  for (const int whence : {io::SeekStart, io::SeekCurrent, io::SeekEnd}) {
    for (int64_t offset = -3; offset <= 4; ++offset) {
      const auto want = br.Seek(offset, whence);
      const auto got = sr.Seek(offset, whence);
      EXPECT_EQ(got.ok(), want.ok()) << whence << " " << offset;
      if (want.ok() && got.ok()) {
        EXPECT_EQ(*got, *want) << whence;
      }
    }
  }
  EXPECT_EQ(sr.Seek(0, 3).status(), io::ErrWhence());
  const auto far = sr.Seek(100, io::SeekStart);
  ASSERT_TRUE(far.ok());
  EXPECT_EQ(*far, 100);
  char buf[10];
  const auto [n, err] = sr.Read(buf);
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(err, io::EOF());
}

TEST(Io, TestSectionReader_Size) {
  for (const std::string data : {"a long sample data, 1234567890", ""}) {
    const auto size = static_cast<int64_t>(data.size());
    EXPECT_EQ(io::SectionReader(StringReader(data), 0, size).Size(), size);
  }
}

TEST(Io, TestSectionReader_Max) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  StringReader r("abcdef");
  io::SectionReader sr(r, 3, kMax);
  char buf[3];
  io::Result got = sr.Read(buf);
  EXPECT_EQ(std::string(buf, got.n), "def");
  EXPECT_TRUE(got.ok()) << got.err;
  got = sr.Read(buf);
  EXPECT_EQ(got.n, 0u);
  EXPECT_EQ(got.err, io::EOF());
  EXPECT_EQ(sr.Outer().r, io::ReaderAtRef(r));
  EXPECT_EQ(sr.Outer().off, 3);
  EXPECT_EQ(sr.Outer().n, kMax);
}

TEST(Io, TestCopyLargeWriter) {
  const auto copy_to = [](const absl::Status& err) {
    FuncWriter w([&](std::string_view p) {
      return io::Result{p.size() + 1, err};
    });
    return io::Copy(w, Buffer(kHello)).err;
  };
  EXPECT_EQ(copy_to(absl::OkStatus()), io::ErrInvalidWrite());
  const absl::Status own = absl::InternalError("largeWriterError");
  EXPECT_EQ(copy_to(own), own);
}

TEST(Io, TestNopCloserWriterToForwarding) {
  io::NopCloser without{StringReader("x")};
  EXPECT_FALSE(io::ReaderRef(without).HasWriteTo());
  io::NopCloser with{StringReaderWriterTo("x")};
  EXPECT_TRUE(io::ReaderRef(with).HasWriteTo());
  EXPECT_TRUE(with.Close().ok());
}

// A file in memory.
class MemFile {
 public:
  io::Result WriteAt(std::string_view p, int64_t off) {
    const sync::MutexLock lock(&mu_);
    const size_t end = static_cast<size_t>(off) + p.size();
    if (data_.size() < end) data_.resize(end);
    data_.replace(static_cast<size_t>(off), p.size(), p);
    return {p.size(), absl::OkStatus()};
  }
  std::string str() {
    const sync::MutexLock lock(&mu_);
    return data_;
  }

 private:
  sync::Mutex mu_;
  std::string data_;
};

TEST(Io, TestOffsetWriter_Seek) {
  MemFile file;
  io::OffsetWriter w(file, 0);
  for (const int whence : {-3, -2, -1, 3, 4, 5, io::SeekEnd}) {
    EXPECT_EQ(w.Seek(0, whence).status(), io::ErrWhence()) << whence;
  }
  for (const int whence : {io::SeekStart, io::SeekCurrent}) {
    for (int64_t offset = -3; offset < 0; ++offset) {
      EXPECT_EQ(w.Seek(offset, whence).status(), io::ErrOffset()) << whence;
    }
  }
  const struct {
    int64_t offset;
    int whence;
    int64_t want;
  } tests[] = {
      {1, io::SeekStart, 1},   {2, io::SeekStart, 2},   {3, io::SeekStart, 3},
      {1, io::SeekCurrent, 4}, {2, io::SeekCurrent, 6}, {3, io::SeekCurrent, 9},
  };
  for (const auto& tt : tests) {
    const auto got = w.Seek(tt.offset, tt.whence);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(*got, tt.want);
  }
}

constexpr std::string_view kContent = "0123456789ABCDEF";

// Many goroutines write one byte each.
TEST(Io, TestOffsetWriter_WriteAt) {
  for (int64_t off = 0; off < 2; ++off) {
    for (int64_t at = 0; at < 2; ++at) {
      MemFile file;
      sync::WaitGroup wg;
      for (size_t step = 0; step < kContent.size(); ++step) {
        wg.Go([&file, off, at, step] {
          io::OffsetWriter w(file, off);
          const auto [n, err] = w.WriteAt(kContent.substr(step, 1),
                                          at + static_cast<int64_t>(step));
          EXPECT_EQ(n, 1u);
          EXPECT_TRUE(err.ok()) << err;
        });
      }
      wg.Wait();
      EXPECT_EQ(file.str().substr(static_cast<size_t>(off + at)), kContent);
    }
  }
}

TEST(Io, TestWriteAt_PositionPriorToBase) {
  MemFile file;
  io::OffsetWriter w(file, 10);
  EXPECT_EQ(w.WriteAt("hello", -1).err, io::ErrOffset());
  EXPECT_EQ(file.str(), "");
}

TEST(Io, TestOffsetWriter_Write) {
  MemFile bytes;
  io::OffsetWriter w(bytes, 0);
  for (size_t i = 0; i < kContent.size(); ++i) {
    ASSERT_TRUE(w.Write(kContent.substr(i, 1)).ok());
  }
  EXPECT_EQ(bytes.str(), kContent);

  MemFile copied;
  EXPECT_TRUE(io::Copy(io::OffsetWriter(copied, 0), Buffer(kContent)).ok());
  EXPECT_EQ(copied.str(), kContent);

  MemFile written;
  StringReaderWriterTo src(kContent);
  EXPECT_TRUE(io::Copy(io::OffsetWriter(written, 0), src).ok());
  EXPECT_EQ(written.str(), kContent);
  EXPECT_EQ(src.calls, 1);
}

}  // namespace
