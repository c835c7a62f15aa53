// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A static object's initialiser may use everything: the runtime starts there.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "parkour/parkour.h"

namespace parkour::tests {
namespace {

runtime::Local<int> local([] { return 5; });

struct BeforeMain {
  BeforeMain() {
    const Chan<int> numbers = MakeChan<int>();
    go([numbers] {
      for (int i = 1; i <= 10; ++i) numbers.Send(i);
      numbers.Close();
    });
    for (int n : numbers) sum += n;

    time::Sleep(absl::Milliseconds(1));
    taken = Select(MakeChan<int>().OnRecv([] {}),
                   time::After(absl::Milliseconds(1)).OnRecv([] {}));

    const absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
    if (!ln.ok()) return;
    sync::WaitGroup wg;
    wg.Go([&] {
      if (auto conn = ln->Accept(); conn.ok()) {
        conn->Write("early").err.IgnoreError();
        conn->Close().IgnoreError();
      }
    });
    if (auto conn = net::Dial("tcp", ln->Addr().String()); conn.ok()) {
      heard = io::ReadAll(*conn);
    }
    wg.Wait();
    ++*local;
  }

  int sum = 0;
  int taken = -1;
  std::optional<absl::StatusOr<std::string>> heard;
} const before_main;

TEST(BeforeMain, EverythingWorks) {
  EXPECT_EQ(before_main.sum, 55);
  EXPECT_EQ(before_main.taken, 1);
  ASSERT_TRUE(before_main.heard.has_value() && before_main.heard->ok());
  EXPECT_EQ(**before_main.heard, "early");
  EXPECT_EQ(*local, 6);
}

}  // namespace
}  // namespace parkour::tests
