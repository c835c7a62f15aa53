// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The program of README.md, so that it is known to compile and to serve.

#include <iostream>

#include "parkour/parkour.h"

using namespace parkour;

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    auto ln = net::Listen("tcp", argc > 1 ? argv[1] : "127.0.0.1:8080");
    if (!ln.ok()) return ln.status();
    std::cout << "listening on " << ln->Addr().String() << std::endl;
    for (;;) {
      auto conn = ln->Accept();
      if (!conn.ok()) return conn.status();
      go([conn = *conn] {  // one goroutine per connection
        char buf[4096];
        for (;;) {
          auto [n, err] = conn.Read(buf);  // parks the goroutine, not a thread
          if (n > 0 && !conn.Write({buf, n}).ok()) return;
          if (!err.ok()) return;
        }
      });
    }
  });
}
