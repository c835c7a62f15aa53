// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// child.h: a program run as a child process, for tests that judge a whole
// process: its words, its exit status, its threads.
//
//   Child server({Runfile("examples/echo/echo_server"), "127.0.0.1:0"});
//   std::optional<std::string> line = server.ReadLine(seconds(10));
//   ...
//   server.Signal(SIGTERM);
//   Outcome outcome = server.Finish(seconds(10));
//
// A child that does not end in time is shown by gdb (all threads' stacks, where
// gdb is installed) and killed; nothing outlives its Child.
//
// Blocking: ReadLine and Finish block the thread, at most as long as said.
// Thread-safety: one thread per Child. The test program itself does not use the
//           runtime.

#ifndef PARKOUR_TESTS_CHILD_CHILD_H_
#define PARKOUR_TESTS_CHILD_CHILD_H_

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace parkour::tests {

struct Outcome {
  bool timed_out = false;  // killed by us; `hang` shows where it stood
  int exit_status = -1;    // -1: ended by a signal
  int signal = 0;          // 0: exited
  std::string out;         // what it wrote and nobody has read yet
  std::string err;
  std::string hang;
};

class Child {
 public:
  // Starts argv[0] with our environment and `env` ("NAME=value") on top.
  // Core files are off.
  explicit Child(const std::vector<std::string>& argv,
                 const std::vector<std::string>& env = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }

  // The next line of its standard output, without the newline; nothing at the
  // end of the output or when the time is over.
  std::optional<std::string> ReadLine(std::chrono::milliseconds timeout);

  // Waits until its standard error holds `text`; what was written there until
  // then is returned and forgotten. Nothing at its end, or when the time is
  // over.
  std::optional<std::string> ReadErrorUntil(const std::string& text,
                                            std::chrono::milliseconds timeout);

  // Sends a line to its standard input.
  void WriteLine(const std::string& line);

  void Signal(int signal);

  // Whether it has not ended yet.
  bool Running();

  // Closes its standard input, gathers its output and waits for its end.
  Outcome Finish(std::chrono::milliseconds timeout);

 private:
  using Clock = std::chrono::steady_clock;

  // Reads what there is on either pipe; false at the deadline or when both
  // have ended.
  bool Pump(Clock::time_point deadline);
  bool WaitForEnd(Clock::time_point deadline);
  void Reap(Outcome* outcome);
  std::string Backtraces() const;

  pid_t pid_ = -1;  // -1: reaped
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string out_text_;
  std::string err_text_;
};

// The path of a program named in `data`: "tests/crash/crash_child".
std::string Runfile(const std::string& path);

// Raises this process's limit of open files, which children inherit, to the
// hard limit; returns it.
size_t RaiseFileLimit();

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CHILD_CHILD_H_
