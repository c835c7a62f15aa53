// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// godebug.h: the environment variable GODEBUG: "schedtrace=1000,scheddetail=1".
//
// Keys that nobody knows are nobody's business, as in Go: one value serves
// programs of different age.
//
// Blocking: no. Thread-safety: as getenv's: at the start, before the program
//           has threads that change the environment.
// See:      Go: src/runtime/runtime1.go (parsegodebug)

#ifndef PARKOUR_RUNTIME_GODEBUG_H_
#define PARKOUR_RUNTIME_GODEBUG_H_

#include <cstdint>
#include <string_view>

namespace parkour::runtime {

// The number that `key` has in a list of key=value. The last one that is a
// number of 32 bits counts; 0 if there is none.
int32_t godebugIn(std::string_view list, std::string_view key);

// The same, of the environment's list.
int32_t godebug(std::string_view key);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_GODEBUG_H_
