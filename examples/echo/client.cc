// A load generator for the echo server: many connections at once, one goroutine
// each, and every byte that comes back is compared with what was sent.
// Try it: client 127.0.0.1:8080 1000 100 64
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "parkour/parkour.h"

using namespace parkour;

// A message must fit into the sockets' buffers: it is sent whole before the
// first byte of the echo is read.
constexpr int kMaxBytes = 65536;
// As many dial at a time: more would overflow the listener's queue.
constexpr int kDialers = 128;

struct Load {
  std::string address;
  int connections, round_trips, bytes;
};

// Different for every connection and every round, and reproducible.
void FillMessage(int connection, int round, std::string* message) {
  uint64_t x = static_cast<uint64_t>(connection) << 32 | round;
  for (char& c : *message) {
    x = x * 6364136223846793005 + 1442695040888963407;
    c = static_cast<char>(x >> 56);
  }
}

absl::Status ReadFull(const net::Conn& conn, std::string* message) {
  for (size_t done = 0; done < message->size();) {
    auto [n, err] = conn.Read({message->data() + done, message->size() - done});
    done += n;
    if (done < message->size() && !err.ok()) return err;
  }
  return absl::OkStatus();
}

absl::Status RoundTrips(const net::Conn& conn, const Load& load, int id,
                        std::atomic<int64_t>* trips) {
  std::string sent(load.bytes, '\0'), echoed(load.bytes, '\0');
  for (int round = 0; round < load.round_trips; ++round) {
    FillMessage(id, round, &sent);
    if (auto [n, err] = conn.Write(sent); !err.ok()) return err;
    if (auto err = ReadFull(conn, &echoed); !err.ok()) return err;
    if (echoed != sent) return absl::DataLossError("the echo differs");
    ++*trips;
  }
  return absl::OkStatus();
}

int Run(const Load& load) {
  Chan<Unit> dialing = MakeChan<Unit>(kDialers);
  Chan<Unit> start = MakeChan<Unit>();
  sync::WaitGroup opened, done;
  std::atomic<int64_t> trips = 0, errors = 0;
  opened.Add(load.connections);
  for (int id = 0; id < load.connections; ++id) {
    done.Go([&, id] {
      dialing.Send({});
      absl::StatusOr<net::Conn> conn = net::Dial("tcp", load.address);
      dialing.Recv();
      opened.Done();
      start.Recv();  // closed when everybody is connected
      absl::Status result =
          conn.ok() ? RoundTrips(*conn, load, id, &trips) : conn.status();
      if (result.ok()) result = conn->Close();
      if (!result.ok() && errors++ == 0) {
        std::fprintf(stderr, "%s\n", std::string(result.message()).c_str());
      }
    });
  }
  opened.Wait();
  const absl::Time begin = absl::Now();
  start.Close();
  done.Wait();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);

  std::printf(
      "%d connections, %ld round trips of %d bytes, %ld errors, %.2f s, "
      "%.0f round trips/s\n",
      load.connections, trips.load(), load.bytes, errors.load(), seconds,
      trips / seconds);
  return errors == 0 ? 0 : 1;
}

int main(int argc, char** argv) {
  auto number = [&](int i, int max, int* value) {
    return absl::SimpleAtoi(argv[i], value) && *value >= 1 && *value <= max;
  };
  Load load;
  if (argc != 5 || !number(2, 1000000, &load.connections) ||
      !number(3, 1000000000, &load.round_trips) ||
      !number(4, kMaxBytes, &load.bytes)) {
    std::fprintf(stderr,
                 "usage: %s ADDRESS CONNECTIONS ROUND_TRIPS BYTES\n"
                 "e.g.   %s 127.0.0.1:8080 1000 100 64\n"
                 "BYTES, the size of a message, is at most %d.\n",
                 argv[0], argv[0], kMaxBytes);
    return 2;
  }
  load.address = argv[1];
  return parkour::Main(argc, argv, [&] { return Run(load); });
}
