// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// dump.h: goroutines with their stacks, as text.
//
//   goroutine 7 [chan receive, 3 minutes, name "parser"]:
//   # waits for chan 0x55d0c2a41b70
//   Worker(...)
//           server.cc:42 +0x2a
//   created by Serve(...) in goroutine 1
//           server.cc:17 +0x51
//
// First all are looked at, then they are printed: what takes time is the
// printing. More than kGroupAbove of them are grouped by their stacks.
//
// How a goroutine stays as it is while its stack is read:
//   kScan     parked ones are taken into hand, one at a time, for a microsecond
//             (scavenge.h); all others run on
//   kStopped  the world has been stopped
//   kCrash    parked ones are taken into hand for good: the process ends
// One that runs is asked to look at itself (unwind.h).
//
// Blocking: up to 1.5 s for threads that do not answer, and in whoever takes
//           the text. No malloc; no lock but with kScan, for goroutines that
//           are woken while they are in hand.
// See:      docs/DEBUGGING.md; Go: traceback.go (tracebackothers)

#ifndef PARKOUR_RUNTIME_DUMP_H_
#define PARKOUR_RUNTIME_DUMP_H_

#include <cstdint>
#include <span>

#include "parkour/runtime/dump_text.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/traceback.h"
#include "parkour/runtime/unwind.h"

namespace parkour::runtime {

enum class Freeze { kScan, kStopped, kCrash };

struct DumpOptions {
  Freeze freeze = Freeze::kScan;
  // The caller's: shown first, walked from here. Null: none.
  G* current = nullptr;
  // It reports an exception: shown from the throw on.
  bool reporter = false;
  bool others = false;     // all others, too
  bool system = false;     // frames of the runtime
  bool addresses = false;  // of everything
};

// A stack that may be that of many.
struct KeptStack {
  KeptStack* next;
  uint64_t hash;
  int elided;
  uint32_t size;
  StackFrame frames[1];  // `size` of them
};

// What is known of one goroutine.
struct Captured {
  G* gp;
  const M* m;
  uint64_t goid;  // 0: it has ended meanwhile
  uint64_t parent;
  uintptr_t gopc;
  const KeptStack* stack;  // null: not to be had
  int64_t waitsince;
  const void* object;  // waited for; null: unknown; a select's are a list
  uintptr_t holder_sp;
  uintptr_t holder_pc;
  uint32_t group;       // goroutines like this; 0: shown with another
  uint32_t group_next;  // index; 0: none
  uint32_t group_last;
  GStatus status;
  WaitReason reason;
  bool locked;
  char name[GName::kMax + 1];
};

class GoroutineDump {
 public:
  static constexpr size_t kGroupAbove = 200;
  // Of those that a select waits for.
  static constexpr int kMostChannels = 4;

  explicit GoroutineDump(const DumpOptions& options);

  void Capture();
  // After Capture: the world runs again.
  void Thaw() { freeze_ = Freeze::kScan; }
  // After Capture.
  void Print(DumpText::Taker take, void* arg);

  // How many there were, without those that ended while they were looked at.
  size_t size() const;

 private:
  // Who a lock belongs to, as far as its record tells.
  struct Holder {
    enum Kind { kUnknown, kThread, kEnded, kReturned, kGoroutine } kind;
    uint64_t goid;
  };

  // dump.cc
  void List();
  void Look(Captured* c);
  bool LookAtParked(Captured* c);
  void ReadHeader(Captured* c);
  const KeptStack* Keep(const StackTrace& trace);
  const void* KeepChannels(const void* select);
  StackTrace Walk(const Captured& c);
  bool Hold(G* gp);
  void LetGo(G* gp);

  // dump_print.cc
  void Group();
  void PrintOne(const Captured& c, DumpText* out);
  void PrintHeader(const Captured& c, DumpText* out);
  void PrintGroup(const Captured& c, DumpText* out);

  // dump_waits.cc
  void PrintWait(const Captured& c, DumpText* out);
  void PrintCycles(DumpText* out);
  void PrintHolder(const Captured& c, DumpText* out);
  Holder HolderOf(const Captured& c);
  Holder FindHolder(const Captured& c);
  bool StillThere(const Captured& holder, const Captured& c);
  const Captured* Find(uint64_t goid) const;
  const Captured* HolderRecord(const Captured& c);
  void PrintCycle(const Captured& from, DumpText* out);

  const DumpOptions options_;
  Freeze freeze_;
  DumpMemory memory_;
  FramePrinter frames_;
  Captured* all_ = nullptr;
  size_t size_ = 0;
  size_t room_ = 0;
  size_t left_out_ = 0;  // for want of memory
  int64_t patience_;     // what is left for threads that do not answer
  KeptStack** stacks_ = nullptr;
  // The last answer of HolderOf.
  uintptr_t last_sp_ = 0;
  uintptr_t last_pc_ = 0;
  Holder last_holder_ = {Holder::kUnknown, 0};
};

// The taker for standard error.
void ToStderr(std::string_view text, void*);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_DUMP_H_
