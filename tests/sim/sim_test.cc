// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Simulated programs over many seeds; and whether the simulator is worth its
// name: a seed is one run, and planted bugs are found.

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/tests/campaign/campaign.h"
#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

using std::chrono::seconds;

constexpr seconds kPatience(200);
constexpr const char* kPrograms[] = {
    "channels", "selects",   "locks", "timers",  "blockers", "spawns",
    "echo",     "deadlines", "churn", "threads", "contexts"};
constexpr const char* kFaults[] = {
    "EINTR",        "EAGAIN",      "short",       "ECONNRESET",
    "ECONNABORTED", "EMFILE",      "ENOMEM",      "no thread",
    "late event",   "event twice", "stale event", "spurious wake-up",
    "no membarrier"};

enum Mutant { kNone, kLostWake, kLostReady, kLostBreak };

// What the simulator answers.
struct Answer {
  bool ok = false;
  std::string line;
  std::string hash;
  std::vector<int64_t>
      numbers;  // points, switches, jumps, now, threads, faults
};

// A process that runs one program after the other.
class Simulator {
 public:
  Simulator() : child_({Runfile("tests/sim/sim")}) {}

  Answer Run(const std::string& program, uint64_t seed, bool faults,
             Mutant mutant = kNone) {
    child_.WriteLine(program + " " + std::to_string(seed) + " " +
                     std::to_string(faults) + " " + std::to_string(mutant) +
                     " 0");
    Answer answer;
    answer.line = child_.ReadLine(kPatience).value_or("no answer");
    std::istringstream in(answer.line);
    std::string word;
    in >> word;
    answer.ok = word == "ok";
    in >> answer.hash;
    for (int64_t n; in >> n;) answer.numbers.push_back(n);
    return answer;
  }

  // What the failed runs wrote.
  std::string Errors() { return child_.Finish(seconds(10)).err; }

 private:
  Child child_;
};

std::string Again(const std::string& program, uint64_t seed, bool faults) {
  return "again: echo " + program + " " + std::to_string(seed) + " " +
         std::to_string(faults) + " 0 1 | bazel-bin/tests/sim/sim\n";
}

// Numbers of all runs of a test.
struct Sum {
  int64_t runs = 0;
  std::vector<int64_t> numbers = std::vector<int64_t>(18);

  void Add(const Answer& answer) {
    ++runs;
    for (size_t i = 0; i < answer.numbers.size() && i < numbers.size(); ++i) {
      numbers[i] += answer.numbers[i];
    }
  }
  void Print() const {
    std::printf(
        "%ld runs: %ld doors, %ld switches, %ld jumps, %.1f s of "
        "simulated time, %ld threads",
        static_cast<long>(runs), static_cast<long>(numbers[0]),
        static_cast<long>(numbers[1]), static_cast<long>(numbers[2]),
        static_cast<double>(numbers[3]) / 1e9, static_cast<long>(numbers[4]));
    for (size_t i = 0; i < std::size(kFaults); ++i) {
      std::printf(", %ld x %s", static_cast<long>(numbers[5 + i]), kFaults[i]);
    }
    std::printf("\n");
  }
};

void RunAll(bool faults, int64_t runs) {
  Simulator simulator;
  Campaign campaign(runs);
  Sum sum;
  while (campaign.Next()) {
    for (const char* program : kPrograms) {
      const Answer answer = simulator.Run(program, campaign.seed(), faults);
      ASSERT_TRUE(answer.ok)
          << answer.line << "\n"
          << Again(program, campaign.seed(), faults) << simulator.Errors();
      sum.Add(answer);
    }
  }
  sum.Print();
}

TEST(Sim, Programs) { RunAll(/*faults=*/false, 40); }

TEST(Sim, ProgramsUnderFaults) { RunAll(/*faults=*/true, 60); }

// In another process, too.
TEST(Sim, ASeedIsOneRun) {
  Simulator one, two;
  int different = 0;
  std::string last;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    for (const char* program : kPrograms) {
      const Answer a = one.Run(program, seed, true);
      const Answer b = two.Run(program, seed, true);
      ASSERT_TRUE(a.ok) << a.line << "\n" << Again(program, seed, true);
      EXPECT_EQ(a.line, b.line) << program << " " << seed;
      different += a.hash != last;
      last = a.hash;
    }
    one.Run("channels", 1000 + seed, false);  // what ran before does not matter
  }
  EXPECT_GT(different, 40);
}

struct Planted {
  Mutant mutant;
  const char* program;
};

class PlantedBug : public testing::TestWithParam<Planted> {};

// The first seed that finds it finds it again.
TEST_P(PlantedBug, IsFoundAndReplayed) {
  constexpr uint64_t kSeeds = 200;
  Simulator simulator;
  uint64_t seed = 1;
  Answer answer;
  do {
    answer = simulator.Run(GetParam().program, seed, false, GetParam().mutant);
  } while (answer.ok && ++seed <= kSeeds);
  ASSERT_FALSE(answer.ok) << "not found with " << kSeeds << " seeds";
  const Answer again =
      simulator.Run(GetParam().program, seed, false, GetParam().mutant);
  EXPECT_EQ(again.line, answer.line);
  const std::string errors = simulator.Errors();
  std::printf("found with seed %lu:\n%s\n", static_cast<unsigned long>(seed),
              errors.substr(0, errors.size() / 2).c_str());
  // The same words, at the same moment.
  EXPECT_EQ(errors.substr(0, errors.size() / 2),
            errors.substr(errors.size() / 2));
}

INSTANTIATE_TEST_SUITE_P(Sim, PlantedBug,
                         testing::Values(Planted{kLostWake, "channels"},
                                         Planted{kLostReady, "locks"},
                                         Planted{kLostBreak, "timers"}));

}  // namespace
}  // namespace parkour::tests
