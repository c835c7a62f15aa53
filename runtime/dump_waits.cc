// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Who waits for what, held by whom. A lock's record (lock_holder.h) is a place
// on a stack and one in the code. The stack's goroutine is the holder if the
// function that locked has a frame there still; if not, it has returned without
// unlocking, and whose stack it was nobody can tell any more.

#include <algorithm>

#include "parkour/runtime/dump.h"
#include "parkour/runtime/lock_holder.h"
#include "parkour/runtime/slab.h"

namespace parkour::runtime {
namespace {

constexpr int kLongestCycle = 64;

const char* objectName(WaitReason reason) {
  switch (reason) {
    case WaitReason::kChanReceive:
    case WaitReason::kChanSend:
      return "chan";
    case WaitReason::kSemacquire:
      return "semaphore";
    case WaitReason::kSyncCondWait:
      return "sync.Cond";
    case WaitReason::kSyncMutexLock:
      return "sync.Mutex";
    case WaitReason::kSyncRWMutexRLock:
      return "sync.RWMutex";
    case WaitReason::kSyncRWMutexLock:
      return "the readers of sync.RWMutex";
    case WaitReason::kSyncWaitGroupWait:
      return "sync.WaitGroup";
    default:
      return nullptr;
  }
}

// The goroutine whose stack has this address, or null.
G* stackOwner(uintptr_t sp, bool* is_stack) {
  const Slab* const slab = SlabOf(sp);
  *is_stack = slab != nullptr;
  if (slab == nullptr) return nullptr;
  const size_t index = (sp - slab->base) / slab->slot_size;
  if (slab->state[index].load(base::kAcquire) != SlotState::kMade) {
    return nullptr;
  }
  G* const gp = SlotG(slab, index);
  const GStatus status = readgstatus(gp);
  return status == kGidle || status == kGdead ? nullptr : gp;
}

}  // namespace

const Captured* GoroutineDump::Find(uint64_t goid) const {
  const size_t first = options_.current != nullptr ? 1 : 0;
  if (first == 1 && all_[0].goid == goid) return &all_[0];
  for (size_t lo = first, hi = size_; lo < hi;) {
    const size_t mid = lo + (hi - lo) / 2;
    if (all_[mid].goid == goid) return &all_[mid];
    if (all_[mid].goid < goid) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return nullptr;
}

// Whether the frame at c's holder_sp on the holder's stack is still that of the
// function that locked. Yes, too, where that cannot be told.
bool GoroutineDump::StillThere(const Captured& holder, const Captured& c) {
  const StackTrace trace = Walk(holder);
  if (trace.empty() || trace.elided() > 0 || !frames_.IsOwn(c.holder_pc)) {
    return true;
  }
  const uintptr_t entry = frames_.EntryOf(c.holder_pc);
  const StackFrame* at = nullptr;
  for (const StackFrame& f : trace.frames()) {
    if (f.sp <= c.holder_sp) at = &f;
  }
  return entry == 0 || (at != nullptr && frames_.EntryOf(at->pc) == entry);
}

GoroutineDump::Holder GoroutineDump::FindHolder(const Captured& c) {
  if (c.holder_sp == 0) return {Holder::kUnknown, 0};
  bool is_stack;
  const G* const gp = stackOwner(c.holder_sp, &is_stack);
  if (!is_stack) return {Holder::kThread, 0};
  if (gp == nullptr) return {Holder::kEnded, 0};
  const uint64_t goid = gp->goid.load(base::kRelaxed);
  const Captured* const holder = Find(goid);
  if (holder != nullptr && !StillThere(*holder, c)) {
    return {Holder::kReturned, goid};
  }
  return {Holder::kGoroutine, goid};
}

// Many may wait for the same lock.
GoroutineDump::Holder GoroutineDump::HolderOf(const Captured& c) {
  if (c.holder_sp != last_sp_ || c.holder_pc != last_pc_) {
    last_holder_ = FindHolder(c);
    last_sp_ = c.holder_sp;
    last_pc_ = c.holder_pc;
  }
  return last_holder_;
}

void GoroutineDump::PrintHolder(const Captured& c, DumpText* out) {
  const bool writer = c.reason == WaitReason::kSyncRWMutexRLock;
  const char* const held = writer ? ", taken for writing by" : ", held by";
  const Holder holder = HolderOf(c);
  switch (holder.kind) {
    case Holder::kUnknown:
      if (c.reason == WaitReason::kSyncMutexLock &&
          !record_lock_holders.load(base::kRelaxed)) {
        out->Put(" (GODEBUG=lockholders=1 tells who holds it)");
      }
      return;
    case Holder::kThread:
      out->Print("%s a plain thread", held);
      break;
    case Holder::kGoroutine:
      out->Print("%s goroutine %lu", held, holder.goid);
      break;
    case Holder::kEnded:
      out->Put(", never unlocked by a goroutine that has ended");
      break;
    case Holder::kReturned:
      out->Put(", never unlocked by a function that has returned");
      break;
  }
  frames_.PrintPlace(c.holder_pc, ", locked at ", out);
}

void GoroutineDump::PrintWait(const Captured& c, DumpText* out) {
  if (c.object == nullptr) return;
  if (c.reason == WaitReason::kSelect) {
    out->Put("# waits for chans");
    const auto* chans = static_cast<const void* const*>(c.object);
    for (int i = 0; chans[i] != nullptr; ++i) {
      out->Print("%s %p", i == 0 ? "" : ",", chans[i]);
    }
    out->Put("\n");
    return;
  }
  const char* const name = objectName(c.reason);
  if (name == nullptr) return;
  out->Print("# waits for %s %p", name, c.object);
  PrintHolder(c, out);
  out->Put("\n");
}

const Captured* GoroutineDump::HolderRecord(const Captured& c) {
  if (c.status != kGwaiting || c.object == nullptr || c.holder_sp == 0) {
    return nullptr;
  }
  const Holder holder = HolderOf(c);
  return holder.kind == Holder::kGoroutine ? Find(holder.goid) : nullptr;
}

void GoroutineDump::PrintCycle(const Captured& from, DumpText* out) {
  out->Print("\n# deadlock: goroutine %lu", from.goid);
  const Captured* c = &from;
  do {
    const Captured* const holder = HolderRecord(*c);
    out->Print("%s waits for %s %p held by goroutine %lu",
               c == &from ? "" : ", which", objectName(c->reason), c->object,
               holder->goid);
    c = holder;
  } while (c != &from);
  out->Put("\n");
}

// Each cycle once: from its goroutine that comes first.
void GoroutineDump::PrintCycles(DumpText* out) {
  for (size_t i = 0; i < size_; ++i) {
    const Captured* c = &all_[i];
    int length = 0;
    do {
      c = HolderRecord(*c);
    } while (c != nullptr && c > &all_[i] && ++length < kLongestCycle);
    if (c == &all_[i]) PrintCycle(*c, out);
  }
}

}  // namespace parkour::runtime
