// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/stack.h"

#include <cstdlib>
#include <memory>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/base/lock.h"
#include "parkour/base/sanitizer.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/log.h"

#if PARKOUR_ASAN
#include <sanitizer/lsan_interface.h>
#endif

namespace parkour::runtime {
namespace {

constexpr size_t kDefaultStackSize = size_t{256} << 10;
constexpr int kSanitizerFactor = PARKOUR_ASAN || PARKOUR_TSAN ? 4 : 1;

constexpr size_t kFirstSlabSlots = 64;
constexpr size_t kLastSlabSlots = 1024;
constexpr size_t kLargestSlab = size_t{1} << 30;

constexpr size_t kColours = 16;
constexpr size_t kCacheLine = 64;

constexpr int kClasses = 31;  // by the logarithm of the slot size

// One mapping. Published in `slabs` when complete; only `used` changes then.
struct Slab {
  uintptr_t base;
  size_t slot_size;
  size_t slots;
  size_t used;  // slots handed out so far; guarded by mu
  // Per slot, whether its descriptor is made; set by who makes it, once.
  std::unique_ptr<base::Atomic<bool>[]> made;
};

constexpr size_t kMaxSlabs = 1 << 16;

struct SizeClass {
  GList free;
  size_t nfree = 0;
  Slab* filling = nullptr;  // the slab with unused slots, if any
  size_t next_slots = kFirstSlabSlots;
};

base::Mutex mu{base::LockRank::kStacks};
SizeClass classes[kClasses] ABSL_GUARDED_BY(mu);

// Append-only: readers take nslabs first. 512 KiB of addresses, of which only
// what is used costs memory.
base::Atomic<Slab*> slabs[kMaxSlabs];
base::Atomic<size_t> nslabs{0};  // writers hold mu

base::Atomic<GuardKind> guard_kind{GuardKind::kMadvise};
base::Atomic<uint64_t> nslots{0};
base::Atomic<uint64_t> nunguarded{0};
base::Atomic<uint64_t> nmprotected{0};

uint64_t MaxMprotected() {
  static const uint64_t max = [] {
    char text[32] = {};
    uint64_t maps = 65530;
    if (base::sys::ReadFile("/proc/sys/vm/max_map_count", text,
                            sizeof(text) - 1) > 0) {
      maps = std::strtoull(text, nullptr, 10);
    }
    // A guard cuts a mapping in two: two mappings a stack, 40 % of the limit.
    return maps * 2 / 5 / 2;
  }();
  return max;
}

int Logarithm(size_t power_of_two) { return __builtin_ctzll(power_of_two); }

bool GuardByMprotect(void* lo) {
  if (nmprotected.load(base::kRelaxed) >= MaxMprotected()) return false;
  if (base::sys::ProtectNone(lo, kStackGuardSize) < 0) return false;
  nmprotected.fetch_add(1, base::kRelaxed);
  return true;
}

bool InstallGuard(void* lo) {
  if (guard_kind.load(base::kRelaxed) == GuardKind::kMadvise) {
    if (base::sys::GuardInstall(lo, kStackGuardSize) == 0) return true;
    guard_kind.store(GuardKind::kMprotect, base::kRelaxed);
  }
  if (guard_kind.load(base::kRelaxed) == GuardKind::kMprotect &&
      GuardByMprotect(lo)) {
    return true;
  }
  if (nunguarded.fetch_add(1, base::kRelaxed) == 0) {
    LogWarning(
        "stack guards are off for further goroutines: this kernel has no "
        "MADV_GUARD_INSTALL (Linux 6.13) and vm.max_map_count is used up; "
        "raise it with sysctl vm.max_map_count");
  }
  return false;
}

// The descriptor's place in a slot: below a gap that varies with the slot.
G* PlaceG(uintptr_t slot_lo, size_t slot_size, size_t index) {
  const uintptr_t top =
      slot_lo + slot_size - index % kColours * kCacheLine - sizeof(G);
  return reinterpret_cast<G*>(top & ~uintptr_t{kCacheLine - 1});
}

G* SlotG(const Slab* slab, size_t index) {
  return PlaceG(slab->base + index * slab->slot_size, slab->slot_size, index);
}

absl::StatusOr<Slab*> NewSlab(SizeClass* c, size_t slot_size)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
  size_t slots = c->next_slots;
  while (slots > 1 && slots * slot_size > kLargestSlab) slots /= 2;
  const size_t n = nslabs.load(base::kRelaxed);
  if (n == kMaxSlabs) {
    return absl::ResourceExhaustedError("runtime: too many stack slabs");
  }
  int error = 0;
  void* const p = base::sys::Reserve(slots * slot_size, &error);
  if (p == nullptr) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "runtime: cannot reserve ", slots * slot_size,
        " bytes of address space for goroutine stacks (errno ", -error,
        "; see ulimit -v, vm.max_map_count and vm.overcommit_memory)"));
  }
  base::sys::NoHugePages(p, slots * slot_size);
  Slab* const slab = new Slab{reinterpret_cast<uintptr_t>(p), slot_size, slots,
                              0, std::make_unique<base::Atomic<bool>[]>(slots)};
  slabs[n].store(slab, base::kRelease);
  nslabs.store(n + 1, base::kRelease);
  if (c->next_slots < kLastSlabSlots) c->next_slots *= 2;
  return slab;
}

