// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// mistakes CASE: the mistakes of docs/MISTAKES.md, one a case. The document
// shows this code, and what it makes the runtime say.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "parkour/parkour.h"
#include "parkour/testing/leak_check.h"

using namespace parkour;

// They are looked for in stacks: not inlined, and not ended by a jump.
#define FRAME [[gnu::noinline]]
inline void KeepFrame() { asm volatile(""); }

// ---- deadlock ----

// Until both transfers have come so far.
sync::WaitGroup audits;

void Audit() {
  audits.Done();
  audits.Wait();
}

FRAME void Transfer(sync::Mutex* from, sync::Mutex* to) {
  sync::MutexLock first(from);
  Audit();  // takes a while
  sync::MutexLock second(to);
  KeepFrame();
}

void Deadlock() {
  sync::Mutex ann, bob;
  audits.Add(2);
  sync::WaitGroup done;
  done.Go(Transfer, &ann, &bob);
  done.Go(Transfer, &bob, &ann);
  done.Wait();
}

// ---- forgotten_close ----

FRAME int Sum(RecvChan<int> numbers) {
  int sum = 0;
  for (int n : numbers) sum += n;
  KeepFrame();
  return sum;
}

void ForgottenClose() {
  Chan<int> numbers = MakeChan<int>();
  go([=] {
    for (int i = 0; i < 3; ++i) numbers.Send(i);
  });
  Sum(numbers);
}

// ---- closed_channel ----

FRAME void Report(SendChan<int> results) {
  results.Send(1);
  KeepFrame();
}

void ClosedChannel() {
  Chan<int> results = MakeChan<int>(1);
  results.Close();
  Report(results);
}

// ---- destructor ----

struct Server {
  FRAME ~Server() {
    connections.Wait();
    KeepFrame();
  }
  sync::WaitGroup connections;
};

void Destructor() {
  Server server;
  Chan<int> requests = MakeChan<int>();
  server.connections.Go([=] { requests.Recv(); });
}

// ---- stack ----

FRAME void Parse(const std::string& text) {
  char copy[1 << 20];
  std::memset(copy, 0, sizeof(copy));
  std::memcpy(copy, text.data(), text.size());
  asm volatile("" : : "r"(copy) : "memory");
}

void Stack() {
  sync::WaitGroup done;
  done.Go(Parse, std::string("text"));
  done.Wait();
}

// ---- end_of_input ----

FRAME std::string ReadLine(const net::Conn& conn) {
  std::string line;
  while (line.empty() || line.back() != '\n') {
    char c;
    auto [n, err] = conn.Read({&c, 1});
    if (n > 0) line.push_back(c);
  }
  KeepFrame();
  return line;
}

void EndOfInput() {
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  absl::StatusOr<net::Conn> client = net::Dial("tcp", ln->Addr().String());
  absl::StatusOr<net::Conn> conn = ln->Accept();
  client->Write("no newline").err.IgnoreError();
  client->Close().IgnoreError();
  ReadLine(*conn);
}

// ---- goroutine_leak ----

FRAME int Fastest(const std::vector<int>& servers) {
  Chan<int> answers = MakeChan<int>();
  for (int server : servers) {
    go([=] { answers.Send(server); });
  }
  return *answers.Recv();
}

TEST(Fastest, Answers) {
  test::LeakCheck leaks(absl::Milliseconds(100));
  Fastest({1, 2, 3});
}

// ---- descriptor_leak ----

TEST(Server, Listens) {
  static net::Listener ln;
  test::LeakCheck leaks(absl::Milliseconds(100));
  ln = *net::Listen("tcp", "127.0.0.1:0");
}

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  const struct {
    const char* name;
    void (*run)();
  } cases[] = {
      {"deadlock", Deadlock},
      {"forgotten_close", ForgottenClose},
      {"closed_channel", ClosedChannel},
      {"destructor", Destructor},
      {"stack", Stack},
      {"end_of_input", EndOfInput},
  };
  for (const auto& c : cases) {
    if (name == c.name) return parkour::Main(argc, argv, c.run);
  }
  const bool goroutine = name == "goroutine_leak";
  if (!goroutine && name != "descriptor_leak") return 64;
  testing::GTEST_FLAG(filter) = goroutine ? "Fastest.*" : "Server.*";
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
