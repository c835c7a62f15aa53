// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Counts lines and bytes of files, in three stages that run side by side: names
// go in, some goroutines read and count, one adds up. The first error stops
// all. Try it: pipeline *.cc
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "parkour/parkour.h"

using namespace parkour;

struct Count {
  std::string name;
  int64_t lines = 0, bytes = 0;
};

// Reading a file blocks the thread: others may have its processor meanwhile.
absl::StatusOr<Count> CountFile(const std::string& name) {
  return runtime::Blocking([&]() -> absl::StatusOr<Count> {
    std::ifstream file(name);
    if (!file) return absl::NotFoundError("cannot open " + name);
    Count count{name};
    for (std::string line; std::getline(file, line); ++count.lines) {
      count.bytes += line.size() + 1;
    }
    return count;
  });
}

// Second stage.
absl::Status Counts(context::Context ctx, RecvChan<std::string> in,
                    SendChan<Count> out) {
  for (const std::string& name : in) {
    absl::StatusOr<Count> count = CountFile(name);
    if (!count.ok()) return count.status();
    Select(out.OnSend(*count), ctx.Done().OnRecv([] {}));
  }
  return absl::OkStatus();
}

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    Chan<std::string> names = MakeChan<std::string>();
    Chan<Count> counts = MakeChan<Count>();
    auto [group, ctx] = errgroup::WithContext(context::Background());
    // First stage. Ends early when nobody wants names any more.
    group.Go([&, ctx = ctx] {
      for (int i = 1; i < argc && ctx.Err().ok(); ++i) {
        Select(names.OnSend(argv[i]), ctx.Done().OnRecv([] {}));
      }
      names.Close();
      return absl::OkStatus();
    });
    for (int reader = 0; reader < 4; ++reader) {
      group.Go([&, ctx = ctx] { return Counts(ctx, names, counts); });
    }
    Chan<absl::Status> end = MakeChan<absl::Status>(1);
    go([counts, end, group = group] {
      end.Send(group.Wait());
      counts.Close();
    });
    // Third stage.
    Count total{"total"};
    for (const Count& count : counts) {
      std::printf("%ld %ld %s\n", count.lines, count.bytes, count.name.c_str());
      total.lines += count.lines;
      total.bytes += count.bytes;
    }
    if (absl::Status err = *end.Recv(); !err.ok()) return err;
    std::printf("%ld %ld total\n", total.lines, total.bytes);
    return absl::OkStatus();
  });
}
