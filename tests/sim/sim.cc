// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Runs simulated programs on demand, each in a process of its own: reads lines
// "PROGRAM SEED FAULTS MUTANT SHOW" and answers each with "ok HASH POINTS ..."
// or "failed STATUS". FAULTS and SHOW are 0 or 1, MUTANT is a number of
// world.h's; the schedule is drawn from the seed.
//
// All runs begin from the same state: addresses are not randomised, the
// environment is empty, and this process, from which they are forked, allocates
// nothing between them.

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <new>

#include "parkour/parkour.h"
#include "tests/sim/programs.h"
#include "tests/sim/world.h"

namespace parkour::sim {
namespace {

constexpr unsigned kRealSeconds = 60;  // then a run hangs

struct Request {
  char program[32];
  unsigned long seed;
  int faults;
  int mutant;
  int show;
};

const Program* Find(const char* name) {
  for (const Program& p : kPrograms) {
    if (p.name == name) return &p;
  }
  return nullptr;
}

[[noreturn]] void Run(const Program& program, const Request& request,
                      Tally* tally) {
  alarm(kRealSeconds);
  Options options;
  options.seed = request.seed;
  options.schedule = static_cast<Schedule>(request.seed / 7 % kSchedules);
  options.faults = request.faults != 0;
  options.mutant = static_cast<Mutant>(request.mutant);
  options.show = request.show != 0;
  Begin(options, tally);
  char procs[4];
  std::snprintf(procs, sizeof(procs), "%u", 1 + Below(4));
  setenv("GOMAXPROCS", procs, 1);
  setenv("PARKOUR_FLIGHT", "off", 1);  // it has the processor's clock
  const int status = Main(0, nullptr, [&] {
    program.run();
    return 0;
  });
  _exit(status);
}

void Answer(int status, const Tally& t) {
  if (status != 0) {
    std::printf("failed %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  } else {
    std::printf("ok %016lx %ld %ld %ld %ld %ld", t.hash,
                static_cast<long>(t.points), static_cast<long>(t.switches),
                static_cast<long>(t.jumps), static_cast<long>(t.now),
                static_cast<long>(t.threads));
    for (const int64_t n : t.faults) std::printf(" %ld", static_cast<long>(n));
    std::printf("\n");
  }
  std::fflush(stdout);
}

int Serve() {
  static char in[4096], out[4096];
  setvbuf(stdin, in, _IOFBF, sizeof(in));
  setvbuf(stdout, out, _IOFBF, sizeof(out));
  void* const shared = mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const tally = new (shared) Tally;
  static char line[256];
  while (std::fgets(line, sizeof(line), stdin) != nullptr) {
    Request r = {};
    if (std::sscanf(line, "%31s %lu %d %d %d", r.program, &r.seed, &r.faults,
                    &r.mutant, &r.show) != 5) {
      return 2;
    }
    const Program* const program = Find(r.program);
    if (program == nullptr) return 2;
    *tally = Tally();
    const pid_t pid = fork();
    if (pid == 0) Run(*program, r, tally);
    int status = 0;
    waitpid(pid, &status, 0);
    Answer(status, *tally);
  }
  return 0;
}

}  // namespace
}  // namespace parkour::sim

int main(int, char** argv) {
  // Once more without randomised addresses, and without an environment.
  if (const int now = personality(0xFFFFFFFF);
      (now & ADDR_NO_RANDOMIZE) == 0 &&
      personality(now | ADDR_NO_RANDOMIZE) >= 0) {
    char name[] = "sim";
    char* const args[] = {name, nullptr};
    char* const environment[] = {nullptr};
    execve("/proc/self/exe", args, environment);
  }
  // A switch between threads is cheapest where no other CPU has to wake up.
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof(one), &one);
  (void)argv;
  return parkour::sim::Serve();
}
