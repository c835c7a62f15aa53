// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// traceback.h: the words that a dump has for frames and waits.
//
//   Work(int)(...)                     ParseBody(...)
//           server.cc:42 +0x2a                 server.cc:17
//
// On the right a function that was inlined into the one after it. With
// addresses (GOTRACEBACK=system and crash) a frame ends in
// " fp=0x.. sp=0x.. pc=0x.."; pc lies inside the call.
//
// The runtime's own frames are left out, except in reports of a bug of its own
// and with GOTRACEBACK=system or crash.
//
// Blocking: no; memory comes from the dump's, so that all of it may be used
//           after a crash, by a handler of signals as well.
// See:      docs/DEBUGGING.md; Go: traceback.go (traceback2, showfuncinfo)

#ifndef PARKOUR_RUNTIME_TRACEBACK_H_
#define PARKOUR_RUNTIME_TRACEBACK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "parkour/runtime/dump_text.h"
#include "parkour/runtime/unwind.h"

namespace parkour::runtime {

// GOTRACEBACK, as it is now. Go: runtime1.go (setTraceback)
struct TracebackLevel {
  bool none = false;    // nothing but the first line
  bool all = false;     // all goroutines, whatever happened
  bool system = false;  // the runtime's frames, and addresses
  bool crash = false;   // the end leaves a core
};
TracebackLevel tracebackLevel();

// Frames in words, each pc looked up once.
class FramePrinter {
 public:
  FramePrinter(DumpMemory* memory, bool system, bool addresses)
      : memory_(memory), system_(system), addresses_(addresses) {}

  // The frames of one goroutine. `reporter`: the stack is that of who reports
  // an exception; it is shown from the throw on.
  void Print(std::span<const StackFrame> frames, int elided, bool reporter,
             DumpText* out);

  // "created by F in goroutine 7" and where; pc as in StackFrame.
  void PrintCreator(uintptr_t pc, uint64_t goid, DumpText* out);

  // `before` and "F (server.cc:42)" of the first function that is the program's
  // own; nothing if there is none.
  void PrintPlace(uintptr_t pc, const char* before, DumpText* out);

  // There is one.
  bool IsOwn(uintptr_t pc) { return At(pc).own; }

  // Where the function begins that has code of its own at pc; 0: unknown.
  uintptr_t EntryOf(uintptr_t pc) { return At(pc).entry; }

 private:
  struct Words {
    uintptr_t pc;
    uintptr_t entry;
    const char* text;  // without the last newline; empty: hidden
    uint32_t size;
    bool own;     // code of the program's, not of libraries below it
    bool throws;  // the last step from a throw to std::terminate's handler
  };

  const Words& At(uintptr_t pc);
  Words LookUp(uintptr_t pc);
  void PrintFrames(std::span<const StackFrame> frames, DumpText* out);
  bool Grow();

  DumpMemory* const memory_;
  const bool system_;
  const bool addresses_;
  Words* table_ = nullptr;  // open addressing, at most half full
  size_t room_ = 0;
  size_t used_ = 0;
  Words last_ = {};  // where there is no memory for a table
};

// The name of the function that pc lies in or returns to; "?" if unknown.
std::string FunctionName(uintptr_t pc);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_TRACEBACK_H_
