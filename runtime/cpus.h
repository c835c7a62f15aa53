// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// cpus.h: how many Ps to start with: GOMAXPROCS from the environment, else the
// CPUs of the affinity mask, cut by the cgroup's CPU quota.
//
// Departs from Go 1.24, which does not look at cgroups: a container with a
// quota of two CPUs on a 64-core machine would run 64 Ps and be throttled.

#ifndef PARKOUR_RUNTIME_CPUS_H_
#define PARKOUR_RUNTIME_CPUS_H_

#include <string>

namespace parkour::runtime {

// The CPUs of the affinity mask, >= 1.
int AffinityCpus();

// The smallest quota of the process's cgroup and its parents, rounded up to
// whole CPUs; 0: no quota. `root` is where the file systems proc and cgroup are
// looked for ("" is the real one); tests make their own.
int CgroupCpus(const std::string& root = "");

// What to start with. `env` is GOMAXPROCS's value, or null.
int DefaultProcs(const char* env, int affinity, int quota);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_CPUS_H_
