// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// server.h: a server of ours as a child process, which says where it listens.
//
//   Server server({"examples/echo/echo_server", "127.0.0.1:0"});
//   Child client({"/usr/bin/nc", "-N", "127.0.0.1", server.port()});
//
// Blocking: the constructor waits for the line "listening on ADDRESS".

#ifndef PARKOUR_TESTS_CHILD_SERVER_H_
#define PARKOUR_TESTS_CHILD_SERVER_H_

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "parkour/tests/child/child.h"

namespace parkour::tests {

class Server {
 public:
  // The first of `argv` is a program named in `data`.
  explicit Server(const std::vector<std::string>& argv)
      : child_([&] {
          std::vector<std::string> full = argv;
          full[0] = Runfile(argv[0]);
          return full;
        }()) {
    const std::string kWords = "listening on ";
    const std::optional<std::string> line =
        child_.ReadLine(std::chrono::seconds(60));
    if (line.has_value() && line->compare(0, kWords.size(), kWords) == 0) {
      address_ = line->substr(kWords.size());
    }
    EXPECT_NE(address_, "") << argv[0];
  }

  const std::string& address() const { return address_; }
  std::string port() const { return address_.substr(address_.rfind(':') + 1); }
  Child& child() { return child_; }

 private:
  Child child_;
  std::string address_;
};

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CHILD_SERVER_H_
