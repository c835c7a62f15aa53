// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "commands.h"

#include <unordered_map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "parkour/parkour.h"

using namespace parkour;

namespace {

sync::Mutex mu;
std::unordered_map<std::string, std::string> values ABSL_GUARDED_BY(mu);

}  // namespace

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
