// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: traceback.go (goroutineheader, printcreatedby)

#include <bit>
#include <cstring>

#include "parkour/base/clock.h"
#include "parkour/runtime/dump.h"
#include "parkour/runtime/sched.h"

namespace parkour::runtime {
namespace {

constexpr int64_t kMinute = 60000000000;
// Of a group, so many numbers are listed.
constexpr uint32_t kListed = 20;

const char* statusName(const Captured& c) {
  switch (c.status) {
    case kGidle:
      return "idle";
    case kGrunnable:
      return "runnable";
    case kGrunning:
      return "running";
    case kGsyscall:
      return "syscall";
    case kGdead:
      return "dead";
    case kGwaiting:
      break;
  }
  const char* const reason = WaitReasonString(c.reason);
  return *reason != '\0' ? reason : "waiting";
}

// By the true clock: the coarse one stands still while everybody sleeps.
int64_t minutesOf(const Captured& c) {
  if (c.status != kGwaiting || c.waitsince == 0) return 0;
  return (base::nanotime() - c.waitsince) / kMinute;
}

// Equal in stack and header, but for number and time.
bool isAlike(const Captured& a, const Captured& b) {
  return a.stack == b.stack && a.gopc == b.gopc && a.status == b.status &&
         a.reason == b.reason && a.locked == b.locked &&
         std::strcmp(a.name, b.name) == 0;
}

size_t hashOf(const Captured& c) {
  uint64_t hash = reinterpret_cast<uintptr_t>(c.stack) ^ c.gopc;
  hash = (hash ^ c.status) * 0x9E3779B97F4A7C15u;
  for (const char* p = c.name; *p != '\0'; ++p) {
    hash = (hash ^ static_cast<unsigned char>(*p)) * 0x9E3779B97F4A7C15u;
  }
  return hash ^ (hash >> 32);
}

}  // namespace

// Every group is shown as its first goroutine, with a chain of the others.
void GoroutineDump::Group() {
  for (size_t i = 0; i < size_; ++i) all_[i].group = 1;
  if (size_ <= kGroupAbove || options_.addresses) return;
  const size_t room = std::bit_ceil(2 * size_);
  uint32_t* const table = memory_.New<uint32_t>(room);  // index + 1
  if (table == nullptr) return;
  for (uint32_t i = options_.current != nullptr ? 1 : 0; i < size_; ++i) {
    Captured& c = all_[i];
    if (c.goid == 0) continue;
    size_t at = hashOf(c) % room;
    while (table[at] != 0 && !isAlike(all_[table[at] - 1], c)) {
      at = (at + 1) % room;
    }
    if (table[at] == 0) {
      table[at] = i + 1;
      c.group_last = i;
      continue;
    }
    Captured& first = all_[table[at] - 1];
    all_[first.group_last].group_next = i;
    first.group_last = i;
    ++first.group;
    c.group = 0;
  }
}

void GoroutineDump::Print(DumpText::Taker take, void* arg) {
  DumpText out(&memory_, take, arg);
  Group();
  if (options_.others) PrintCycles(&out);
  for (size_t i = 0; i < size_; ++i) {
    if (all_[i].goid != 0 && all_[i].group != 0) PrintOne(all_[i], &out);
  }
  if (left_out_ > 0) out.Print("\n...%zu more goroutines...\n", left_out_);
}

void GoroutineDump::PrintOne(const Captured& c, DumpText* out) {
  PrintHeader(c, out);
  if (c.group > 1) PrintGroup(c, out);
  if (options_.others && c.status == kGwaiting) PrintWait(c, out);
  const bool runs = c.status == kGrunning || c.status == kGsyscall;
  if (c.stack != nullptr && (c.stack->size > 0 || !runs)) {
    frames_.Print({c.stack->frames, c.stack->size}, c.stack->elided,
                  options_.reporter && c.gp == options_.current, out);
  } else {
    out->Put(runs ? "\tgoroutine running on other thread; stack unavailable\n"
                  : "\tstack unavailable\n");
  }
  if (c.goid != kMainGoid && c.gopc != 0) {
    frames_.PrintCreator(c.gopc - 1, c.parent, out);
  }
}

void GoroutineDump::PrintHeader(const Captured& c, DumpText* out) {
  out->Print("\ngoroutine %lu", c.goid);
  if (options_.addresses) {
    out->Print(" gp=%p", static_cast<const void*>(c.gp));
    if (c.m != nullptr) {
      out->Print(" m=%ld mp=%p", c.m->id, static_cast<const void*>(c.m));
    } else {
      out->Put(" m=nil");
    }
  }
  out->Print(" [%s", statusName(c));
  if (const int64_t m = minutesOf(c); m >= 1) out->Print(", %ld minutes", m);
  if (c.locked) out->Put(", locked to thread");
  if (c.name[0] != '\0') out->Print(", name \"%s\"", c.name);
  out->Put("]:\n");
}

void GoroutineDump::PrintGroup(const Captured& c, DumpText* out) {
  int64_t longest = 0;
  for (const Captured* g = &c;; g = &all_[g->group_next]) {
    longest = std::max(longest, minutesOf(*g));
    if (g->group_next == 0) break;
  }
  out->Print("# %u goroutines like this", c.group);
  if (longest >= 1) out->Print(", waiting up to %ld minutes", longest);
  out->Print(": %lu", c.goid);
  uint32_t listed = 1;
  for (const Captured* g = &c; g->group_next != 0; ++listed) {
    g = &all_[g->group_next];
    if (listed == kListed) {
      out->Put(", ...");
      break;
    }
    out->Print(", %lu", g->goid);
  }
  out->Put("\n");
}

}  // namespace parkour::runtime
