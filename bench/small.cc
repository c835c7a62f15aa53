// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/small.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <span>

#include "parkour/parkour.h"

namespace parkour::bench {
namespace {

constexpr int64_t kBatch = 1000;
constexpr int64_t kSlots = 128;

// The share of the i-th of `among`: together they do n.
int64_t Share(int64_t n, int64_t among, int64_t i) { return (n + i) / among; }

void Switch(int64_t n) {
  sync::WaitGroup other;
  other.Go([n] {
    for (int64_t i = 0; i < n / 2; ++i) runtime::Gosched();
  });
  for (int64_t i = 0; i < n / 2; ++i) runtime::Gosched();
  other.Wait();
}

void PingPong(int64_t n) {
  const Chan<int64_t> ping = MakeChan<int64_t>(), pong = MakeChan<int64_t>();
  go([ping, pong] {
    for (const int64_t v : ping) pong.Send(v);
  });
  for (int64_t i = 0; i < n; ++i) {
    ping.Send(i);
    pong.Recv();
  }
  ping.Close();
}

void Buffered(int64_t n, int64_t pairs) {
  const Chan<int64_t> items = MakeChan<int64_t>(kSlots);
  sync::WaitGroup done;
  for (int64_t p = 0; p < pairs; ++p) {
    const int64_t share = Share(n, pairs, p);
    done.Go([items, share] {
      for (int64_t i = 0; i < share; ++i) items.Send(i);
    });
    done.Go([items, share] {
      for (int64_t i = 0; i < share; ++i) items.Recv();
    });
  }
  done.Wait();
}

void SpawnAll(int64_t n) {
  sync::WaitGroup done;
  done.Add(static_cast<int>(n));
  for (int64_t i = 0; i < n; ++i) go([&done] { done.Done(); });
  done.Wait();
}

void SpawnBatches(int64_t n) {
  for (int64_t left = n; left > 0; left -= kBatch) {
    SpawnAll(std::min(left, kBatch));
  }
}

void Tree(const Chan<int64_t>& up, int64_t first, int64_t leaves) {
  if (leaves == 1) {
    up.Send(first);
    return;
  }
  const Chan<int64_t> sums = MakeChan<int64_t>();
  for (int64_t i = 0; i < 10; ++i) {
    go([sums, child = first + i * (leaves / 10), leaves] {
      Tree(sums, child, leaves / 10);
    });
  }
  int64_t sum = 0;
  for (int64_t i = 0; i < 10; ++i) sum += *sums.Recv();
  up.Send(sum);
}

// n: a power of ten.
void Skynet(int64_t n) {
  const Chan<int64_t> result = MakeChan<int64_t>();
  go([result, n] { Tree(result, 0, n); });
  const int64_t sum = *result.Recv();
  if (sum == n * (n - 1) / 2) return;
  std::fprintf(stderr, "skynet: %lld\n", static_cast<long long>(sum));
  std::exit(1);
}

void Lock(int64_t n) {
  sync::Mutex mu;
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i) {
    std::lock_guard lock(mu);
    // In memory, or the compiler does all n at once.
    asm volatile("" : "+m"(count));
  }
}

void LockAmong(int64_t n, int64_t goroutines, void (*inside)()) {
  sync::Mutex mu;
  int64_t count = 0;
  sync::WaitGroup done;
  for (int64_t g = 0; g < goroutines; ++g) {
    done.Go([&, share = Share(n, goroutines, g)] {
      for (int64_t i = 0; i < share; ++i) {
        std::lock_guard lock(mu);
        ++count;
        inside();
      }
    });
  }
  done.Wait();
  if (count == n) return;
  std::fprintf(stderr, "mutex: %lld\n", static_cast<long long>(count));
  std::exit(1);
}

void SelectOfTwo(int64_t n) {
  const Chan<int64_t> a = MakeChan<int64_t>(), b = MakeChan<int64_t>();
  go([a, b, n] {
    for (int64_t i = 0; i < n; ++i) (i % 2 == 0 ? a : b).Send(i);
  });
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    Select(a.OnRecv([&](std::optional<int64_t> v) { sum += *v; }),
           b.OnRecv([&](std::optional<int64_t> v) { sum -= *v; }));
  }
}

constexpr Small kAll[] = {
    {"switch", Switch},
    {"pingpong", PingPong},
    {"buffered", [](int64_t n) { Buffered(n, 1); }},
    {"buffered4", [](int64_t n) { Buffered(n, 4); }},
    {"spawn", SpawnBatches},
    {"spawnall", SpawnAll},
    {"skynet", Skynet},
    {"mutex", Lock},
    {"mutex1000", [](int64_t n) { LockAmong(n, 1000, [] {}); }},
    {"mutexyield",
     [](int64_t n) { LockAmong(n, 10, [] { runtime::Gosched(); }); }},
    {"select", SelectOfTwo},
};

}  // namespace

std::span<const Small> AllSmall() { return kAll; }

}  // namespace parkour::bench
