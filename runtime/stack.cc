// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/stack.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/base/sanitizer.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/limits.h"
#include "parkour/runtime/log.h"
#include "parkour/runtime/newborn.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/slab.h"
#include "parkour/runtime/start.h"

#if PARKOUR_ASAN
#include <sanitizer/lsan_interface.h>
#endif

namespace parkour::runtime {
base::Mutex stacks_mu{base::LockRank::kStacks};
StackClass stack_classes[kStackClasses] ABSL_GUARDED_BY(stacks_mu);
base::Atomic<Slab*> slabs[kMaxSlabs];
base::Atomic<size_t> nslabs{0};
base::Atomic<bool> guards_off_unsaid{false};

namespace {

constexpr size_t kDefaultStackSize = size_t{256} << 10;
constexpr int kSanitizerFactor = PARKOUR_ASAN || PARKOUR_TSAN ? 4 : 1;

constexpr size_t kLastSlabSlots = 1024;
// So many newborns, of a multiple of 64 bytes, fill whole pages.
constexpr size_t kNewbornGroup = 64;
static_assert(kFirstSlabSlots % kNewbornGroup == 0 && kPageSize == 64 * 64);
constexpr size_t kLargestSlab = size_t{1} << 30;
// So many stacks are made at once, but no more than one in 16 of all.
constexpr size_t kStackBatch = 16;
constexpr size_t kMostMade = kNewbornGroup;
constexpr size_t kMakeShare = 16;

// What goroutines get that do not say; what they would get without a limit.
base::Atomic<size_t> default_size{kDefaultStackSize * kSanitizerFactor};
base::Atomic<size_t> wanted_size{kDefaultStackSize};
base::Atomic<size_t> max_size{kMaxStackSize};

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

StackClass* ClassOf(size_t slot_size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(stacks_mu) {
  return &stack_classes[slot_size < kSmallestStackSlot
                            ? kNewbornClass
                            : __builtin_ctzll(slot_size)];
}

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
    const M* const m = getm();
    if (m != nullptr && m->curg == nullptr) {
      guards_off_unsaid.store(true);
    } else {
      LogWarning(kGuardsOff);
    }
  }
  return false;
}

// The descriptor's place in a slot: below a gap that varies with the slot.
G* PlaceG(uintptr_t slot_lo, size_t slot_size, size_t index) {
  if (slot_size < kSmallestStackSlot) return reinterpret_cast<G*>(slot_lo);
  const uintptr_t top =
      slot_lo + slot_size - index % kSlotColours * kSlotCacheLine - sizeof(G);
  return reinterpret_cast<G*>(top & ~uintptr_t{kSlotCacheLine - 1});
}

absl::StatusOr<Slab*> NewSlab(StackClass* c, size_t slot_size)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(stacks_mu) {
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
#if PARKOUR_ASAN
  // Closures hold the only pointers to what they captured.
  if (slot_size < kSmallestStackSlot) {
    __lsan_register_root_region(p, slots * slot_size);
  }
#endif
  Slab* const slab =
      new Slab{.base = reinterpret_cast<uintptr_t>(p),
               .slot_size = slot_size,
               .slots = slots,
               .state = std::make_unique<base::Atomic<SlotState>[]>(slots)};
  slabs[n].store(slab, base::kRelease);
  nslabs.store(n + 1, base::kRelease);
  if (c->next_slots < kLastSlabSlots) c->next_slots *= 2;
  return slab;
}

// The hottest free stack, or null.
G* TakeFree(StackClass* c) ABSL_EXCLUSIVE_LOCKS_REQUIRED(stacks_mu) {
  if (G* gp = c->hot.Pop()) return gp;
  if (G* gp = c->cool.Pop()) return gp;
  return c->expired.Pop();
}

void TakeFreeList(StackClass* c, GList* list, size_t n)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(stacks_mu) {
  c->hot.MoveTo(list, n);
  c->cool.MoveTo(list, n);
  c->expired.MoveTo(list, n);
}

void ForEachGOf(bool newborns, void (*fn)(G* gp, void* arg), void* arg) {
  const size_t n = nslabs.load(base::kAcquire);
  for (size_t i = 0; i < n; ++i) {
    const Slab* const slab = slabs[i].load(base::kAcquire);
    if (holdsNewborns(slab) != newborns) continue;
    for (size_t j = 0; j < slab->slots; ++j) {
      if (slab->state[j].load(base::kAcquire) == SlotState::kMade) {
        fn(SlotG(slab, j), arg);
      }
    }
  }
}

// A cold slot, whose index goes to *index; null if there is none.
Slab* TakeCold(StackClass* c, size_t* index, SlotState* state)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(stacks_mu) {
  Slab* const slab = c->cold;
  if (slab == nullptr) return nullptr;
  size_t i = slab->cold_from;
  while ((*state = slab->state[i].load(base::kRelaxed)) <= SlotState::kMade) {
    ++i;
  }
  slab->cold_from = i + 1;
  // No longer cold, not yet made: the next look passes it over.
  slab->state[i].store(SlotState::kUnused, base::kRelaxed);
  if (--slab->ncold == 0) {
    c->cold = slab->next_cold;
    slab->next_cold = nullptr;
  }
  *index = i;
  return slab;
}

// A slot that somebody takes to make a G in it.
struct Site {
  Slab* slab;
  size_t index;
  SlotState was;

