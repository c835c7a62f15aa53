// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A target under libFuzzer, whose main function it gets (bazel --config=fuzz).

#include <cstddef>
#include <cstdint>

#include "parkour/tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  parkour::tests::FuzzOne({reinterpret_cast<const char*>(data), size});
  return 0;
}
