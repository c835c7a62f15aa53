// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// soak SECONDS: a server and its clients in one process, in cycles: connections
// that come and go, deadlines that expire, goroutines that compute and that
// block, signals; then quiet. After each cycle everything is as it was:
// goroutines, descriptors; and over all cycles memory and threads do not grow.
// One line for each cycle; the last one is SUCCESS or FAILURE and why.

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "parkour/parkour.h"

using namespace parkour;

namespace {

constexpr int kClients = 40;
constexpr absl::Duration kCycle = absl::Milliseconds(1500);
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr int64_t kWarmUpCycles = 2;
constexpr int64_t kSlackKb = 16 << 10;
constexpr int64_t kMaxThreads = 64;

struct Counts {
  std::atomic<int64_t> connections{0}, bytes{0}, expired{0}, signals{0};
  std::atomic<int64_t> wrong{0};
} counts;

int64_t Descriptors() {
  int64_t n = -3;  // ".", "..", and the folder's own
  DIR* const dir = opendir("/proc/self/fd");
  if (dir == nullptr) return -1;
  while (readdir(dir) != nullptr) ++n;
  closedir(dir);
  return n;
}

int64_t ResidentKb() {
  long pages = 0;
  FILE* const f = std::fopen("/proc/self/statm", "r");
  if (f == nullptr) return -1;
  if (std::fscanf(f, "%*d %ld", &pages) != 1) pages = 0;
  std::fclose(f);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

struct Sample {
  int64_t goroutines = runtime::NumGoroutine();
  int64_t descriptors = Descriptors();
  int64_t threads = runtime::NumThread();
  int64_t resident_kb = ResidentKb();
};

// A generator of its own for each client.
class Random {
 public:
  explicit Random(uint64_t seed) : s_(seed * 2654435761u + 1) {}
  int64_t Below(int64_t n) {
    s_ ^= s_ << 13, s_ ^= s_ >> 7, s_ ^= s_ << 17;
    return static_cast<int64_t>(s_ % static_cast<uint64_t>(n));
  }

 private:
  uint64_t s_;
};

void EchoBack(const net::Conn& conn) {
  char buf[4096];
  for (;;) {
    const auto [n, err] = conn.Read(buf);
    if (n > 0 && !conn.Write({buf, n}).ok()) break;
    if (!err.ok()) break;
  }
  conn.Close().IgnoreError();
}

void Accept(net::Listener ln, sync::WaitGroup* serving) {
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln.Accept();
    if (conn.ok()) {
      serving->Go(EchoBack, *std::move(conn));
    } else if (net::IsClosed(conn.status())) {
      return;
    } else {
      time::Sleep(absl::Milliseconds(5));
    }
  }
}

// Sends, and wants it back.
bool Exchange(const net::Conn& conn, Random* random) {
  std::string sent(static_cast<size_t>(1 + random->Below(8000)), '\0');
  for (char& c : sent) c = static_cast<char>(random->Below(256));
  if (!conn.Write(sent).ok()) return false;
  std::string got(sent.size(), '\0');
  if (!io::ReadFull(conn, got).ok()) return false;
  if (got != sent) counts.wrong.fetch_add(1);
  counts.bytes.fetch_add(static_cast<int64_t>(sent.size()));
  return true;
}

void Client(const std::string& address, uint64_t seed,
            const context::Context& ctx) {
  Random random(seed);
  while (ctx.Err().ok()) {
    absl::StatusOr<net::Conn> conn = net::Dial("tcp", address);
    if (!conn.ok()) {
      time::Sleep(absl::Milliseconds(5));
      continue;
    }
    counts.connections.fetch_add(1);
    for (int64_t i = random.Below(6); i >= 0 && Exchange(*conn, &random); --i) {
    }
    switch (random.Below(4)) {
      case 0: {  // nothing will come
        char c;
        conn->SetReadDeadline(absl::Now() + absl::Milliseconds(2))
            .IgnoreError();
        if (net::IsTimeout(conn->Read({&c, 1}).err))
          counts.expired.fetch_add(1);
        break;
      }
      case 1:  // closed with bytes unread: a reset
        conn->Write("x").err.IgnoreError();
        conn->WaitRead().IgnoreError();
        break;
      case 2: {  // closed under a reader
        go([conn = *conn] { conn.Close().IgnoreError(); });
        char c;
        conn->Read({&c, 1}).err.IgnoreError();
        break;
      }
    }
    conn->Close().IgnoreError();
  }
}

void Burn(absl::Duration d) {
  for (const absl::Time end = absl::Now() + d; absl::Now() < end;) {
  }
}

// Goroutines that compute, that block their thread, and that come and go.
void Nuisance(const context::Context& ctx) {
  Random random(7);
  sync::WaitGroup wg;
  while (ctx.Err().ok()) {
    wg.Go([] { Burn(absl::Milliseconds(25)); });
    wg.Go([] { runtime::Blocking([] { usleep(15000); }); });
    for (int64_t i = random.Below(200); i > 0; --i) {
      wg.Go([] { runtime::Gosched(); });
    }
    kill(getpid(), SIGUSR1);
    wg.Wait();
  }
}

void Cycle(uint64_t number) {
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  if (!ln.ok()) return;
  auto [ctx, cancel] = context::WithTimeout(context::Background(), kCycle);
  const std::string address = ln->Addr().String();
  sync::WaitGroup serving, clients;
  serving.Go(Accept, *ln, &serving);
  for (int i = 0; i < kClients; ++i) {
    clients.Go([&, i, ctx = ctx] {
      Client(address, number * kClients + static_cast<uint64_t>(i) + 1, ctx);
    });
  }
  clients.Go([ctx = ctx] { Nuisance(ctx); });
  clients.Wait();
  ln->Close().IgnoreError();
  serving.Wait();
  cancel();
}

// A goroutine's last act comes before its end.
Sample Quiet(const Sample& base) {
  for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
    if (runtime::NumGoroutine() <= base.goroutines &&
        Descriptors() <= base.descriptors) {
      break;
    }
    time::Sleep(absl::Milliseconds(10));
  }
  return Sample();
}

