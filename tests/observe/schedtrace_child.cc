// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// schedtrace_child TRACES GOROUTINES: parks goroutines on a channel and one on
// a thread of its own, and passes its own standard error on to its standard
// output until so many traces have come.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "parkour/boot/main.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/syscall.h"

using namespace parkour;

namespace {

// `errors`: what arrives on standard error.
int Run(int traces, int goroutines, int errors) {
  const Chan<int> never = MakeChan<int>();
  const Chan<int> locked = MakeChan<int>();
  for (int i = 0; i < goroutines; ++i) go([never] { never.Recv(); });
  go([never, locked] {
    runtime::LockOSThread();
    locked.Send(1);
    never.Recv();
  });
  locked.Recv();
  // One more than asked for: the last that is wanted is then complete.
  runtime::Blocking([&] {
    FILE* const in = fdopen(errors, "r");
    char line[512];
    while (traces >= 0 && std::fgets(line, sizeof(line), in) != nullptr) {
      if (std::string(line).starts_with("SCHED ")) --traces;
      if (traces >= 0) std::fputs(line, stdout);
    }
  });
  std::fflush(stdout);
  return 0;
}

}  // namespace

// The first trace comes with the runtime's start.
int main(int argc, char** argv) {
  int fds[2];
  if (argc != 3 || pipe2(fds, O_CLOEXEC) != 0) return 1;
  if (dup2(fds[1], STDERR_FILENO) < 0) return 1;
  return parkour::Main(argc, argv, [=] {
    return Run(std::atoi(argv[1]), std::atoi(argv[2]), fds[0]);
  });
}
