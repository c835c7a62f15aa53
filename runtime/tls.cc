// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/m.h"

// Used: link-time optimisation does not see what getm's assembler names.
extern "C" {
constinit __attribute__((
    used,
    tls_model(
        "initial-exec"))) thread_local parkour::runtime::M* parkour_current_m =
    nullptr;
}

namespace parkour::runtime {

__attribute__((noinline)) void setm(M* m) {
  asm volatile("" : "+r"(m) : : "memory");
  parkour_current_m = m;
}

}  // namespace parkour::runtime
