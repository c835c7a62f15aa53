// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A program with threads of its own, and a main loop that is not Parkour's,
// serves the network from goroutines. The threads and the goroutines meet at
// channels: a goroutine parks there, a thread sleeps.
// Try it: printf '2 3\nend\n' | nc -N 127.0.0.1 8080
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "parkour/parkour.h"

using namespace parkour;

struct Task {
  double a, b;
  SendChan<double> answer;
};

// A thread of the program's, which knows nothing of goroutines. It may call
// what blocks, be real-time, hold a std::mutex: it is an ordinary thread.
void Compute(RecvChan<Task> tasks) {
  for (const Task& task : tasks) task.answer.Send(task.a * task.b);
}

// A goroutine per connection. "A B" gives their product, "end" ends it all.
void Serve(net::Conn conn, SendChan<Task> tasks, SendChan<Unit> end) {
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  const Chan<double> answer = MakeChan<double>();
  bufio::Scanner lines(conn);
  while (lines.Scan()) {
    double a = 0, b = 0;
    if (lines.Text() == "end") {
      end.TrySend({});
      return;
    }
    if (std::sscanf(std::string(lines.Text()).c_str(), "%lf %lf", &a, &b) != 2)
      return;
    tasks.Send({a, b, answer});
    if (!conn.Write(absl::StrCat(*answer.Recv(), "\n")).ok()) return;
  }
}

int main(int argc, char** argv) {
  // No Main: the runtime starts with its first use, here on the main thread.
  auto ln = net::Listen("tcp", argc > 1 ? argv[1] : "127.0.0.1:8080");
  if (!ln.ok()) {
    std::cerr << ln.status().message() << "\n";
    return 1;
  }
  const Chan<Task> tasks = MakeChan<Task>();
  const Chan<Unit> end = MakeChan<Unit>(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) threads.emplace_back(Compute, tasks);
  sync::WaitGroup connections;
  connections.Go([&] {
    for (;;) {
      absl::StatusOr<net::Conn> conn = ln->Accept();
      if (net::IsClosed(conn.status())) return;
      if (conn.ok()) connections.Go(Serve, *std::move(conn), tasks, end);
      if (!conn.ok()) time::Sleep(absl::Milliseconds(10));  // no descriptors
    }
  });
  std::cout << "listening on " << ln->Addr().String() << std::endl;

  end.Recv();  // the program's own main loop would be here
  ln->Close().IgnoreError();
  connections.Wait();
  tasks.Close();
  for (std::thread& thread : threads) thread.join();
  // Nothing of a goroutine runs beside the destructors of static objects.
  return runtime::Shutdown(absl::Seconds(10)).ok() ? 0 : 1;
}
