// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A chat: what one says all hear. One goroutine owns the list of who is there;
// the others talk to it over channels, so there is no lock. Try it twice:
// nc 127.0.0.1 8080
#include <iostream>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "parkour/parkour.h"

using namespace parkour;

// A client's lines. Who reads slowly misses some, and keeps nobody waiting.
using Client = Chan<std::string>;

Chan<Client> entering = MakeChan<Client>();
Chan<Client> leaving = MakeChan<Client>();
Chan<std::string> messages = MakeChan<std::string>();

void Broadcast() {
  const auto less = [](const Client& a, const Client& b) {
    return a.core() < b.core();
  };
  std::set<Client, decltype(less)> clients(less);
  const auto tell = [&](const std::string& line) {
    for (const Client& client : clients) client.TrySend(line);
  };
  for (;;) {
    Select(messages.OnRecv([&](auto line) { tell(line.value_or("")); }),
           entering.OnRecv([&](auto client) { clients.insert(*client); }),
           leaving.OnRecv([&](auto client) {
             clients.erase(*client);
             client->Close();
           }));
  }
}

void WriteTo(net::Conn conn, Client client) {
  for (const std::string& line : client) {
    if (!conn.Write(line).ok()) break;
  }
  conn.Close().IgnoreError();
}

void Serve(net::Conn conn) {
  const std::string who = conn.RemoteAddr().String();
  const Client client = MakeChan<std::string>(100);
  client.Send(absl::StrCat("you are ", who, "\n"));
  entering.Send(client);
  messages.Send(absl::StrCat(who, " has come\n"));
  go(WriteTo, conn, client);
  bufio::Scanner lines(conn);
  while (lines.Scan()) {
    messages.Send(absl::StrCat(who, ": ", std::string(lines.Text()), "\n"));
  }
  leaving.Send(client);
  messages.Send(absl::StrCat(who, " has gone\n"));
}

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    auto ln = net::Listen("tcp", argc > 1 ? argv[1] : "127.0.0.1:8080");
    if (!ln.ok()) return ln.status();
    std::cout << "listening on " << ln->Addr().String() << std::endl;
    go(Broadcast);
    for (;;) {
      absl::StatusOr<net::Conn> conn = ln->Accept();
      if (net::IsTemporary(conn.status())) {
        time::Sleep(absl::Milliseconds(10));  // out of descriptors
        continue;
      }
      if (!conn.ok()) return conn.status();
      go(Serve, *conn);
    }
  });
}
