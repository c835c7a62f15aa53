// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/sendfile_test.go, sendfile_unix_test.go, by meaning.

#include <fcntl.h>
#include <sys/stat.h>

#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class SendfileTest : public LocalTest {};

// A file of these bytes, which is gone with its last descriptor.
net::File FileOf(std::string_view data) {
  char path[] = "/tmp/parkour-sendfile-XXXXXX";
  const int fd = mkostemp(path, O_CLOEXEC);
  EXPECT_GE(fd, 0);
  unlink(path);
  const net::File file(fd, path);
  EXPECT_TRUE(file.Write(data).ok());
  EXPECT_TRUE(file.Seek(0, io::SeekStart).ok());
  return file;
}

// What arrives when `send` has sent it.
template <typename F>
std::string Received(F send) {
  const LocalPair p = Connect("tcp");
  sync::WaitGroup wg;
  wg.Go([&] {
    send(p.client);
    EXPECT_TRUE(p.client.Close().ok());
  });
  const absl::StatusOr<std::string> got = io::ReadAll(p.server);
  wg.Wait();
  EXPECT_TRUE(got.ok()) << got.status();
  return got.value_or("");
}

GO_TEST(SendfileTest, TestSendfile) {
  const std::string data = Bytes(387851);
  const net::File file = FileOf(data);
  EXPECT_TRUE(Received([&](const net::Conn& c) {
                const io::Result r = io::Copy(c, file);
                EXPECT_TRUE(r.ok()) << r.err;
                EXPECT_EQ(r.n, data.size());
              }) == data);
  // The file stands where a reader would have left it.
  EXPECT_EQ(*file.Seek(0, io::SeekCurrent), static_cast<int64_t>(data.size()));
}

void WithLimit(int64_t limit) {
  const std::string data = Bytes(387851);
  const net::File file = FileOf(data);
  const size_t want = std::min(data.size(), static_cast<size_t>(limit));
  EXPECT_TRUE(Received([&](const net::Conn& c) {
                io::LimitedReader limited = io::LimitReader(file, limit);
                const io::Result r = io::Copy(c, limited);
                EXPECT_TRUE(r.ok()) << r.err;
                EXPECT_EQ(r.n, want);
                EXPECT_EQ(limited.n, limit - static_cast<int64_t>(want));
              }) == data.substr(0, want));
}

GO_TEST(SendfileTest, TestSendfileWithExactLimit) { WithLimit(387851); }

GO_TEST(SendfileTest, TestSendfileWithLimitLargerThanFile) {
  WithLimit(int64_t{1} << 40);
}

// A hole of 256 MB, so that it takes many calls and the disk no space.
GO_TEST(SendfileTest, TestSendfileWithLargeFile) {
  const net::File file = FileOf("");
  const int64_t size = Scaled(256 << 20);
  ASSERT_EQ(ftruncate(file.Fd(), size), 0);
  const LocalPair p = Connect("tcp");
  sync::WaitGroup wg;
  wg.Go([&] {
    const io::Result r = io::Copy(p.client, file);
    EXPECT_TRUE(r.ok()) << r.err;
    EXPECT_EQ(static_cast<int64_t>(r.n), size);
    EXPECT_TRUE(p.client.Close().ok());
  });
  const io::Result got = io::Copy(io::Discard, p.server);
  EXPECT_EQ(static_cast<int64_t>(got.n), size) << got.err;
  wg.Wait();
}

GO_TEST(SendfileTest, TestSendfileParts) {
  const std::string data = Bytes(100);
  const net::File file = FileOf(data);
  EXPECT_EQ(Received([&](const net::Conn& c) {
              for (int i = 0; i < 3; ++i) {
                EXPECT_EQ(io::CopyN(c, file, 3).n, 3u);
              }
            }),
            data.substr(0, 9));
}

GO_TEST(SendfileTest, TestSendfileSeeked) {
  const std::string data = Bytes(387851);
  const net::File file = FileOf(data);
  ASSERT_TRUE(file.Seek(65 << 10, io::SeekStart).ok());
  EXPECT_TRUE(Received([&](const net::Conn& c) {
                EXPECT_EQ(io::Copy(c, file).n, data.size() - (65 << 10));
              }) == data.substr(65 << 10));
}

// A pipe is no file to send: through a buffer, then.
GO_TEST(SendfileTest, TestSendfilePipe) {
  int fds[2];
  ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
  const net::File r(fds[0], "r"), w(fds[1], "w");
  EXPECT_TRUE(w.Write("through a pipe").ok());
  EXPECT_EQ(Received([&](const net::Conn& c) {
              EXPECT_EQ(io::CopyN(c, r, 14).n, 14u);
            }),
            "through a pipe");
}

// The count of what went before the deadline is exact.
GO_TEST(SendfileTest, TestSendfileOnWriteTimeoutExceeded) {
  const net::File file = FileOf("");
  ASSERT_EQ(ftruncate(file.Fd(), 64 << 20), 0);
  const LocalPair p = Connect("tcp");
  EXPECT_TRUE(
      p.client.SetWriteDeadline(absl::Now() + absl::Milliseconds(50)).ok());
  const io::Result r = io::Copy(p.client, file);
  EXPECT_TRUE(net::IsTimeout(r.err)) << r.err;
  EXPECT_EQ(net::OpErrorOf(r.err)->op, "readfrom");
  EXPECT_TRUE(p.client.Close().ok());
  const io::Result got = io::Copy(io::Discard, p.server);
  EXPECT_EQ(got.n, r.n);
}

// What the kernel has no sendfile for comes all the same.
GO_TEST(SendfileTest, TestCopyFromTTY) {
  const int pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (pty < 0 || grantpt(pty) != 0 || unlockpt(pty) != 0) {
    GTEST_SKIP() << "no terminal to be had";
  }
  const net::File ours(pty, "pty");
  const int tty = open(ptsname(pty), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(tty, 0);
  const net::File theirs(tty, "tty");
  EXPECT_TRUE(ours.Write("typed\n").ok());
  EXPECT_EQ(Received([&](const net::Conn& c) {
              EXPECT_EQ(io::CopyN(c, theirs, 6).n, 6u);
            }),
            "typed\n");
}

}  // namespace
}  // namespace parkour::tests
