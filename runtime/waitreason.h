// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// waitreason.h: why a goroutine is parked, in Go's words; they stand in dumps
// and are stable.
//
// See: Go: src/runtime/runtime2.go (waitReasonStrings)

#ifndef PARKOUR_RUNTIME_WAITREASON_H_
#define PARKOUR_RUNTIME_WAITREASON_H_

#include <cstdint>

namespace parkour::runtime {

enum class WaitReason : uint8_t {
  kZero,
  kIOWait,
  kChanReceive,
  kChanReceiveNil,
  kChanSend,
  kChanSendNil,
  kSelect,
  kSelectNoCases,
  kSemacquire,
  kSleep,
  kSyncCondWait,
  kSyncMutexLock,
  kSyncRWMutexRLock,
  kSyncRWMutexLock,
  kSyncWaitGroupWait,
  kPanicWait,
};

inline constexpr int kWaitReasons =
    static_cast<int>(WaitReason::kPanicWait) + 1;

// Static storage; "" for kZero.
const char* WaitReasonString(WaitReason reason);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_WAITREASON_H_
