// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// The command; see kUsage.

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "parkour/tools/parktrace/chrome.h"
#include "parkour/tools/parktrace/html.h"
#include "parkour/tools/parktrace/order.h"
#include "parkour/tools/parktrace/perfetto.h"
#include "parkour/tools/parktrace/summary.h"
#include "parkour/tools/parktrace/timeline.h"
#include "parkour/tools/parktrace/trace_file.h"

namespace parkour {
namespace parktrace {
namespace {

constexpr char kUsage[] =
    R"(parktrace reads execution traces: the files that Parkour's trace::Start
and PARKOUR_TRACE write, and those of Go 1.22 to 1.24.

usage: parktrace COMMAND [FLAGS] FILE

  check FILE       replays the scheduler and says whether it could have
                   happened so; status 1 if not
    --go           by the rules of Go's own reader, which are less strict
  summary FILE     processors, goroutines, reasons of waiting, longest waits
                   for a processor and who ended them
    --json         the same for programs
    --rows=N       of each table; 10
  html FILE        one page to look around in, to the standard output:
                   parktrace html x.trace > x.html
  perfetto FILE    for ui.perfetto.dev, to the standard output
  chrome FILE      JSON for chrome://tracing and others, to the standard output

FILE may be - for the standard input. Of a file that breaks off, or is broken
from some generation on, the part before is used, with a warning.
Status 2: wrong usage, or a file that cannot be read.
)";

enum Exit { kOk = 0, kBad = 1, kUsageError = 2 };

struct Arguments {
  std::string command;
  std::string file;
  bool go = false;
  bool json = false;
  int rows = 10;
};

bool Parse(const std::vector<std::string>& args, Arguments* result) {
  for (const std::string& arg : args) {
    if (result->command.empty()) {
      result->command = arg;
    } else if (arg == "--go" && result->command == "check") {
      result->go = true;
    } else if (arg == "--json" && result->command == "summary") {
      result->json = true;
    } else if (arg.rfind("--rows=", 0) == 0 && result->command == "summary") {
      if (!absl::SimpleAtoi(arg.substr(7), &result->rows) || result->rows < 1) {
        return false;
      }
    } else if (result->file.empty() && (arg == "-" || arg[0] != '-')) {
      result->file = arg;
    } else {
      return false;
    }
  }
  return !result->file.empty();
}

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

Exit Complain(const std::string& name, const absl::Status& status) {
  std::cerr << "parktrace: " << name << ": " << std::string(status.message())
            << "\n";
  return kBad;
}

Exit Check(const Arguments& args, const TraceFile& file) {
  Ordered ordered = Order(file, {!args.go});
  if (!ordered.status.ok()) return Complain(args.file, ordered.status);
  std::cout << args.file << ": ok: " << ordered.events.size() << " events in "
            << ordered.num_generations
            << (ordered.num_generations == 1 ? " generation" : " generations")
            << "\n";
  return kOk;
}

absl::StatusOr<std::string> Convert(const Arguments& args,
                                    const Symbols& symbols,
                                    const Timeline& timeline) {
  if (args.command == "summary") {
    return args.json ? SummaryJson(symbols, timeline)
                     : Summary(symbols, timeline, {args.rows});
  }
  if (args.command == "html") {
    return Html(symbols, timeline, args.file.substr(args.file.rfind('/') + 1));
  }
  if (args.command == "chrome") return Chrome(symbols, timeline);
  return Perfetto(symbols, timeline);
}

Exit Run(const std::vector<std::string>& list) {
  if (!list.empty() && (list[0] == "help" || list[0] == "--help")) {
    std::cout << kUsage;
    return kOk;
  }
  Arguments args;
  bool is_ok = Parse(list, &args);
  bool is_known = false;
  for (const char* name : {"check", "summary", "html", "perfetto", "chrome"}) {
    is_known |= args.command == name;
  }
  if (!is_ok || !is_known) {
    std::cerr << kUsage;
    return kUsageError;
  }
  std::string bytes;
  if (!ReadFile(args.file, &bytes)) {
    std::cerr << "parktrace: cannot read " << args.file << "\n";
    return kUsageError;
  }
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  if (!file.ok()) return Complain(args.file, file.status());
  if (args.command == "check") return Check(args, *file);
  // To show what is there, Go's rules are enough.
  Ordered ordered = Order(*file, {false});
  if (!ordered.status.ok()) {
    Complain(args.file, ordered.status);
    if (ordered.events.empty()) return kBad;
    std::cerr << "parktrace: going on with what comes before\n";
  }
  Timeline timeline = MakeTimeline(file->symbols, ordered.events);
  absl::StatusOr<std::string> out = Convert(args, file->symbols, timeline);
  if (!out.ok()) return Complain(args.file, out.status());
  std::cout << *out << std::flush;
  return std::cout ? kOk : kBad;
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour

int main(int argc, char** argv) {
  return parkour::parktrace::Run({argv + 1, argv + argc});
}
