// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A worker pool with a speed limit: workers COUNT JOBS_PER_SECOND, one job per
// line of the standard input. Ctrl-C: what has begun is finished, no more is
// begun. Try it: seq 20 | workers 3 5
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "parkour/parkour.h"

using namespace parkour;

void ReadJobs(context::Context ctx, SendChan<std::string> jobs) {
  std::string line;
  // Reading a terminal or a file blocks the thread.
  const auto next = [&] { return bool(std::getline(std::cin, line)); };
  while (runtime::Blocking(next)) {
    Select(jobs.OnSend(line), ctx.Done().OnRecv([] {}));
  }
  jobs.Close();
}

// A token every now and then; who works takes one for each job.
void Meter(context::Context ctx, int per_second, SendChan<Unit> tokens) {
  const time::Ticker ticker = time::NewTicker(absl::Seconds(1) / per_second);
  while (ctx.Err().ok()) {
    Select(ticker.C.OnRecv([&] { tokens.TrySend(Unit()); }),
           ctx.Done().OnRecv([] {}));
  }
  ticker.Stop();
}

void Work(context::Context ctx, int id, RecvChan<Unit> tokens,
          RecvChan<std::string> jobs, SendChan<std::string> results) {
  for (;;) {
    std::optional<std::string> job;
    Select(jobs.OnRecv([&](auto j) { job = std::move(j); }),
           ctx.Done().OnRecv([] {}));
    if (!job) return;
    if (Select(tokens.OnRecv([] {}), ctx.Done().OnRecv([] {})) == 1) return;
    results.Send(*job + " done by " + std::to_string(id));
  }
}

int Run(int workers, int per_second) {
  auto [ctx, stop] =
      signal::NotifyContext(context::Background(), {SIGINT, SIGTERM});
  Chan<std::string> jobs = MakeChan<std::string>();
  Chan<std::string> results = MakeChan<std::string>();
  Chan<Unit> tokens = MakeChan<Unit>(1);  // 1: nothing is saved up
  go(ReadJobs, ctx, jobs);
  go(Meter, ctx, per_second, tokens);
  sync::WaitGroup pool;
  for (int id = 0; id < workers; ++id) {
    pool.Go(Work, ctx, id, tokens, jobs, results);
  }
  go([&pool, results] {
    pool.Wait();
    results.Close();
  });
  for (const std::string& line : results) std::cout << line << std::endl;
  std::cout << (ctx.Err().ok() ? "all done" : "stopped") << std::endl;
  return 0;
}

int main(int argc, char** argv) {
  const int workers = argc == 3 ? std::atoi(argv[1]) : 0;
  const int per_second = argc == 3 ? std::atoi(argv[2]) : 0;
  if (workers <= 0 || per_second <= 0) {
    std::cerr << "usage: workers COUNT JOBS_PER_SECOND\n";
    return 2;
  }
  return parkour::Main(argc, argv, [&] { return Run(workers, per_second); });
}