int64_t Median(std::vector<int64_t> v) {
  std::nth_element(v.begin(), v.begin() + static_cast<int64_t>(v.size() / 2),
                   v.end());
  return v[v.size() / 2];
}

// Of the first and the last third of the cycles after the warm-up.
bool Grows(const std::vector<int64_t>& kb, int64_t* first, int64_t* last) {
  const auto third = static_cast<int64_t>(std::max<size_t>(kb.size() / 3, 1));
  *first = Median({kb.begin(), kb.begin() + third});
  *last = Median({kb.end() - third, kb.end()});
  return *last > *first + *first / 10 + kSlackKb;
}

int Fail(const char* why) {
  std::printf("FAILURE: %s\n", why);
  return 1;
}

int Soak(absl::Duration length) {
  const Chan<int> signals = MakeChan<int>(64);
  signal::Notify(signals, {SIGUSR1});
  go([signals] {
    for ([[maybe_unused]] int s : signals) counts.signals.fetch_add(1);
  });
  Cycle(0);  // what is made once is there
  runtime::Gosched();
  const Sample base = Quiet({.goroutines = 2});
  std::vector<int64_t> resident;
  const absl::Time begin = absl::Now();
  for (int64_t n = 1; absl::Now() - begin < length || n <= kWarmUpCycles + 1;
       ++n) {
    Cycle(static_cast<uint64_t>(n));
    const Sample now = Quiet(base);
    std::printf(
        "%6.0f s, cycle %ld: %ld connections, %ld MB, %ld deadlines, "
        "%ld signals; quiet: %ld goroutines, %ld descriptors, "
        "%ld threads, %ld kB\n",
        absl::ToDoubleSeconds(absl::Now() - begin), static_cast<long>(n),
        static_cast<long>(counts.connections),
        static_cast<long>(counts.bytes / 1000000),
        static_cast<long>(counts.expired), static_cast<long>(counts.signals),
        static_cast<long>(now.goroutines), static_cast<long>(now.descriptors),
        static_cast<long>(now.threads), static_cast<long>(now.resident_kb));
    std::fflush(stdout);
    if (counts.wrong != 0) return Fail("bytes came back wrong");
    if (now.goroutines > base.goroutines) return Fail("goroutines are left");
    if (now.descriptors > base.descriptors) return Fail("descriptors are left");
    if (now.threads > kMaxThreads) return Fail("too many threads");
    if (n > kWarmUpCycles) resident.push_back(now.resident_kb);
  }
  int64_t first, last;
  if (Grows(resident, &first, &last)) return Fail("memory grows");
  if (counts.connections == 0 || counts.expired == 0 || counts.signals == 0) {
    return Fail("nothing happened");
  }
  std::printf("SUCCESS: %ld kB at first, %ld kB in the end\n",
              static_cast<long>(first), static_cast<long>(last));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1800;
  return parkour::Main(argc, argv,
                       [=] { return Soak(absl::Seconds(seconds)); });
}
