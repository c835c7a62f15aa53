// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/m.h"

namespace parkour::runtime {
namespace {

__attribute__((tls_model("initial-exec"))) thread_local M* current_m = nullptr;

}  // namespace

// The asm keeps link-time optimisation from seeing through the call: a function
// that reads no memory of its own would be merged with an earlier call of it.
__attribute__((noinline)) M* getm() {
  M* m = current_m;
  asm volatile("" : "+r"(m) : : "memory");
  return m;
}

__attribute__((noinline)) void setm(M* m) {
  asm volatile("" : "+r"(m) : : "memory");
  current_m = m;
}

}  // namespace parkour::runtime
