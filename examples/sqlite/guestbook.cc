// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A guest book in an SQLite file: guestbook FILE ADDRESS. The client library
// blocks its thread; runtime::Blocking lets the others go on meanwhile.
// Try it: printf 'hello\n' | nc -N 127.0.0.1 8080
#include <cstdio>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "book.h"
#include "parkour/parkour.h"

using namespace parkour;

void Serve(net::Conn conn, Book* book) {
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  bufio::Scanner lines(conn);
  while (lines.Scan()) {
    absl::StatusOr<int64_t> n = book->Add(std::string(lines.Text()));
    const std::string answer =
        n.ok() ? absl::StrCat("line ", *n) : n.status().ToString();
    if (!conn.Write(absl::StrCat(answer, "\n")).ok() || !n.ok()) return;
  }
}

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: guestbook FILE [ADDRESS]\n");
    return 2;
  }
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    Book book;
    if (absl::Status err = book.Open(argv[1]); !err.ok()) return err;
    absl::StatusOr<net::Listener> ln =
        net::Listen("tcp", argc > 2 ? argv[2] : "127.0.0.1:8080");
    if (!ln.ok()) return ln.status();
    std::printf("listening on %s\n", ln->Addr().String().c_str());
    std::fflush(stdout);
    for (;;) {
      absl::StatusOr<net::Conn> conn = ln->Accept();
      if (net::IsTemporary(conn.status())) {
        time::Sleep(absl::Milliseconds(10));  // out of descriptors
        continue;
      }
      if (!conn.ok()) return conn.status();
      go(Serve, *std::move(conn), &book);
    }
  });
}
