// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// programs.h: what runs in the simulated world. Each draws its own shape from
// the seed, checks what it can, and leaves nothing behind.
//
// Blocking: a program runs as the main goroutine, and parks.

#ifndef PARKOUR_TESTS_SIM_PROGRAMS_H_
#define PARKOUR_TESTS_SIM_PROGRAMS_H_

#include <string_view>

namespace parkour::sim {

struct Program {
  std::string_view name;
  void (*run)();
};

// channels.cc: goroutines only.
void Channels();
void Selects();
void Locks();
void Timers();
void Blockers();
void Spawns();

// threads.cc: plain threads, too; and contexts.
void Threads();
void Contexts();

// servers.cc: descriptors, too.
void Echo();
void Deadlines();
void Churn();

inline constexpr Program kPrograms[] = {
    {"channels", Channels}, {"selects", Selects},     {"locks", Locks},
    {"timers", Timers},     {"blockers", Blockers},   {"spawns", Spawns},
    {"echo", Echo},         {"deadlines", Deadlines}, {"churn", Churn},
    {"threads", Threads},   {"contexts", Contexts},
};

}  // namespace parkour::sim

#endif  // PARKOUR_TESTS_SIM_PROGRAMS_H_
