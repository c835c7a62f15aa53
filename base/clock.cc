// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/clock.h"

#include <time.h>

namespace parkour::base {
namespace {

int64_t Read(clockid_t clock) {
  timespec ts;
  clock_gettime(clock, &ts);
  return int64_t{ts.tv_sec} * 1000000000 + ts.tv_nsec;
}

}  // namespace

int64_t nanotime() { return Read(CLOCK_MONOTONIC); }

int64_t ThreadCpuTime(pthread_t thread) {
  clockid_t clock;
  return pthread_getcpuclockid(thread, &clock) == 0 ? Read(clock) : -1;
}

}  // namespace parkour::base