  uintptr_t lo() const { return slab->base + index * slab->slot_size; }
};

// A cold slot, or one that was never used.
absl::StatusOr<Site> TakeSite(StackClass* c, size_t slot_size)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(stacks_mu) {
  Site site{};
  site.slab = TakeCold(c, &site.index, &site.was);
  if (site.slab != nullptr) return site;
  if (c->filling == nullptr) {
    absl::StatusOr<Slab*> fresh = NewSlab(c, slot_size);
    if (!fresh.ok()) return fresh.status();
    c->filling = *fresh;
  }
  site = {c->filling, c->filling->used++, SlotState::kUnused};
  ++c->made;
  if (site.slab->used == site.slab->slots) c->filling = nullptr;
  if (!holdsNewborns(site.slab)) nslots.fetch_add(1, base::kRelaxed);
  return site;
}

// Ranges of memory, in rising order, for one system call.
struct Advice {
  base::sys::Range ranges[kMostMade];
  size_t n = 0;

  void Add(uintptr_t lo, uintptr_t hi) {
    if (n > 0) {
      base::sys::Range& last = ranges[n - 1];
      const auto end = reinterpret_cast<uintptr_t>(last.addr) + last.size;
      if (lo <= end && hi >= end) {
        last.size += hi - end;
        return;
      }
    }
    ranges[n++] = {reinterpret_cast<void*>(lo), hi - lo};
  }
};

// Makes the descriptor, and a guard where there is none yet.
G* InitSlot(const Site& site, bool guarded) {
  auto [slab, index, was] = site;
  const uintptr_t slot_lo = site.lo();
  G* const gp = new (static_cast<void*>(SlotG(slab, index))) G;
  gp->slot_lo = slot_lo;
  gp->slot_size = static_cast<uint32_t>(slab->slot_size);
  if (holdsNewborns(slab)) {
    newbornOf(gp)->slab = slab;
    gp->is_newborn = true;
    gp->closure = newbornOf(gp)->closure;
    gp->stack_lo = gp->stack_hi = slot_lo;
    slab->state[index].store(SlotState::kMade, base::kRelease);
    return gp;
  }
  gp->stack_lo = slot_lo + kStackGuardSize;
  gp->stack_hi = reinterpret_cast<uintptr_t>(gp);
  gp->guarded = guarded || (was == SlotState::kUnused &&
                            InstallGuard(reinterpret_cast<void*>(slot_lo)));
#if PARKOUR_ASAN
  if (was == SlotState::kUnused) {
    // Parked stacks hold the only pointers to what their goroutines own.
    __lsan_register_root_region(reinterpret_cast<void*>(gp->stack_lo),
                                slot_lo + slab->slot_size - gp->stack_lo);
  }
#endif
  slab->state[index].store(SlotState::kMade, base::kRelease);
  return gp;
}

// What stackmake and newbornmake do.
void slotmake(GList* list, size_t slot_size) {
  Site sites[kMostMade];
  size_t n = 0;
  {
    base::MutexLock lock(&stacks_mu);
    StackClass* const c = ClassOf(slot_size);
    // There were more than are needed lately: one by one.
    if (c->cold != nullptr) return;
    const size_t batch =
        slot_size < kSmallestStackSlot ? kNewbornGroup : kStackBatch;
    for (size_t most = std::min(batch, c->made / kMakeShare); n < most; ++n) {
      absl::StatusOr<Site> site = TakeSite(c, slot_size);
      if (!site.ok()) break;
      sites[n] = *site;
    }
  }
  if (n == 0) return;
  Advice pages, guards;
  for (size_t i = 0; i < n; ++i) {
    const uintptr_t lo = sites[i].lo(), hi = lo + slot_size;
    if (holdsNewborns(sites[i].slab)) {
      pages.Add(lo & ~(kPageSize - 1), (hi + kPageSize - 1) & ~(kPageSize - 1));
      continue;
    }
    pages.Add(hi - kPageSize, hi);
    guards.Add(lo, lo + kStackGuardSize);
  }
  base::sys::Populate(pages.ranges, pages.n);
  size_t guarded = 0;
  if (guards.n > 0 && guard_kind.load(base::kRelaxed) == GuardKind::kMadvise) {
    guarded = base::sys::GuardInstallAll(guards.ranges, guards.n);
  }
  // The last one first: neighbours are to be used one after the other.
  for (size_t i = n; i-- > 0;) list->Push(InitSlot(sites[i], i < guarded));
}

}  // namespace

size_t DefaultStackSize() { return default_size.load(base::kRelaxed); }

void SetDefaultStackSize(size_t stack_size) {
  wanted_size.store(stack_size, base::kRelaxed);
  default_size.store(StackSlotSize(stack_size), base::kRelaxed);
}

