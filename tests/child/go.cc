// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/child/go.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace parkour::tests {
namespace {

std::vector<std::string> Candidates() {
  std::vector<std::string> all;
  if (const char* const named = std::getenv("GO")) all.push_back(named);
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string f; std::getline(folders, f, ':');) all.push_back(f + "/go");
  return all;
}

}  // namespace

std::string FindGo(int minor) {
  for (const std::string& go : Candidates()) {
    if (access(go.c_str(), X_OK) != 0) continue;
    int found = 0;
    if (std::sscanf(RunGo({go, "version"}).out.c_str(), "go version go1.%d",
                    &found) == 1 &&
        found >= minor) {
      return go;
    }
  }
  return "";
}

Outcome RunGo(const std::vector<std::string>& argv) {
  const std::string home = testing::TempDir();
  Child child(argv, {"HOME=" + home, "GOCACHE=" + home + "/go-cache",
                     "PPROF_TMPDIR=" + home, "GOTOOLCHAIN=local", "GOFLAGS="});
  return child.Finish(std::chrono::seconds(120));
}

}  // namespace parkour::tests
