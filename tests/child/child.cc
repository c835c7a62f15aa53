// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/child/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace parkour::tests {
namespace {

void Check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "child: %s: %s\n", what, std::strerror(errno));
  std::abort();
}

struct Pipe {
  Pipe() { Check(pipe2(fd, O_CLOEXEC) == 0, "pipe2"); }
  int fd[2];
};

int MillisUntil(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void CloseIfOpen(int* fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& s : strings) {
    pointers.push_back(const_cast<char*>(s.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// The last assignment of a name wins in getenv of some systems, the first in
// others: ours replace the inherited ones.
std::vector<std::string> Environment(const std::vector<std::string>& ours) {
  std::vector<std::string> all = ours;
  for (char** p = environ; *p != nullptr; ++p) {
    const std::string name(*p, std::strcspn(*p, "="));
    const bool replaced =
        std::any_of(ours.begin(), ours.end(), [&](const std::string& s) {
          return s.compare(0, name.size() + 1, name + "=") == 0;
        });
    if (!replaced) all.push_back(*p);
  }
  return all;
}

}  // namespace

Child::Child(const std::vector<std::string>& argv,
             const std::vector<std::string>& env) {
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  signal(SIGPIPE, SIG_IGN);
  Pipe in, out, err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.fd[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.fd[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.fd[1], STDERR_FILENO);
  posix_spawnattr_t attr;
  posix_spawnattr_init(&attr);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attr, &defaults);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
  const std::vector<std::string> environment = Environment(env);
  errno = posix_spawn(&pid_, argv[0].c_str(), &actions, &attr,
                      Pointers(argv).data(), Pointers(environment).data());
  Check(errno == 0, argv[0].c_str());
  posix_spawnattr_destroy(&attr);
  posix_spawn_file_actions_destroy(&actions);
  close(in.fd[0]);
  close(out.fd[1]);
  close(err.fd[1]);
  in_ = in.fd[1];
  out_ = out.fd[0];
  err_ = err.fd[0];
}

Child::~Child() {
  if (pid_ > 0) {
    Outcome unused;
    Signal(SIGKILL);
    Reap(&unused);
  }
  CloseIfOpen(&in_);
  CloseIfOpen(&out_);
  CloseIfOpen(&err_);
}

bool Child::Pump(Clock::time_point deadline) {
  if (out_ < 0 && err_ < 0) return false;
  pollfd fds[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  const int n = poll(fds, 2, MillisUntil(deadline));
  if (n < 0 && errno == EINTR) return true;
  if (n <= 0) return false;
  char buf[65536];
  for (int i = 0; i < 2; ++i) {
    if (fds[i].revents == 0) continue;
    const ssize_t got = read(fds[i].fd, buf, sizeof(buf));
    if (got > 0) {
      (i == 0 ? out_text_ : err_text_).append(buf, static_cast<size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      CloseIfOpen(i == 0 ? &out_ : &err_);
    }
  }
  return true;
}

std::optional<std::string> Child::ReadLine(std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  for (;;) {
    const size_t end = out_text_.find('\n');
    if (end != std::string::npos) {
      std::string line = out_text_.substr(0, end);
      out_text_.erase(0, end + 1);
      return line;
    }
    if (out_ < 0 || !Pump(deadline)) return std::nullopt;
  }
}

std::optional<std::string> Child::ReadErrorUntil(
    const std::string& text, std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  for (;;) {
    const size_t at = err_text_.find(text);
    if (at != std::string::npos) {
      std::string seen = err_text_.substr(0, at + text.size());
      err_text_.erase(0, seen.size());
      return seen;
    }
    if (err_ < 0 || !Pump(deadline)) return std::nullopt;
  }
}

void Child::WriteLine(const std::string& line) {
  const std::string text = line + "\n";
  const ssize_t n = write(in_, text.data(), text.size());
  Check(n == static_cast<ssize_t>(text.size()) || errno == EPIPE, "write");
}

void Child::Signal(int signal) {
  if (pid_ > 0) kill(pid_, signal);
}

bool Child::Running() { return !WaitForEnd(Clock::now()); }

bool Child::WaitForEnd(Clock::time_point deadline) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  Check(fd >= 0, "pidfd_open");
  pollfd ended = {fd, POLLIN, 0};
  int n;
  do {
    n = poll(&ended, 1, MillisUntil(deadline));
  } while (n < 0 && errno == EINTR);
  close(fd);
  return n > 0;
}

void Child::Reap(Outcome* outcome) {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status)) outcome->exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome->signal = WTERMSIG(status);
}

std::string Child::Backtraces() const {
  const std::string command =
      "timeout 60 gdb -p " + std::to_string(pid_) +
      " -batch -nx -ex 'thread apply all bt 12' 2>&1 </dev/null";
  FILE* const gdb = popen(command.c_str(), "r");
  if (gdb == nullptr) return "no gdb";
  std::string text;
  char buf[4096];
  while (const size_t n = fread(buf, 1, sizeof(buf), gdb)) text.append(buf, n);
  pclose(gdb);
  return text;
}

Outcome Child::Finish(std::chrono::milliseconds timeout) {
  Outcome outcome;
  const Clock::time_point deadline = Clock::now() + timeout;
  CloseIfOpen(&in_);
  while (Pump(deadline)) {
  }
  if (!WaitForEnd(deadline)) {
    outcome.timed_out = true;
    outcome.hang = Backtraces();
    Signal(SIGKILL);
  }
  Reap(&outcome);
  outcome.out = std::move(out_text_);
  outcome.err = std::move(err_text_);
  return outcome;
}

std::string Runfile(const std::string& path) {
  const char* const root = std::getenv("TEST_SRCDIR");
  const char* const workspace = std::getenv("TEST_WORKSPACE");
  if (root == nullptr || workspace == nullptr) return "./" + path;
  return std::string(root) + "/" + workspace + "/" + path;
}

size_t RaiseFileLimit() {
  rlimit limit;
  Check(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  Check(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  return limit.rlim_max;
}

}  // namespace parkour::tests
