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

// What follows "name:" and white space; empty if there is no such line.
std::string Line(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.compare(0, name.size() + 1, name + ":") != 0) continue;
    const size_t value = line.find_first_not_of(" \t", name.size() + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

int64_t Field(const std::string& path, const std::string& name) {
  const std::string value = Line(path, name);
  return value.empty() ? -1 : std::stoll(value);
}

// Calls fn with the path of each thread's status.
template <typename Fn>
void ForEachThread(pid_t pid, Fn fn) {
  std::error_code error;
  fs::directory_iterator it(ProcDir(pid) + "/task", error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    fn(it->path().string() + "/status");
  }
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

int64_t VoluntarySwitches(pid_t pid, const std::string& thread_name) {
  int64_t total = 0;
  ForEachThread(pid, [&](const std::string& status) {
    if (Line(status, "Name").compare(0, thread_name.size(), thread_name) != 0) {
      return;
    }
    // A thread may have ended since it was listed.
    const int64_t n = Field(status, "voluntary_ctxt_switches");
    if (n > 0) total += n;
  });
  return total;
}

bool TracedBy(pid_t pid, pid_t tracer) {
  int64_t threads = 0, traced = 0;
  ForEachThread(pid, [&](const std::string& status) {
    ++threads;
    if (Field(status, "TracerPid") == tracer) ++traced;
  });
  return threads > 0 && traced == threads;
}

int64_t MemInfo(const std::string& name) {
  return Field("/proc/meminfo", name);
}

}  // namespace parkour::tests
