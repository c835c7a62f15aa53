// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A thread looks every now and then whether anything can happen before the
// next timer, with the world stopped (runtime/standstill.h). It sleeps in
// between, by the kernel's clock.
//
// Who settles is in settling_ and counted before it parks on its channel: the
// thread, which finds all goroutines blocked and the count, wakes it instead of
// skipping time. With the world at a standstill the count stands still, too.

#include "parkour/testing/fake_clock.h"

#include <utility>

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/standstill.h"

namespace parkour::test {
namespace {

constexpr int64_t kLookEvery = 50000;
constexpr size_t kStackSize = size_t{256} << 10;

base::Atomic<bool> exists{false};

}  // namespace

FakeClock::FakeClock() : start_(base::nanotime()) {
  if (exists.exchange(true)) base::Fatal("test: a second FakeClock");
  runtime::GOMAXPROCS(0);  // the runtime runs
  if (base::StartThread("parkour-clock", kStackSize, Watch, this) != 0) {
    base::Fatal("test: no thread for a FakeClock");
  }
}

FakeClock::~FakeClock() {
  stop_.store(true, base::kRelease);
  stopped_.Sleep();
  exists.store(false);
}

absl::Duration FakeClock::Skipped() const {
  return absl::Nanoseconds(skipped_.load(base::kAcquire));
}

absl::Duration FakeClock::Elapsed() const {
  return absl::Nanoseconds(base::nanotime() - start_);
}

void FakeClock::Settle() const {
  const Chan<Unit> settled = MakeChan<Unit>(1);
  {
    base::MutexLock lock(&mu_);
    settling_.push_back(settled);
    holders_.fetch_add(1);
  }
  settled.Recv();
}

void FakeClock::Watch(void* clock) {
  auto* const self = static_cast<FakeClock*>(clock);
  while (!self->stop_.load(base::kAcquire)) {
    self->Look();
    base::SleepFor(kLookEvery);
  }
  self->stopped_.Wakeup();
}

void FakeClock::Look() {
  const runtime::Standstill found =
      runtime::lookForStandstill(holders_, &skipped_);
  if (!found.still || holders_.load() == 0) return;
  std::vector<Chan<Unit>> settled;
  {
    base::MutexLock lock(&mu_);
    std::swap(settled, settling_);
    holders_.fetch_sub(static_cast<int32_t>(settled.size()));
  }
  for (const Chan<Unit>& one : settled) one.Send({});
}

}  // namespace parkour::test
