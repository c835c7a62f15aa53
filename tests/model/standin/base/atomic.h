// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for base/atomic.h: the product's code over modelled memory.

#ifndef PARKOUR_BASE_ATOMIC_H_
#define PARKOUR_BASE_ATOMIC_H_

#include "parkour/tests/model/atomic.h"

namespace parkour::base {

template <typename T>
using Atomic = model::Atomic<T>;

inline constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
inline constexpr std::memory_order kAcquire = std::memory_order_acquire;
inline constexpr std::memory_order kRelease = std::memory_order_release;
inline constexpr std::memory_order kAcqRel = std::memory_order_acq_rel;
inline constexpr std::memory_order kSeqCst = std::memory_order_seq_cst;

using model::FenceSeqCst;
inline void FenceCompiler() {}  // the modelled threads are not reordered
inline void CpuRelax() {}

}  // namespace parkour::base

#endif  // PARKOUR_BASE_ATOMIC_H_
