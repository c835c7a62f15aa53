// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/gdb_offsets.h"

#include "parkour/runtime/g.h"
#include "parkour/runtime/gobuf.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/p.h"
#include "parkour/runtime/sched.h"
#include "parkour/runtime/slab.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/waitreason.h"

namespace parkour::runtime {
namespace {

const char* wait_reasons[kWaitReasons];

constexpr size_t kSp = offsetof(G, sched) + offsetof(Gobuf, sp);
constexpr size_t kFp = offsetof(G, sched) + offsetof(Gobuf, fp);

}  // namespace

void InitGdbOffsets() {
  for (int i = 0; i < kWaitReasons; ++i) {
    wait_reasons[i] = WaitReasonString(static_cast<WaitReason>(i));
  }
  // Nobody but a debugger reads it.
  asm volatile("" : : "r"(&parkour_gdb_offsets));
}

}  // namespace parkour::runtime

using namespace parkour::runtime;  // NOLINT: the table has C's linkage

// Not all of the structures are of standard layout; both compilers can do it.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

extern "C"
    __attribute__((used)) constinit const GdbOffsets parkour_gdb_offsets = {
        "parkour-gdb",
        1,
        kGdbEntries,
        {
            {"slabs", &slabs},
            {"nslabs", &nslabs},
            {"sched", &sched},
            {"wait_reasons", wait_reasons},
            {"wait_reasons.count", kWaitReasons},
            {"slab.base", offsetof(Slab, base)},
            {"slab.slot_size", offsetof(Slab, slot_size)},
            {"slab.slots", offsetof(Slab, slots)},
            {"slab.state", offsetof(Slab, state)},
            {"slot.made", static_cast<uint64_t>(SlotState::kMade)},
            {"slot.guard", kStackGuardSize},
            {"slot.smallest_stack", kSmallestStackSlot},
            {"slot.colours", kSlotColours},
            {"slot.cache_line", kSlotCacheLine},
            {"g.size", sizeof(G)},
            {"g.sp", kSp},
            {"g.fp", kFp},
            {"g.status", offsetof(G, atomicstatus)},
            {"g.waitreason", offsetof(G, waitreason)},
            {"g.m", offsetof(G, m)},
            {"g.lockedm", offsetof(G, lockedm)},
            {"g.goid", offsetof(G, goid)},
            {"g.waitsince", offsetof(G, waitsince)},
            {"g.name", offsetof(G, name)},
            {"g.name.size", sizeof(GName)},
            {"g.gopc", offsetof(G, gopc)},
            {"g.parent_goid", offsetof(G, parent_goid)},
            {"g.stack_lo", offsetof(G, stack_lo)},
            {"g.stack_hi", offsetof(G, stack_hi)},
            {"g.scan_bit", kGscan},
            {"m.id", offsetof(M, id)},
            {"m.p", offsetof(M, p)},
            {"m.curg", offsetof(M, curg)},
            {"m.tid", offsetof(M, tid)},
            {"m.attention", offsetof(M, attention)},
            {"m.attention.syscall", kAttnSyscall},
            {"p.status", offsetof(P, status)},
            {"p.m", offsetof(P, m)},
            {"p.schedtick", offsetof(P, schedtick)},
            {"sched.allp", offsetof(Sched, allp)},
            {"sched.gomaxprocs", offsetof(Sched, gomaxprocs)},
            {"sched.coarse_now", offsetof(Sched, coarse_now)},
            // Boost.Context 1.74, jump_x86_64_sysv_elf_gas.S.
            {"saved.size", 0x40},
            {"saved.r12", 0x08},
            {"saved.r13", 0x10},
            {"saved.r14", 0x18},
            {"saved.r15", 0x20},
            {"saved.rbx", 0x28},
            {"saved.rbp", 0x30},
            {"saved.rip", 0x38},
        }};
