// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A key-value server for redis-cli and redis-benchmark: PING, ECHO, SET, GET,
// DEL, INCR, DBSIZE. Try it: redis-cli -p 6380 set a 1
#include <cstdio>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "parkour/parkour.h"
#include "resp.h"

using namespace parkour;

sync::Mutex mu;
std::unordered_map<std::string, std::string> values ABSL_GUARDED_BY(mu);

std::string Execute(const resp::Command& command) {
  const std::string name = absl::AsciiStrToUpper(command[0]);
  const size_t args = command.size() - 1;
  if (name == "PING") return args == 0 ? "+PONG\r\n" : resp::Bulk(command[1]);
  if (name == "ECHO" && args == 1) return resp::Bulk(command[1]);
  if (name == "CONFIG" || name == "COMMAND") return "*0\r\n";
  sync::MutexLock lock(&mu);
  if (name == "DBSIZE") return absl::StrCat(":", values.size(), "\r\n");
  if (name == "SET" && args == 2) {
    values[command[1]] = command[2];
    return "+OK\r\n";
  }
  if (name == "GET" && args == 1) {
    const auto it = values.find(command[1]);
    return it == values.end() ? "$-1\r\n" : resp::Bulk(it->second);
  }
  if (name == "DEL" && args == 1) {
    return absl::StrCat(":", values.erase(command[1]), "\r\n");
  }
  if (name == "INCR" && args == 1) {
    std::string& value = values[command[1]];
    int64_t n = 0;
    if (!value.empty() && (!absl::SimpleAtoi(value, &n) || n == INT64_MAX)) {
      return "-ERR value is not an integer or out of range\r\n";
    }
    value = absl::StrCat(++n);
    return absl::StrCat(":", value, "\r\n");
  }
  return "-ERR unknown command or wrong number of arguments\r\n";
}

void Serve(net::Conn conn) {
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  bufio::Reader in(conn);
  bufio::Writer out(conn);
  for (;;) {
    absl::StatusOr<resp::Command> command = resp::Read(in);
    if (absl::IsInvalidArgument(command.status())) {
      out.WriteString("-ERR Protocol error\r\n").err.IgnoreError();
      out.Flush().IgnoreError();
    }
    if (!command.ok()) return;
    if (!command->empty() && !out.WriteString(Execute(*command)).ok()) return;
    // Pipelined commands are answered in one piece.
    if (in.Buffered() == 0 && !out.Flush().ok()) return;
  }
}

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [&] {
    absl::StatusOr<net::Listener> ln =
        net::Listen("tcp", argc > 1 ? argv[1] : "127.0.0.1:6380");
    if (!ln.ok()) return 1;
    std::printf("listening on %s\n", ln->Addr().String().c_str());
    std::fflush(stdout);
    for (;;) {
      absl::StatusOr<net::Conn> conn = ln->Accept();
      if (!conn.ok()) return 1;
      go(Serve, *std::move(conn));
    }
  });
}
