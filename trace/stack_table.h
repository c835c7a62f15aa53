// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// stack_table.h: stacks by number: each distinct list of return addresses is
// kept once, for ever, so that a record needs four bytes for it.
//
//   const uint32_t id = trace::InternStack(pcs, n);
//   std::span<const uintptr_t> stack = trace::StackOf(id);
//
// Dance (intern): an entry is complete before a compare-and-swap puts it into
// an empty bucket, and never changes; readers acquire the bucket. Two threads
// with the same stack may race for a bucket: the loser finds the winner's.
//
// Guarantees: 0 is the empty stack, and what one gets when the table is full.
// Blocking:   no lock; memory from the system. Any thread, any lock held.

#ifndef PARKOUR_TRACE_STACK_TABLE_H_
#define PARKOUR_TRACE_STACK_TABLE_H_

#include <cstdint>
#include <span>

namespace parkour::trace {

inline constexpr int kMaxStackDepth = 32;

// REQUIRES: 0 <= n <= kMaxStackDepth.
uint32_t InternStack(const uintptr_t* pcs, int n);

// Innermost first, return addresses. Valid as long as the process.
std::span<const uintptr_t> StackOf(uint32_t id);

}  // namespace parkour::trace

#endif  // PARKOUR_TRACE_STACK_TABLE_H_