// A slot that was never used: makes the descriptor and the guard.
G* InitSlot(uintptr_t slot_lo, size_t slot_size, size_t index) {
  G* const gp = new (PlaceG(slot_lo, slot_size, index)) G;
  gp->slot_lo = slot_lo;
  gp->slot_size = slot_size;
  gp->stack_lo = slot_lo + kStackGuardSize;
  gp->stack_hi = reinterpret_cast<uintptr_t>(gp);
  gp->guarded = InstallGuard(reinterpret_cast<void*>(slot_lo));
#if PARKOUR_ASAN
  // Parked stacks hold the only pointers to what their goroutines own.
  __lsan_register_root_region(reinterpret_cast<void*>(gp->stack_lo),
                              slot_lo + slot_size - gp->stack_lo);
#endif
  return gp;
}

}  // namespace

size_t DefaultStackSize() { return kDefaultStackSize * kSanitizerFactor; }

size_t StackSlotSize(size_t stack_size) {
  if (stack_size == 0) return DefaultStackSize();
  stack_size *= kSanitizerFactor;
  if (stack_size > kMaxStackSize) stack_size = kMaxStackSize;
  size_t slot = kMinStackSize;
  while (slot < stack_size) slot *= 2;
  return slot;
}

absl::StatusOr<G*> stackalloc(size_t stack_size) {
  const size_t slot_size = StackSlotSize(stack_size);
  size_t index;
  Slab* slab;
  {
    base::MutexLock lock(&mu);
    SizeClass* const c = &classes[Logarithm(slot_size)];
    if (G* gp = c->free.Pop()) {
      return gp;
    }
    if (c->filling == nullptr) {
      absl::StatusOr<Slab*> fresh = NewSlab(c, slot_size);
      if (!fresh.ok()) return fresh.status();
      c->filling = *fresh;
    }
    slab = c->filling;
    index = slab->used++;
    if (slab->used == slab->slots) c->filling = nullptr;
  }
  G* const gp = InitSlot(slab->base + index * slot_size, slot_size, index);
  slab->made[index].store(true, base::kRelease);
  nslots.fetch_add(1, base::kRelaxed);
  return gp;
}

void stackfree(G* gp) {
  base::MutexLock lock(&mu);
  classes[Logarithm(gp->slot_size)].free.Push(gp);
}

void stacktake(GList* list, size_t n) {
  base::MutexLock lock(&mu);
  GList* const free = &classes[Logarithm(DefaultStackSize())].free;
  for (; n > 0 && !free->empty(); --n) list->Push(free->Pop());
}

void stackgive(GList* list) {
  base::MutexLock lock(&mu);
  GList* const free = &classes[Logarithm(DefaultStackSize())].free;
  while (G* gp = list->Pop()) free->Push(gp);
}

void ForceGuardKind(GuardKind kind) { guard_kind.store(kind); }

StackCounts ReadStackCounts() {
  StackCounts counts{};
  counts.slabs = nslabs.load(base::kAcquire);
  counts.slots = nslots.load(base::kRelaxed);
  counts.unguarded = nunguarded.load(base::kRelaxed);
  counts.mprotected = nmprotected.load(base::kRelaxed);
  return counts;
}

void ForEachG(void (*fn)(G* gp, void* arg), void* arg) {
  const size_t n = nslabs.load(base::kAcquire);
  for (size_t i = 0; i < n; ++i) {
    const Slab* const slab = slabs[i].load(base::kAcquire);
    for (size_t j = 0; j < slab->slots; ++j) {
      if (slab->made[j].load(base::kAcquire)) fn(SlotG(slab, j), arg);
    }
  }
}

G* StackOfGuardAddress(uintptr_t addr) {
  const size_t n = nslabs.load(base::kAcquire);
  for (size_t i = 0; i < n; ++i) {
    const Slab* const slab = slabs[i].load(base::kAcquire);
    const uintptr_t offset = addr - slab->base;
    if (offset >= slab->slots * slab->slot_size) continue;
    if (offset % slab->slot_size >= kStackGuardSize) return nullptr;
    const size_t j = offset / slab->slot_size;
    return slab->made[j].load(base::kAcquire) ? SlotG(slab, j) : nullptr;
  }
  return nullptr;
}

}  // namespace parkour::runtime
