// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Programs with descriptors. Under faults a connection may fail at any call,
// but nothing hangs, and what arrives is what was sent.

#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "parkour/parkour.h"
#include "tests/sim/kernel.h"
#include "tests/sim/programs.h"
#include "tests/sim/world.h"

namespace parkour::sim {
namespace {

constexpr char kAddress[] = "@parkour-sim";

bool Faults() { return TheOptions().faults; }

int Some(int least, int most) {
  return least +
         static_cast<int>(Below(static_cast<uint32_t>(most - least + 1)));
}

absl::Time In(int64_t us) { return absl::Now() + absl::Microseconds(us); }

// What byte `i` of a stream is.
char ByteAt(int client, size_t i) {
  return static_cast<char>(i * 7 + static_cast<size_t>(client));
}

std::string Stream(int client, size_t size) {
  std::string s(size, '\0');
  for (size_t i = 0; i < size; ++i) s[i] = ByteAt(client, i);
  return s;
}

// An error is none of ours.
void Excused(const absl::Status& err, const char* what) {
  if (!err.ok() && !Faults()) {
    Fail((std::string(what) + ": " + std::string(err.message())).c_str());
  }
}

net::Listener Listen() {
  for (;;) {
    absl::StatusOr<net::Listener> ln = net::Listen("unix", kAddress);
    if (ln.ok()) return *std::move(ln);
    Excused(ln.status(), "listen");
  }
}

absl::StatusOr<net::Conn> Dial() {
  for (int i = 0; i < 20; ++i) {
    absl::StatusOr<net::Conn> conn = net::Dial("unix", kAddress);
    if (conn.ok()) return conn;
    // The queue of an Accept that is behind is full: not our fault either.
    time::Sleep(absl::Microseconds(100));
  }
  return absl::UnavailableError("it does not answer");
}

// Serves each connection in a goroutine until the listener is closed.
template <typename Handler>
void Serve(net::Listener ln, sync::WaitGroup* wg, Handler handle) {
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln.Accept();
    if (conn.ok()) {
      wg->Go([handle, conn = *std::move(conn)] {
        handle(conn);
        conn.Close().IgnoreError();
      });
    } else if (net::IsClosed(conn.status())) {
      return;
    } else {
      Excused(conn.status(), "accept");
      time::Sleep(absl::Microseconds(50));
    }
  }
}

void EchoBack(const net::Conn& conn) {
  char buf[300];
  for (;;) {
    const auto [n, err] = conn.Read(std::span(buf, 1 + Below(sizeof(buf))));
    if (n > 0 && !conn.Write({buf, n}).ok()) return;
    if (!err.ok()) return;
  }
}

// Runs clients against an echo server, and ends both.
template <typename Client>
void WithEcho(int clients, Client client) {
  sync::WaitGroup serving, handling, all;
  net::Listener ln = Listen();
  serving.Go([&] { Serve(ln, &handling, EchoBack); });
  for (int i = 0; i < clients; ++i) {
    all.Go([=] { client(i); });
  }
  all.Wait();
  ln.Close().IgnoreError();
  serving.Wait();
  handling.Wait();
  Check(OpenSockets() == 0, "every descriptor is closed");
}

}  // namespace

// Bytes come back as they were, in order, in whatever pieces.
void Echo() {
  WithEcho(Some(1, 5), [](int client) {
    absl::StatusOr<net::Conn> conn = Dial();
    if (!conn.ok()) return Excused(conn.status(), "dial");
    absl::Cleanup close = [&] { conn->Close().IgnoreError(); };
    const std::string sent = Stream(client, 1 + Below(3000));
    sync::WaitGroup writing;
    writing.Go([&] {
      for (size_t at = 0; at < sent.size();) {
        const size_t n = std::min<size_t>(sent.size() - at, 1 + Below(700));
        const io::Result r = conn->Write(std::string_view(sent).substr(at, n));
        if (!r.ok()) {
          Excused(r.err, "write");
          conn->Close().IgnoreError();  // nothing will come back
          return;
        }
        at += n;
      }
      Excused(conn->CloseWrite(), "close");
    });
    std::string got;
    char buf[500];
    for (;;) {
      const auto [n, err] = conn->Read(std::span(buf, 1 + Below(sizeof(buf))));
      got.append(buf, n);
      if (io::IsEOF(err)) break;
      if (!err.ok()) {
        Excused(err, "read");
        break;
      }
    }
    writing.Wait();
    Check(sent.starts_with(got), "what comes back is what was sent");
    Check(Faults() || got.size() == sent.size(), "all of it");
  });
}

// Reads with deadlines, set before and during the read, extended, and met by
// data, by the close, or by nobody.
void Deadlines() {
  WithEcho(Some(1, 4), [](int) {
    absl::StatusOr<net::Conn> conn = Dial();
    if (!conn.ok()) return Excused(conn.status(), "dial");
    for (int round = Some(1, 6); round > 0; --round) {
      const int64_t begin = Now();
      const int64_t us = 1 + Below(2000);
      if (!conn->SetReadDeadline(In(us)).ok()) break;
      sync::WaitGroup other;
      bool data = OneIn(2);
      const bool extends = OneIn(4);
      other.Go([&] {
        time::Sleep(absl::Microseconds(Below(2500)));
        if (data) data = conn->Write("x").ok();
        if (extends) conn->SetReadDeadline(In(us)).IgnoreError();
      });
      char c;
      const auto [n, err] = conn->Read(std::span(&c, 1));
      other.Wait();
      if (n == 1) continue;
      if (!net::IsTimeout(err)) {
        Excused(err, "read");
        break;
      }
      Check(Now() >= begin + us * 1000, "a deadline is not early");
      // The byte may still be on its way; it is not to be the next round's.
      if (!data) continue;
      Excused(conn->SetReadDeadline(absl::InfiniteFuture()), "no deadline");
      const auto [late, failed] = conn->Read(std::span(&c, 1));
      if (late != 1) {
        Excused(failed, "read");
        break;
      }
    }
    conn->Close().IgnoreError();
  });
}

// Connections that come and go: closed by either side, at any moment, also
// while somebody waits. Numbers are used again, and events come late.
void Churn() {
  WithEcho(Some(1, 5), [](int client) {
    for (int round = Some(1, 6); round > 0; --round) {
      absl::StatusOr<net::Conn> conn = Dial();
      if (!conn.ok()) return Excused(conn.status(), "dial");
      sync::WaitGroup other;
      if (OneIn(2)) {
        other.Go([conn = *conn] {
          time::Sleep(absl::Microseconds(Below(100)));
          conn.Close().IgnoreError();
        });
        char buf[64];
        conn->Write("abc").err.IgnoreError();
        for (;;) {
          const auto [n, err] = conn->Read(buf);
          if (!err.ok()) break;
          Check(n <= 3, "no more than was sent");
        }
        other.Wait();
      } else {
        // A late event of who had the number before gives no bytes.
        const char c = ByteAt(client, static_cast<size_t>(round));
        char back = 0;
        if (const io::Result r = conn->Write({&c, 1}); !r.ok()) {
          Excused(r.err, "write");
        } else if (const auto [n, err] = conn->Read(std::span(&back, 1));
                   n == 1) {
          Check(back == c, "one's own byte");
        } else {
          Excused(err, "read");
        }
      }
      conn->Close().IgnoreError();
    }
  });
}

}  // namespace parkour::sim
