// A load generator for the echo server: many connections at once, one goroutine
// each, and every byte that comes back is compared with what was sent.
// Try it: client 127.0.0.1:8080 1000 100 64
#include <cstdio>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "parkour/parkour.h"

using namespace parkour;

struct Load {
  const char* address;
  int connections, round_trips, bytes;
};

// Different for every connection and every round, and reproducible.
std::string Message(int connection, int round, int bytes) {
  std::minstd_rand random(connection * 10007u + round);
  std::string message(bytes, '\0');
  for (char& c : message) c = static_cast<char>(random() >> 16);
  return message;
}

absl::Status RoundTrips(const net::Conn& conn, const Load& load, int id) {
  std::string echoed(load.bytes, '\0');
  for (int round = 0; round < load.round_trips; ++round) {
    const std::string sent = Message(id, round, load.bytes);
    if (auto r = conn.Write(sent); !r.ok()) return r.err;
    if (auto r = io::ReadFull(conn, echoed); !r.ok()) return r.err;
    if (echoed != sent) return absl::DataLossError("the echo differs");
  }
  return conn.Close();
}

absl::Status Run(const Load& load) {
  // So many dial at a time: more would overflow the listener's queue.
  Chan<Unit> dialing = MakeChan<Unit>(128);
  Chan<Unit> start = MakeChan<Unit>();  // closed when everybody is connected
  errgroup::Group done;
  sync::WaitGroup opened;
  opened.Add(load.connections);
  for (int id = 0; id < load.connections; ++id) {
    done.Go([&, id]() -> absl::Status {
      dialing.Send({});
      absl::StatusOr<net::Conn> conn = net::Dial("tcp", load.address);
      dialing.Recv();
      opened.Done();
      start.Recv();
      return conn.ok() ? RoundTrips(*conn, load, id) : conn.status();
    });
  }
  opened.Wait();
  const absl::Time begin = absl::Now();
  start.Close();
  if (absl::Status err = done.Wait(); !err.ok()) return err;
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  const double trips = 1.0 * load.connections * load.round_trips;
  std::printf("%d connections, %.0f round trips of %d bytes, %.2f s, %.0f/s\n",
              load.connections, trips, load.bytes, seconds, trips / seconds);
  return absl::OkStatus();
}

int main(int argc, char** argv) {
  const auto number = [&](int i, int* n) {
    return absl::SimpleAtoi(argv[i], n) && *n > 0;
  };
  Load load{argv[1], 0, 0, 0};
  // Messages fit into the sockets' buffers: they are sent whole, then read.
  if (argc != 5 || !number(2, &load.connections) ||
      !number(3, &load.round_trips) || !number(4, &load.bytes) ||
      load.bytes > 65536) {
    std::fputs("usage: client ADDRESS CONNECTIONS ROUND_TRIPS BYTES\n", stderr);
    return 2;
  }
  return parkour::Main(argc, argv, [&] { return Run(load); });
}
