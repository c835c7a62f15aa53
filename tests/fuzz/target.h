// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// target.h: what a fuzz target defines, and what it finds here.
//
// The same target is two programs: one for libFuzzer, which searches, and an
// ordinary test, which tries the corpus and a number of random changes to it.
//
// Blocking: nothing here blocks.

#ifndef PARKOUR_TESTS_FUZZ_TARGET_H_
#define PARKOUR_TESTS_FUZZ_TARGET_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace parkour::tests {

// The folder of corpus/ that belongs to the target.
extern const char kFuzzCorpus[];

// What is worth putting into an input, one after the other, each followed by a
// space.
extern const char kFuzzTokens[];

// Ends the process if something is wrong.
void FuzzOne(std::string_view input);

// A property of the target.
inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

// Takes numbers off the front of an input: what else is to be chosen.
class Choices {
 public:
  explicit Choices(std::string_view input) : rest_(input) {}

  // In [0, n); 0 when the input is used up. n <= 65536.
  uint32_t Below(uint32_t n) { return (Byte() | Byte() << 8) % n; }

  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  uint32_t Byte() {
    if (rest_.empty()) return 0;
    const auto b = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return b;
  }

  std::string_view rest_;
};

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_FUZZ_TARGET_H_
