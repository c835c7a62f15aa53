// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A web server that is not impressed: every client can make it spend only so
// much time, memory and descriptors, and all clients together only so much.
//
//   server ADDRESS [SECONDS]    SECONDS: how long a request may take to arrive
//
// What holds against what:
//
//   slow clients         one deadline for a whole request, not one per read;
//                        one for writing the answer
//   endless headers      HeaderLimits
//   many connections     a number for all, and one for each address; who comes
//                        on top is told so and closed at once
//   silent connections   the same deadline, from the moment of the accept;
//                        keep-alive probes find peers that are gone
//   no descriptors left  fewer connections than descriptors; should accept fail
//                        all the same, it is tried again, ever more rarely
//
// At SIGINT and SIGTERM it says what it did.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "examples/hardened/http.h"
#include "parkour/parkour.h"

using namespace parkour;

struct Limits {
  hardened::HeaderLimits headers;
  int connections = 10000;
  int per_address = 100;
  absl::Duration request = absl::Seconds(10);
  absl::Duration idle = absl::Seconds(60);  // between two requests
  absl::Duration answer = absl::Seconds(30);
};

// Who is connected.
class Guests {
 public:
  Guests(int all, int per_address) : all_(all), per_address_(per_address) {}

  bool Enter(const std::string& address) {
    sync::MutexLock lock(&mu_);
    if (count_ >= all_) return false;
    int& n = by_address_[address];
    if (n >= per_address_) return false;
    ++n;
    ++count_;
    return true;
  }

  void Leave(const std::string& address) {
    sync::MutexLock lock(&mu_);
    --count_;
    if (--by_address_[address] == 0) by_address_.erase(address);
  }

 private:
  const int all_;
  const int per_address_;
  sync::Mutex mu_;
  int count_ = 0;
  std::unordered_map<std::string, int> by_address_;
};

class Server {
 public:
  explicit Server(const Limits& limits)
      : limits_(limits), guests_(limits.connections, limits.per_address) {}

  int Run(const char* address);

 private:
  void Accept(const net::Listener& ln);
  void Admit(net::Conn conn);
  void Serve(const net::Conn& conn);
  bool Answer(const net::Conn& conn, std::string_view text);

  const Limits limits_;
  Guests guests_;
  sync::WaitGroup serving_;
  std::atomic<int64_t> served_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> cut_{0};  // silent, too slow, too long, or no request
};

bool Server::Answer(const net::Conn& conn, std::string_view text) {
  return conn.SetWriteDeadline(absl::Now() + limits_.answer).ok() &&
         conn.Write(text).ok();
}

void Server::Serve(const net::Conn& conn) {
  bufio::Reader in(conn, 2048);
  absl::Duration wait = limits_.request;
  for (;;) {
    // The first byte may take its time, unless it is the first of all; from
    // then on the request as a whole has a deadline.
    if (!conn.SetReadDeadline(absl::Now() + wait).ok()) return;
    if (const bufio::Slice first = in.Peek(1); !first.ok()) {
      if (net::IsTimeout(first.err)) cut_.fetch_add(1);
      return;
    }
    if (!conn.SetReadDeadline(absl::Now() + limits_.request).ok()) return;
    const absl::StatusOr<hardened::Request> request =
        hardened::ReadRequest(in, limits_.headers);
    if (!request.ok()) {
      cut_.fetch_add(1);
      if (!net::IsTimeout(request.status())) {
        Answer(conn, hardened::Response("400 Bad Request", "", false));
      }
      return;
    }
    const bool get = request->method == "GET";
    const bool more = request->keep_alive && get;
    if (!Answer(conn, get ? hardened::Response("200 OK", "Hello\n", more)
                          : hardened::Response("405 Method Not Allowed", "",
                                               false))) {
      cut_.fetch_add(1);
      return;
    }
    served_.fetch_add(1);
    if (!more) return;
    wait = limits_.idle;
  }
}

void Server::Admit(net::Conn conn) {
  const net::Addr remote = conn.RemoteAddr();
  const std::string address =
      remote.tcp() == nullptr ? "" : remote.tcp()->ip.String();
  if (!guests_.Enter(address)) {
    refused_.fetch_add(1);
    // It fits into the socket's buffer; if not, the more reason not to wait.
    conn.SetWriteDeadline(absl::Now() + absl::Milliseconds(1)).IgnoreError();
    conn.Write(hardened::Response("503 Service Unavailable", "", false))
        .err.IgnoreError();
    conn.Close().IgnoreError();
    return;
  }
  serving_.Go([this, conn, address] {
    // In this order: who sees the end may come again.
    absl::Cleanup leave = [&] {
      guests_.Leave(address);
      conn.Close().IgnoreError();
    };
    Serve(conn);
  });
}

void Server::Accept(const net::Listener& ln) {
  absl::Duration back_off = absl::Milliseconds(5);
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln.Accept();
    if (conn.ok()) {
      back_off = absl::Milliseconds(5);
      Admit(*std::move(conn));
    } else if (net::IsTemporary(conn.status())) {
      time::Sleep(back_off);
      back_off = std::min(back_off * 2, absl::Seconds(1));
    } else {
      return;  // closed
    }
  }
}

int Server::Run(const char* address) {
  net::ListenConfig config;
  config.KeepAliveConfig = {.Enable = true, .Idle = absl::Seconds(30)};
  absl::StatusOr<net::Listener> ln =
      config.Listen(context::Background(), "tcp", address);
  if (!ln.ok()) {
    std::fprintf(stderr, "%s\n", std::string(ln.status().message()).c_str());
    return 1;
  }
  std::printf("listening on %s\n", ln->Addr().String().c_str());
  std::fflush(stdout);
  auto [ctx, stop] =
      signal::NotifyContext(context::Background(), {SIGINT, SIGTERM});
  context::AfterFunc(ctx, [ln = *ln] { ln.Close().IgnoreError(); });
  Accept(*ln);
  stop();
  std::printf(
      "served %ld, refused %ld, cut %ld\n", static_cast<long>(served_.load()),
      static_cast<long>(refused_.load()), static_cast<long>(cut_.load()));
  return 0;
}

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [&] {
    Limits limits;
    if (argc > 2) {
      const absl::Duration d = absl::Seconds(std::atof(argv[2]));
      limits.request = limits.idle = limits.answer = d;
    }
    // Of what a process may open, a fifth is for other things.
    rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
      limits.connections =
          static_cast<int>(std::min<rlim_t>(files.rlim_cur / 5 * 4, 10000));
      limits.per_address = std::max(1, limits.connections / 10);
    }
    return Server(limits).Run(argc > 1 ? argv[1] : "127.0.0.1:8080");
  });
}
