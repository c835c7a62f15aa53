// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// campaign.h: tests that draw programs at random: how many, and from which
// seed on.
//
//   Campaign campaign(2000);                  // as many in the ordinary suite
//   while (campaign.Next()) {
//     RunProgram(campaign.seed());
//     if (HasFailure()) { ...; break; }       // and print campaign.Again()
//   }
//
// The flags of a test with this library's main, after those of GoogleTest:
//
//   --runs=N      N runs instead
//   --minutes=M   as many runs as fit into M minutes instead
//   --seed=S      the first run's seed; the i-th has S + i. Without it every
//                 test begins with 1, so that a suite is the same each time
//   --same        every run has the same seed: for what depends on the real
//                 scheduler, too
//
// Blocking: nothing here blocks. One thread.

#ifndef PARKOUR_TESTS_CAMPAIGN_CAMPAIGN_H_
#define PARKOUR_TESTS_CAMPAIGN_CAMPAIGN_H_

#include <cstdint>
#include <string>

namespace parkour::tests {

class Campaign {
 public:
  // `runs`: in the ordinary suite.
  explicit Campaign(int64_t runs);

  // Begins the next run; false when all are done.
  bool Next();

  // The run's seed, and which it is, from 0 on.
  uint64_t seed() const { return seed_; }
  int64_t run() const { return run_; }

  // Runs that were begun.
  int64_t runs() const { return run_ + 1; }

  // The flags that repeat the run.
  std::string Again() const;

 private:
  int64_t last_;
  int64_t run_ = -1;
  uint64_t seed_ = 0;
  int64_t end_ns_ = 0;  // 0: none
};

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CAMPAIGN_CAMPAIGN_H_
