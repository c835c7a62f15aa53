// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/os/pipe_test.go, by meaning, on what stands in for a pipe. Left out:
// what is about files in blocking mode.

#include "parkour/tests/conformance/os/pipe.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "parkour/bufio/reader.h"
#include "parkour/io/io.h"
#include "parkour/signal/signal.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

// More than the system keeps for a reader to come.
constexpr size_t kTooMuch = 16 << 20;

// An error each time, and no signal.
GO_TEST(OsPipeTest, TestEPIPE) {
  Pipe p;
  EXPECT_EQ(p.r.Close(), 0);
  for (int i = 0; i < 20; ++i) {
    const auto [n, err] = p.w.Write("hi");
    EXPECT_EQ(n, 0u);
    EXPECT_EQ(err, -EPIPE) << "iteration " << i;
  }
}

// Standard output is not Parkour's: a reader that has gone is SIGPIPE there, as
// in any program, and an error once that signal is somebody's.
[[noreturn]] void WriteToStdoutWithoutReader(bool notify) {
  int fds[2];
  if (pipe(fds) != 0 || dup2(fds[1], STDOUT_FILENO) < 0) _exit(3);
  close(fds[0]);
  ::signal(SIGPIPE, SIG_DFL);
  const Chan<int> c = MakeChan<int>(1);
  if (notify) signal::Notify(c, {SIGPIPE});
  runtime::testing::RunInGoroutine([] {
    const ssize_t n = write(STDOUT_FILENO, "stdout", 6);
    _exit(n < 0 && errno == EPIPE ? 0 : 4);
  });
  _exit(5);
}

TEST(OsPipeDeathTest, TestStdPipe) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(WriteToStdoutWithoutReader(false),
              ::testing::KilledBySignal(SIGPIPE), "");
  EXPECT_EXIT(WriteToStdoutWithoutReader(true), ::testing::ExitedWithCode(0),
              "");
}

// Closing one's own end ends what one waits for there.
void TestClosedPipeRace(bool read) {
  Pipe p;
  sync::WaitGroup wg;
  wg.Go([&p, read] {
    AwaitParked();
    EXPECT_EQ((read ? p.r : p.w).Close(), 0);
  });
  char b[1];
  const std::string much(read ? 0 : kTooMuch, 'x');
  EXPECT_EQ((read ? p.r.Read(b) : p.w.Write(much)).err, poll::kErrClosing);
  wg.Wait();
  EXPECT_EQ((read ? p.r.Read(b) : p.w.Write("x")).err, poll::kErrClosing);
}

GO_TEST(OsPipeTest, TestClosedPipeRaceRead) { TestClosedPipeRace(true); }
GO_TEST(OsPipeTest, TestClosedPipeRaceWrite) { TestClosedPipeRace(false); }

// The reader of a pipe, for what reads.
struct Source : io::Reader {
  explicit Source(PipeEnd* end) : end(end) {}

  io::Result Read(std::span<char> p) override {
    const auto [n, err] = end->Read(p);
    if (err == poll::kErrEOF) return {n, io::EOF()};
    if (err != 0) return {n, absl::InternalError(std::to_string(err))};
    return {n, absl::OkStatus()};
  }

  PipeEnd* const end;
};

// A reader that waits gets each line when it is written, and the end.
GO_TEST(OsPipeTest, TestPipeEOF) {
  Pipe p;
  const Chan<int> write = MakeChan<int>(1);
  sync::WaitGroup wg;
  wg.Go([&p, write] {
    for (const int i : write) {
      AwaitParked();
      EXPECT_EQ(p.w.Write("line " + std::to_string(i) + "\n").err, 0);
    }
    AwaitParked();
    EXPECT_EQ(p.w.Close(), 0);
  });
  Source source(&p.r);
  bufio::Reader lines(source);
  for (int i = 0; i < 3; ++i) {
    write.Send(i);
    const auto [line, err] = lines.ReadString('\n');
    EXPECT_TRUE(err.ok()) << err;
    EXPECT_EQ(line, "line " + std::to_string(i) + "\n");
  }
  write.Close();
  const auto [line, err] = lines.ReadString('\n');
  EXPECT_EQ(line, "");
  EXPECT_TRUE(io::IsEOF(err)) << err;
  wg.Wait();
}

GO_TEST(OsPipeTest, TestFdRace) {
  Pipe p;
  sync::WaitGroup wg;
  for (int i = 0; i < 100; ++i) {
    wg.Go([&p] { EXPECT_GE(p.w.Number(), 0); });
  }
  wg.Wait();
}

// Asking for the number does not wait for a Read, nor does it disturb it.
GO_TEST(OsPipeTest, TestFdReadRace) {
  Pipe p;
  EXPECT_EQ(p.r.SetDeadline(base::nanotime() + 60 * runtime::testing::kSecond,
                            PipeEnd::kRead),
            0);
  sync::WaitGroup wg;
  wg.Go([&p] {
    char b[10];
    EXPECT_EQ(p.r.Read(b).n, sizeof(b));
  });
  AwaitParked();
  EXPECT_GE(p.r.Number(), 0);
  EXPECT_EQ(p.w.Write(std::string(10, '\0')).err, 0);
  wg.Wait();
}

}  // namespace
}  // namespace parkour::tests
