// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// symbolize.h: which function, file and line a pc lies in.
//
//   base::Symbolize(pc, [](const base::SourceFrame& frame, void*) {
//     printf("%s %s:%d\n", frame.function, frame.file, frame.line);
//   }, nullptr);
//
// One pc may stand for several frames: functions that were inlined into each
// other share it. Files and lines come from debug information (-g1 is enough);
// without it the function's name remains.
//
// Blocking: reads the program's files at the first call, and takes no lock of
//           malloc's; may be called in a signal handler. Any thread.

#ifndef PARKOUR_BASE_SYMBOLIZE_H_
#define PARKOUR_BASE_SYMBOLIZE_H_

#include <cstddef>
#include <cstdint>

namespace parkour::base {

struct SourceFrame {
  // Demangled, "?" if unknown. Valid during the callback only.
  const char* function;
  // "" if unknown. Valid as long as the process.
  const char* file;
  int line;  // 0 if unknown
  // pc minus the beginning of the function that has code of its own here.
  size_t offset;
  bool inlined;  // into the frame that is reported next
  // What the linker calls the function that has code of its own here; null if
  // unknown. Valid as long as the process.
  const char* symbol;
};

using OnSourceFrame = void (*)(const SourceFrame& frame, void* arg);

// Calls `fn` for each frame at `pc`, innermost first; at least once. For a
// return address pass the address minus one: the call itself.
void Symbolize(uintptr_t pc, OnSourceFrame fn, void* arg);

// The same, one caller after the other: the first reads all debug information,
// and two would do it twice. Takes a lock: not in a signal handler, nor in a
// report of a crash.
void SymbolizeInTurn(uintptr_t pc, OnSourceFrame fn, void* arg);

}  // namespace parkour::base

#endif  // PARKOUR_BASE_SYMBOLIZE_H_