// Those in the hands of Ps have the size that was the default; they go back to
// where they belong.
size_t SetMaxStack(size_t bytes) {
  ensureStarted();
  if (worldEnded()) return max_size.load(base::kRelaxed);
  stopTheWorld();
  const size_t old = max_size.load(base::kRelaxed);
  size_t limit = kMinStackSize;
  while (limit < bytes && limit < kMaxStackSize) limit *= 2;
  max_size.store(limit, base::kRelaxed);
  SetDefaultStackSize(wanted_size.load(base::kRelaxed));
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) stackgive(&allp(i)->gfree);
  startTheWorld();
  return old;
}

size_t StackSlotSize(size_t stack_size) {
  if (stack_size == 0) return DefaultStackSize();
  stack_size = std::min(stack_size, max_size.load(base::kRelaxed));
  stack_size = std::min(stack_size * kSanitizerFactor, kMaxStackSize);
  size_t slot = kMinStackSize;
  while (slot < stack_size) slot *= 2;
  return slot;
}

G* SlotG(const Slab* slab, size_t index) {
  return PlaceG(slab->base + index * slab->slot_size, slab->slot_size, index);
}

Slab* SlabOf(uintptr_t addr) {
  const size_t n = nslabs.load(base::kAcquire);
  for (size_t i = 0; i < n; ++i) {
    Slab* const slab = slabs[i].load(base::kAcquire);
    if (addr - slab->base < slab->slots * slab->slot_size) return slab;
  }
  return nullptr;
}

absl::StatusOr<G*> stackalloc(size_t stack_size) {
  return slotalloc(StackSlotSize(stack_size));
}

absl::StatusOr<G*> slotalloc(size_t slot_size) {
  absl::StatusOr<Site> site = Site{};
  {
    base::MutexLock lock(&stacks_mu);
    StackClass* const c = ClassOf(slot_size);
    if (G* gp = TakeFree(c)) return gp;
    site = TakeSite(c, slot_size);
  }
  if (!site.ok()) return site.status();
  return InitSlot(*site, site->was == SlotState::kCold);
}

void stackmake(GList* list) { slotmake(list, DefaultStackSize()); }

void newbornmake(GList* list) { slotmake(list, sizeof(Newborn)); }

void stackfree(G* gp) {
  base::MutexLock lock(&stacks_mu);
  ClassOf(gp->slot_size)->hot.Push(gp);
}

void stacktake(GList* list, size_t n) {
  base::MutexLock lock(&stacks_mu);
  TakeFreeList(ClassOf(DefaultStackSize()), list, n);
}

void newborntake(GList* list, size_t n) {
  base::MutexLock lock(&stacks_mu);
  StackClass* const c = &stack_classes[kNewbornClass];
  TakeFreeList(c, list, n);
  // The next list's first one: a goroutine knows only of the next in its list.
  if (const G* next = c->hot.top()) prefetchNewborn(next);
}

void stackgive(GList* list) {
  base::MutexLock lock(&stacks_mu);
  while (G* gp = list->Pop()) {
    ClassOf(gp->slot_size)->hot.Push(gp);
  }
}

void stackgiveEqual(GList* list) {
  if (list->empty()) return;
  base::MutexLock lock(&stacks_mu);
  ClassOf(list->top()->slot_size)->hot.PushAll(list);
}

void stackcold(Slab* slab, size_t index, bool guarded) {
  if (slab->ncold++ == 0) {
    StackClass* const c = ClassOf(slab->slot_size);
    slab->next_cold = c->cold;
    c->cold = slab;
    slab->cold_from = index;
  } else if (index < slab->cold_from) {
    slab->cold_from = index;
  }
  slab->state[index].store(
      guarded ? SlotState::kCold : SlotState::kColdUnguarded, base::kRelease);
}

// Under the lock: none of the 64 can be taken meanwhile.
size_t newborncold(G* gp) {
  Slab* const slab = newbornOf(gp)->slab;
  const size_t index = (gp->slot_lo - slab->base) / slab->slot_size;
  const size_t first = index & ~(kNewbornGroup - 1);
  base::MutexLock lock(&stacks_mu);
  stackcold(slab, index, /*guarded=*/true);
  for (size_t i = first; i < first + kNewbornGroup; ++i) {
    if (slab->state[i].load(base::kRelaxed) != SlotState::kCold) return 0;
  }
  const size_t bytes = kNewbornGroup * slab->slot_size;
  void* const lo =
      reinterpret_cast<void*>(slab->base + first * slab->slot_size);
  return base::sys::Discard(lo, bytes) == 0 ? bytes : 0;
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
  ForEachGOf(/*newborns=*/true, fn, arg);
  ForEachGOf(/*newborns=*/false, fn, arg);
}

G* StackOfGuardAddress(uintptr_t addr) {
  const Slab* const slab = SlabOf(addr);
  if (slab == nullptr || holdsNewborns(slab)) return nullptr;
  const uintptr_t offset = addr - slab->base;
  if (offset % slab->slot_size >= kStackGuardSize) return nullptr;
  const size_t j = offset / slab->slot_size;
  const bool made = slab->state[j].load(base::kAcquire) == SlotState::kMade;
  return made ? SlotG(slab, j) : nullptr;
}

}  // namespace parkour::runtime
