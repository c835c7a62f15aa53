// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// atomic.h: the atomic door. Every atomic and every fence of Parkour goes
// through here, so that a model checker can stand in for the hardware.
//
//   base::Atomic<int> n{0};
//   n.store(1, base::kRelease);
//   base::FenceSeqCst();               // StoreLoad
//
// Guarantees: an Atomic is a std::atomic; fences exist nowhere else, because
//             ThreadSanitizer does not understand them and needs the form
//             below.
// Blocking:   nothing here blocks.

#ifndef PARKOUR_BASE_ATOMIC_H_
#define PARKOUR_BASE_ATOMIC_H_

#include <atomic>

#include "parkour/base/sanitizer.h"

namespace parkour::base {

template <typename T>
using Atomic = std::atomic<T>;

inline constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
inline constexpr std::memory_order kAcquire = std::memory_order_acquire;
inline constexpr std::memory_order kRelease = std::memory_order_release;
inline constexpr std::memory_order kAcqRel = std::memory_order_acq_rel;
inline constexpr std::memory_order kSeqCst = std::memory_order_seq_cst;

#if PARKOUR_TSAN
inline std::atomic<int> tsan_fence_word{0};
#endif

// Orders everything before it with everything after it, in one total order
// with all other such fences: the StoreLoad barrier of a Dekker handshake.
inline void FenceSeqCst() {
#if PARKOUR_TSAN
  tsan_fence_word.fetch_add(1, std::memory_order_seq_cst);
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

// Stops the compiler, not the processor, from moving memory accesses across.
inline void FenceCompiler() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// Tells the processor that this is a spin loop.
inline void CpuRelax() { __builtin_ia32_pause(); }

}  // namespace parkour::base

#endif  // PARKOUR_BASE_ATOMIC_H_
