// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/testing/leak_check.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "parkour/base/clock.h"
#include "parkour/poll/splice_pipe.h"
#include "parkour/runtime/debug.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/stack.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/sleep.h"

namespace parkour::test {
namespace {

// What `now` has and `before` has not. A number that was closed and stands for
// something else now is new.
template <typename Container>
Container Added(const Container& now, const Container& before) {
  Container result;
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                      std::inserter(result, result.end()));
  return result;
}

// The stacks of these goroutines, of the text of all.
std::string StacksOf(const std::set<uint64_t>& goroutines) {
  const std::string all = runtime::Stack(/*all=*/true);
  std::string text;
  for (size_t at = 0; at < all.size();) {
    size_t end = all.find("\n\n", at);
    end = end == all.npos ? all.size() : end + 2;
    const std::string one = all.substr(at, end - at);
    unsigned long goid = 0;
    if (std::sscanf(one.c_str(), "goroutine %lu ", &goid) == 1 &&
        goroutines.count(goid) > 0) {
      text += one;
    }
    at = end;
  }
  return text;
}

}  // namespace

LeakCheck::LeakCheck(absl::Duration patience) : patience_(patience) {
  // What the runtime opens for itself is there from its first goroutine on.
  sync::WaitGroup started;
  started.Go([] {});
  started.Wait();
  goroutines_ = GoroutinesNow();
  descriptors_ = DescriptorsNow();
}

LeakCheck::~LeakCheck() {
  const std::string found = Find();
  if (!found.empty()) ADD_FAILURE() << found;
}

LeakCheck::Goroutines LeakCheck::GoroutinesNow() {
  Goroutines result;
  runtime::ForEachG(
      [](runtime::G* gp, void* arg) {
        const runtime::GStatus status = runtime::readgstatus(gp);
        if (status == runtime::kGidle || status == runtime::kGdead) return;
        static_cast<Goroutines*>(arg)->insert(gp->goid.load(base::kRelaxed));
      },
      &result);
  return result;
}

LeakCheck::Descriptors LeakCheck::DescriptorsNow() {
  Descriptors result;
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return result;
  while (const dirent* entry = readdir(folder)) {
    const int fd = std::atoi(entry->d_name);
    char target[256];
    const std::string link = absl::StrCat("/proc/self/fd/", entry->d_name);
    const ssize_t n = readlink(link.c_str(), target, sizeof(target));
    if (n < 0 || fd == dirfd(folder)) continue;
    result[fd] = std::string(target, static_cast<size_t>(n));
  }
  closedir(folder);
  return result;
}

std::string LeakCheck::Find() const {
  const int64_t end = base::DeadlineAfter(base::nanotime(),
                                          absl::ToInt64Nanoseconds(patience_));
  poll::CloseIdleSplicePipes();
  for (;;) {
    const Goroutines goroutines = Added(GoroutinesNow(), goroutines_);
    const Descriptors descriptors = Added(DescriptorsNow(), descriptors_);
    if (goroutines.empty() && descriptors.empty()) return "";
    if (base::nanotime() >= end) return Report(goroutines, descriptors);
    time::Sleep(absl::Milliseconds(1));
  }
}

std::string LeakCheck::Report(const Goroutines& goroutines,
                              const Descriptors& descriptors) const {
  std::string text;
  if (!goroutines.empty()) {
    absl::StrAppend(&text, goroutines.size(),
                    " goroutines are left (leaked?):\n\n",
                    StacksOf(goroutines));
  }
  if (!descriptors.empty()) {
    absl::StrAppend(&text, descriptors.size(),
                    " descriptors are left (not closed?):\n");
    for (const auto& [fd, what] : descriptors) {
      absl::StrAppend(&text, "  ", fd, " ", what, "\n");
    }
  }
  return text;
}

}  // namespace parkour::test
