// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The examples of the headers for tests.

#include "parkour/testing/test.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "parkour/parkour.h"
#include "parkour/testing/fake_clock.h"
#include "parkour/testing/leak_check.h"

using namespace parkour;

namespace {

// ---- testing/test.h ----

PARKOUR_TEST(Pipe, Carries) {
  auto [client, server] = net::Pipe();
  go([client = client] { client.Write("hello").err.IgnoreError(); });
  char buf[8];
  EXPECT_EQ(server.Read(buf).n, 5u);
}

// ---- testing/leak_check.h ----

struct Server {
  ~Server() { end.Close(); }
  const Chan<Unit> end = [] {
    const Chan<Unit> made = MakeChan<Unit>();
    go([made] { made.Recv(); });
    return made;
  }();
};

TEST(Server, Closes) {
  test::LeakCheck leaks;
  Server server;
  EXPECT_GE(runtime::NumGoroutine(), 1);
}

// ---- testing/fake_clock.h ----

class Cache {
 public:
  void Put(const std::string& key, const std::string& value) {
    sync::MutexLock lock(&mu_);
    values_[key] = value;
    time::AfterFunc(absl::Hours(1), [this, key] {
      sync::MutexLock lock(&mu_);
      values_.erase(key);
    });
  }
  bool Get(const std::string& key) {
    sync::MutexLock lock(&mu_);
    return values_.count(key) > 0;
  }

 private:
  sync::Mutex mu_;
  std::map<std::string, std::string> values_ ABSL_GUARDED_BY(mu_);
};

PARKOUR_TEST(Cache, ForgetsAfterAnHour) {
  test::FakeClock clock;
  Cache cache;
  cache.Put("key", "value");
  time::Sleep(absl::Minutes(59));  // takes no time
  EXPECT_TRUE(cache.Get("key"));
  time::Sleep(absl::Minutes(2));
  EXPECT_FALSE(cache.Get("key"));
}

}  // namespace
