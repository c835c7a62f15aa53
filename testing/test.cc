// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/testing/test.h"

#include "parkour/sync/waitgroup.h"

namespace parkour::test {

void RunTest(void (*body)()) {
  LeakCheck leaks;
  sync::WaitGroup end;
  end.Go(body);
  end.Wait();
}

}  // namespace parkour::test
