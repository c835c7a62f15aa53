// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// frames.h: names for the addresses of stacks, each looked up once.
//
// Thread-safety: one user at a time.

#ifndef PARKOUR_PPROF_FRAMES_H_
#define PARKOUR_PPROF_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace parkour::runtime::pprof {

struct Frame {
  std::string function;
  std::string file;
  int line;
  bool inlined;   // into the next
  size_t offset;  // of the return address, from the function's beginning
};

class Symbols {
 public:
  // The frames at the call that returns to pc, innermost first; never empty.
  const std::vector<Frame>& At(uintptr_t pc);

  // Drops what belongs to no goroutine but to the machinery around it: how a
  // parked one left its stack, and how every one began.
  void Trim(std::vector<uintptr_t>* pcs);

 private:
  std::unordered_map<uintptr_t, std::vector<Frame>> known_;
};

}  // namespace parkour::runtime::pprof

#endif  // PARKOUR_PPROF_FRAMES_H_
