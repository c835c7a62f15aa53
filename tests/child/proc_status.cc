// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/child/proc_status.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace parkour::tests {
namespace {

namespace fs = std::filesystem;

std::string ProcDir(pid_t pid) {
  return pid == 0 ? "/proc/self" : "/proc/" + std::to_string(pid);
}

// The number after "name:".
int64_t Field(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.compare(0, name.size() + 1, name + ":") == 0) {
      return std::stoll(line.substr(name.size() + 1));
    }
  }
  return -1;
}

}  // namespace

int64_t ProcStatus(pid_t pid, const std::string& name) {
  return Field(ProcDir(pid) + "/status", name);
}

int64_t OpenFiles(pid_t pid) {
  std::error_code error;
  int64_t n = 0;
  fs::directory_iterator it(ProcDir(pid) + "/fd", error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) ++n;
  return error ? -1 : n;
}

int64_t VoluntarySwitches(pid_t pid) {
  std::error_code error;
  int64_t total = 0;
  fs::directory_iterator it(ProcDir(pid) + "/task", error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    // A thread may have ended since it was listed.
    const int64_t n =
        Field(it->path().string() + "/status", "voluntary_ctxt_switches");
    if (n > 0) total += n;
  }
  return error ? -1 : total;
}

int64_t MemInfo(const std::string& name) {
  return Field("/proc/meminfo", name);
}

}  // namespace parkour::tests
