// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// An echo server and its clients in one program, for a trace in which much
// happens: the network, channels, a mutex, sleep, tasks, regions, logs.

#include <cstdio>
#include <string>

#include "parkour/parkour.h"

namespace {

using namespace parkour;

constexpr int kClients = 16;
constexpr int kRequests = 100;

void Echo(const net::Conn& conn) {
  char buffer[64];
  for (;;) {
    auto [n, err] = conn.Read(buffer);
    if (n > 0) {
      if (auto [m, e] = conn.Write({buffer, n}); !e.ok()) break;
    }
    if (!err.ok()) break;
  }
  (void)conn.Close();
}

void Serve(const net::Listener& listener) {
  for (;;) {
    auto conn = listener.Accept();
    if (!conn.ok()) return;
    go(Echo, *conn);
  }
}

bool Request(const net::Conn& conn, const context::Context& ctx) {
  bool is_ok = true;
  trace::WithRegion(ctx, "request", [&] {
    char buffer[5];
    size_t n = 0;
    is_ok = conn.Write("hello").err.ok();
    while (is_ok && n < sizeof(buffer)) {
      auto [m, err] = conn.Read({buffer + n, sizeof(buffer) - n});
      n += m;
      is_ok = n == sizeof(buffer) || err.ok();
    }
  });
  return is_ok;
}

}  // namespace

int main(int argc, char** argv) {
  return Main(argc, argv, [] {
    auto [ctx, task] = trace::NewTask(context::Background(), "run");
    auto listener = net::Listen("tcp", "127.0.0.1:0");
    if (!listener.ok()) return 1;
    go(Serve, *listener);
    const std::string address = listener->Addr().String();
    const Chan<int> done = MakeChan<int>();
    sync::Mutex mu;
    int requests = 0;
    for (int i = 0; i < kClients; ++i) {
      go([&, ctx = ctx] {
        auto conn = net::Dial("tcp", address);
        int ok = 0;
        for (int n = 0; conn.ok() && n < kRequests; ++n) {
          if (Request(*conn, ctx)) ++ok;
          mu.Lock();
          ++requests;
          mu.Unlock();
        }
        if (conn.ok()) (void)conn->Close();
        done.Send(ok);
      });
    }
    time::Sleep(absl::Milliseconds(1));
    int ok = 0;
    for (int i = 0; i < kClients; ++i) ok += done.Recv().value_or(0);
    trace::Log(ctx, "requests", std::to_string(requests));
    (void)listener->Close();
    return ok == kClients * kRequests ? 0 : 1;
  });
}
