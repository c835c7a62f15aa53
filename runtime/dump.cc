// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Looking at all goroutines. They run meanwhile, but for those in hand.

#include "parkour/runtime/dump.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/base/sanitizer.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/lock_holder.h"
#include "parkour/runtime/scavenge.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/sudog.h"

namespace parkour::runtime {
namespace {

constexpr int64_t kPatience = 1500000000;
constexpr int64_t kPatienceWithOne = 500000000;
constexpr int kTries = 100;
constexpr size_t kStackBuckets = 4096;

// Constant while it runs, for what a dump shows.
PARKOUR_NO_SANITIZE bool isLocked(const G* gp) {
  return gp->lockedm != nullptr;
}

PARKOUR_NO_SANITIZE uintptr_t savedSp(const G* gp) {
  return reinterpret_cast<uintptr_t>(gp->sched.sp);
}

bool isLive(GStatus status) { return status != kGidle && status != kGdead; }

uint64_t hashOf(const StackTrace& trace, bool addresses) {
  uint64_t hash = static_cast<uint64_t>(trace.elided());
  for (const StackFrame& f : trace.frames()) {
    hash = (hash ^ f.pc) * 0x9E3779B97F4A7C15u;
    if (addresses) hash = (hash ^ f.sp) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  }
  return hash;
}

bool isSame(const KeptStack& kept, const StackTrace& trace, bool addresses) {
  const std::span<const StackFrame> frames = trace.frames();
  return kept.elided == trace.elided() &&
         std::equal(frames.begin(), frames.end(), kept.frames,
                    kept.frames + kept.size,
                    [&](const StackFrame& a, const StackFrame& b) {
                      return a.pc == b.pc && (!addresses || a.sp == b.sp);
                    });
}

}  // namespace

void ToStderr(std::string_view text, void*) { base::WriteStderr(text); }

GoroutineDump::GoroutineDump(const DumpOptions& options)
    : options_(options),
      freeze_(options.freeze),
      frames_(&memory_, options.system, options.addresses),
      patience_(kPatience) {}

// Those that exist now, by number; the caller's first.
void GoroutineDump::List() {
  const auto count = [](G* gp, void* arg) {
    if (isLive(readgstatus(gp))) ++static_cast<GoroutineDump*>(arg)->room_;
  };
  room_ = 64;  // a few that come meanwhile
  if (options_.others) ForEachG(count, this);
  all_ = memory_.New<Captured>(room_);
  if (all_ == nullptr) {
    left_out_ = room_;
    return;
  }
  if (options_.current != nullptr) {
    all_[0].gp = options_.current;
    all_[0].goid = options_.current->goid.load(base::kRelaxed);
    size_ = 1;
  }
  if (!options_.others) return;
  const size_t first = size_;
  const auto add = [](G* gp, void* arg) {
    auto* const d = static_cast<GoroutineDump*>(arg);
    if (!isLive(readgstatus(gp)) || gp == d->options_.current) return;
    if (d->size_ == d->room_) {
      ++d->left_out_;
      return;
    }
    Captured& c = d->all_[d->size_++];
    c.gp = gp;
    c.goid = gp->goid.load(base::kRelaxed);
  };
  ForEachG(add, this);
  // A newborn that was born meanwhile was met twice; it is dead.
  const auto key = [](const Captured& c) {
    return std::pair(c.goid, bool{c.gp->is_newborn});
  };
  std::sort(
      all_ + first, all_ + size_,
      [&](const Captured& a, const Captured& b) { return key(a) < key(b); });
  const Captured* const end = std::unique(
      all_ + first, all_ + size_,
      [](const Captured& a, const Captured& b) { return a.goid == b.goid; });
  size_ = static_cast<size_t>(end - all_);
}

void GoroutineDump::Capture() {
  stacks_ = memory_.New<KeptStack*>(kStackBuckets);
  List();
  // Those that run last: they take longer.
  for (size_t i = 0; i < size_; ++i) Look(&all_[i]);
  for (size_t i = 0; i < size_; ++i) {
    Captured& c = all_[i];
    if (c.goid != 0 && c.gp != options_.current &&
        (c.status == kGrunning || c.status == kGsyscall)) {
      c.stack = Keep(Walk(c));
    }
  }
}

size_t GoroutineDump::size() const {
  return left_out_ + static_cast<size_t>(std::count_if(
                         all_, all_ + size_,
                         [](const Captured& c) { return c.goid != 0; }));
}

void GoroutineDump::ReadHeader(Captured* c) {
  const G* const gp = c->gp;
  c->goid = gp->goid.load(base::kRelaxed);
  c->parent = gp->parent_goid.load(base::kRelaxed);
  c->gopc = gp->gopc.load(base::kRelaxed);
  c->m = gp->m.load(base::kRelaxed);
  c->reason = gp->waitreason.load(base::kRelaxed);
  c->waitsince = gp->waitsince.load(base::kRelaxed);
  c->locked = isLocked(gp);
  gp->name.Read(c->name);
}

// Of a select: its first channels; the select itself may be gone when they are
// printed.
const void* GoroutineDump::KeepChannels(const void* select) {
  auto* const kept = memory_.New<const void*>(kMostChannels + 1);
  int n = 0;
  for (const auto* s = static_cast<const Sudog*>(select);
       kept != nullptr && s != nullptr && n < kMostChannels;
       s = s->select_next) {
    kept[n++] = s->c;
  }
  return n == 0 ? nullptr : kept;
}

// A parked goroutine stays as it is. False: it is not parked, or somebody else
// has it in hand; a crash does not give back what it has.
bool GoroutineDump::Hold(G* gp) {
  if (freeze_ == Freeze::kStopped) return true;
  const bool crash = freeze_ == Freeze::kCrash;
  const uint32_t held = kGwaiting | kGscan;
  if (crash && gp->atomicstatus.load(base::kAcquire) == held) return true;
  // A thread with a P keeps it: endScan may queue the goroutine there.
  if (!crash && getm() != nullptr) enterRuntime();
  if (beginScan(gp)) return true;
  if (!crash && getm() != nullptr) leaveRuntime();
  return false;
}

void GoroutineDump::LetGo(G* gp) {
  if (freeze_ != Freeze::kScan) return;
  endScan(gp);
  if (getm() != nullptr) leaveRuntime();
}

// False: it is not parked any more, or not yet.
bool GoroutineDump::LookAtParked(Captured* c) {
  G* const gp = c->gp;
  if (!Hold(gp)) {
    base::OsYield();
    return false;
  }
  ReadHeader(c);
  c->object = gp->waitobject.load(base::kRelaxed);
  if (c->reason == WaitReason::kSelect) c->object = KeepChannels(c->object);
  if (const LockHolder* holder = gp->waitholder.load(base::kRelaxed);
      holder != nullptr && c->object != nullptr) {
    const LockHolder::Place place = holder->Read();
    c->holder_sp = place.sp;
    c->holder_pc = place.pc;
  }
  StackTrace trace;
  unwindParked(gp, &trace);
  c->stack = Keep(trace);
  LetGo(gp);
  return true;
}

void GoroutineDump::Look(Captured* c) {
  G* const gp = c->gp;
  for (int tries = 0; tries < kTries; ++tries) {
    c->status = readgstatus(gp);
    if (gp == options_.current) {
      ReadHeader(c);
      c->stack = Keep(Walk(*c));
      return;
    }
    if (c->status == kGwaiting) {
      if (LookAtParked(c)) return;
      continue;
    }
    ReadHeader(c);
    if (c->status != kGrunnable) break;
    // If it runs meanwhile, that is what it does now: once more.
    const uintptr_t sp = savedSp(gp);
    const StackTrace trace = Walk(*c);
    if (readgstatus(gp) != kGrunnable || savedSp(gp) != sp) continue;
    c->stack = Keep(trace);
    return;
  }
  ReadHeader(c);
  if (!isLive(c->status)) c->goid = 0;
}

// As it is now. Empty: it is not to be had.
StackTrace GoroutineDump::Walk(const Captured& c) {
  StackTrace trace;
  G* const gp = c.gp;
  if (gp == options_.current) {
    const uintptr_t hi = gp->slot_lo + gp->slot_size;
    unwindSelf(gp->slot_lo, gp->proxy ? UINTPTR_MAX : hi, &trace);
  } else if (c.status == kGrunning || c.status == kGsyscall) {
    const int64_t begin = base::nanotime();
    unwindThread(gp, std::min(patience_, kPatienceWithOne), &trace);
    patience_ -= base::nanotime() - begin;
  } else if (freeze_ == Freeze::kStopped) {
    unwindParked(gp, &trace);
  } else if (c.status != kGwaiting) {
    unwindMaybeRunning(gp, &trace);
  } else if (Hold(gp)) {
    unwindParked(gp, &trace);
    LetGo(gp);
  }
  return trace;
}

const KeptStack* GoroutineDump::Keep(const StackTrace& trace) {
  if (stacks_ == nullptr) return nullptr;
  const bool addresses = options_.addresses;
  const uint64_t hash = hashOf(trace, addresses);
  KeptStack** const bucket = &stacks_[hash % kStackBuckets];
  for (const KeptStack* k = *bucket; k != nullptr; k = k->next) {
    if (k->hash == hash && isSame(*k, trace, addresses)) return k;
  }
  const std::span<const StackFrame> frames = trace.frames();
  void* const p =
      memory_.Take(sizeof(KeptStack) + frames.size() * sizeof(StackFrame));
  if (p == nullptr) return nullptr;
  auto* const kept = static_cast<KeptStack*>(p);
  kept->next = *bucket;
  kept->hash = hash;
  kept->elided = trace.elided();
  kept->size = static_cast<uint32_t>(frames.size());
  std::copy(frames.begin(), frames.end(), kept->frames);
  *bucket = kept;
  return kept;
}

}  // namespace parkour::runtime
