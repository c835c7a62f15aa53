// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// The environment: GODEBUG, GOMAXPROCS, PARKOUR_FLIGHT; and the files that say
// how much of the machine is ours.

#include "parkour/tracing/environment.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "parkour/runtime/cpus.h"
#include "parkour/runtime/godebug.h"
#include "parkour/tests/fuzz/target.h"

namespace parkour::tests {

const char kFuzzCorpus[] = "environment";
const char kFuzzTokens[] =
    "schedtrace=1000 , = scheddetail=1 off 8M 64K stall=10ms stall=-1s "
    "dir=/tmp "
    "max 100000 0::/ 2147483648 9223372036854775807 4:cpu,cpuacct:/a/b -1";

namespace {

void Godebug(const std::string& text) {
  const int32_t n = runtime::godebugIn(text, "schedtrace");
  Require(runtime::godebugIn(text + ",other=1", "schedtrace") == n,
          "other keys do not matter");
  Require(runtime::godebugIn(text + ",schedtrace=7", "schedtrace") == 7,
          "the last one holds");
}

void Flight(const std::string& text) {
  const absl::StatusOr<trace::FlightOptions> options = trace::ParseFlight(text);
  if (!options.ok()) {
    return Require(!options.status().message().empty(), "an error has words");
  }
  Require(options->bytes == 0 || options->bytes >= size_t{64} << 10,
          "a flight recorder has room");
  Require(options->bytes <= size_t{1} << 30, "and not too much");
  Require(options->stall >= absl::ZeroDuration(), "time does not go back");
}

void Cgroups(const std::string& text) {
  namespace fs = std::filesystem;
  const char* dir = getenv("TEST_TMPDIR");
  static const fs::path root = fs::path(dir != nullptr ? dir : "/tmp") /
                               ("parkour_fuzz_" + std::to_string(::getpid()));
  const fs::path proc = root / "proc/self";
  const fs::path group = root / "sys/fs/cgroup/a";
  static const bool made =
      fs::create_directories(proc) && fs::create_directories(group);
  Require(made, "folders can be made");
  const size_t half = text.size() / 2;
  std::ofstream(proc / "cgroup", std::ios::binary) << text.substr(0, half);
  std::ofstream(group / "cpu.max", std::ios::binary) << text.substr(half);
  const int cpus = runtime::CgroupCpus(root.string());
  Require(cpus >= 0 && cpus <= 1 << 20, "a number of CPUs");
}

}  // namespace

void FuzzOne(std::string_view input) {
  const std::string text(input);
  // Files are slow: one in four of those that ask for them.
  if (text.starts_with('C') && text.size() % 4 == 0)
    return Cgroups(text.substr(1));
  Godebug(text);
  Flight(text);
  const int procs = runtime::DefaultProcs(text.c_str(), 4, 2);
  Require(procs >= 1, "there is a P");
}

}  // namespace parkour::tests
