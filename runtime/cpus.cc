// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/cpus.h"

#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "parkour/base/sys.h"
#include "parkour/runtime/go.h"

namespace parkour::runtime {
namespace {

std::string ReadSmallFile(const std::string& path) {
  char text[4096];
  const ssize_t n = base::sys::ReadFile(path.c_str(), text, sizeof(text));
  return n <= 0 ? std::string() : std::string(text, static_cast<size_t>(n));
}

// The path of the line of /proc/self/cgroup whose controllers include
// `controller`, given between commas (",," for version 2, which has none).
std::string CgroupPath(std::string_view file, std::string_view controller) {
  while (!file.empty()) {
    const size_t end = std::min(file.find('\n'), file.size());
    const std::string_view line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    const size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const size_t path = line.find('/', colon);
    if (path == line.npos) continue;
    // ":cpuacct,cpu:" as ",cpuacct,cpu,": every name stands between commas.
    std::string names(line.substr(colon, path - colon));
    std::replace(names.begin(), names.end(), ':', ',');
    if (names.find(controller) != names.npos) {
      return std::string(line.substr(path));
    }
  }
  return std::string();
}

int RoundUp(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return 0;
  // Not (quota + period - 1): that may be more than there are numbers.
  const long long cpus = quota / period + (quota % period != 0);
  return static_cast<int>(std::min(cpus, 1LL << 20));
}

// "max 100000" or "150000 100000".
int QuotaV2(const std::string& text) {
  char* end;
  const long long quota = std::strtoll(text.c_str(), &end, 10);
  return end == text.c_str() ? 0
                             : RoundUp(quota, std::strtoll(end, nullptr, 10));
}

template <typename ReadQuota>
int Smallest(std::string path, ReadQuota read_quota) {
  int least = 0;
  for (;;) {
    const int n = read_quota(path == "/" ? std::string() : path);
    if (n > 0 && (least == 0 || n < least)) least = n;
    const size_t slash = path.rfind('/');
    if (path.size() <= 1 || slash == path.npos) return least;
    path = slash == 0 ? "/" : path.substr(0, slash);
  }
}

}  // namespace

int AffinityCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(CPU_COUNT(&set), 1);
}

int CgroupCpus(const std::string& root) {
  const std::string file = ReadSmallFile(root + "/proc/self/cgroup");
  if (const std::string v1 = CgroupPath(file, ",cpu,"); !v1.empty()) {
    const std::string mount = root + "/sys/fs/cgroup/cpu";
    return Smallest(v1, [&](const std::string& path) {
      return RoundUp(
          std::atoll(ReadSmallFile(mount + path + "/cpu.cfs_quota_us").c_str()),
          std::atoll(
              ReadSmallFile(mount + path + "/cpu.cfs_period_us").c_str()));
    });
  }
  const std::string v2 = CgroupPath(file, ",,");
  if (v2.empty()) return 0;
  const std::string mount = root + "/sys/fs/cgroup";
  return Smallest(v2, [&](const std::string& path) {
    return QuotaV2(ReadSmallFile(mount + path + "/cpu.max"));
  });
}

int DefaultProcs(const char* env, int affinity, int quota) {
  if (env != nullptr) {
    char* end;
    const long n = std::strtol(env, &end, 10);
    if (n > 0 && *end == '\0') return static_cast<int>(std::min(n, 1L << 20));
  }
  return quota > 0 ? std::min(affinity, quota) : affinity;
}

int NumCPU() {
  static const int n = AffinityCpus();
  return n;
}

}  // namespace parkour::runtime
