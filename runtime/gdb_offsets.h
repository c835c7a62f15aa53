// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// gdb_offsets.h: what tools/gdb/parkour.py has to know of this library to find
// goroutines in a process or a core: where things lie, as data in the program
// itself, so that it needs neither our debugging information nor a version of
// its own for each of ours.
//
//   parkour_gdb_offsets
//     magic[16]  "parkour-gdb"
//     version    changes when an entry's meaning does; new entries come freely
//     count      entries that follow:
//     name[24], value    an offset in bytes, a number, or an address
//
// "saved.*" is where Boost.Context's jump leaves the callee-saved registers,
// relative to the saved stack pointer; tests/gdb reads it off the machine code.
//
// Blocking: no.
// See:      docs/DEBUGGING.md

#ifndef PARKOUR_RUNTIME_GDB_OFFSETS_H_
#define PARKOUR_RUNTIME_GDB_OFFSETS_H_

#include <cstddef>
#include <cstdint>

namespace parkour::runtime {

struct GdbEntry {
  constexpr GdbEntry(const char* text, uint64_t n) : number(n) { Name(text); }
  constexpr GdbEntry(const char* text, const void* at) : address(at) {
    Name(text);
  }
  // A name that is too long does not compile.
  constexpr void Name(const char* text) {
    for (size_t i = 0; text[i] != '\0'; ++i) name[i] = text[i];
  }

  char name[24] = {};
  union {
    uint64_t number;
    const void* address;
  };
};

inline constexpr size_t kGdbEntries = 50;

struct GdbOffsets {
  char magic[16];
  uint64_t version;
  uint64_t count;
  GdbEntry entries[kGdbEntries];
};

// Once, at start: fills in what is not constant, and keeps the linker from
// leaving the table out.
void InitGdbOffsets();

}  // namespace parkour::runtime

extern "C" const parkour::runtime::GdbOffsets parkour_gdb_offsets;

#endif  // PARKOUR_RUNTIME_GDB_OFFSETS_H_
