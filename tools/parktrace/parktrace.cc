// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// The command; see kUsage.

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "parkour/tools/parktrace/order.h"
#include "parkour/tools/parktrace/trace_file.h"

namespace parkour {
namespace parktrace {
namespace {

constexpr char kUsage[] =
    R"(parktrace reads execution traces: files that Parkour's trace::Start and
PARKOUR_TRACE write, and those of Go 1.22 to 1.24's runtime/trace.

usage: parktrace COMMAND [FLAGS] FILE

  check FILE      replays the scheduler's events and says whether it could have
                  happened so; exit status 1 if not
    --go          by the rules of Go's own reader, which are less strict

FILE may be - for the standard input. Exit status 2: wrong usage, or a file that
cannot be read.
)";

enum Exit { kOk = 0, kBad = 1, kUsageError = 2 };

bool ReadFile(const std::string& name, std::string* bytes) {
  if (name == "-") {
    bytes->assign(std::istreambuf_iterator<char>(std::cin), {});
    return true;
  }
  std::ifstream in(name, std::ios::binary);
  if (!in) return false;
  bytes->assign(std::istreambuf_iterator<char>(in), {});
  return !in.bad();
}

int Check(const std::string& name, const std::string& bytes, bool strict) {
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  if (!file.ok()) {
    std::cerr << "parktrace: " << name << ": "
              << std::string(file.status().message()) << "\n";
    return kBad;
  }
  Ordered ordered = Order(*file, {strict});
  if (!ordered.status.ok()) {
    std::cerr << "parktrace: " << name << ": "
              << std::string(ordered.status.message()) << "\n";
    return kBad;
  }
  std::cout << name << ": ok: " << ordered.events.size() << " events in "
            << ordered.num_generations
            << (ordered.num_generations == 1 ? " generation" : " generations")
            << "\n";
  return kOk;
}

int Run(const std::vector<std::string>& args) {
  if (args.empty()) {
    std::cerr << kUsage;
    return kUsageError;
  }
  if (args[0] == "help" || args[0] == "--help" || args[0] == "-h") {
    std::cout << kUsage;
    return kOk;
  }
  bool strict = true;
  std::vector<std::string> names;
  for (size_t i = 1; i < args.size(); ++i) {
    if (args[i] == "--go") {
      strict = false;
    } else {
      names.push_back(args[i]);
    }
  }
  if (args[0] != "check" || names.size() != 1) {
    std::cerr << kUsage;
    return kUsageError;
  }
  std::string bytes;
  if (!ReadFile(names[0], &bytes)) {
    std::cerr << "parktrace: cannot read " << names[0] << "\n";
    return kUsageError;
  }
  return Check(names[0], bytes, strict);
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour

int main(int argc, char** argv) {
  return parkour::parktrace::Run({argv + 1, argv + argc});
}
