// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// test_util.h: chance for tests: a fixed sequence, so that a failure
// repeats.

#ifndef PARKOUR_NET_TEST_UTIL_H_
#define PARKOUR_NET_TEST_UTIL_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace parkour::net::testing {

class Sequence {
 public:
  uint32_t Below(uint32_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>((state_ >> 33) % n);
  }

  // Fewer than `n` characters of `alphabet`.
  std::string Text(std::string_view alphabet, uint32_t n) {
    std::string text;
    for (uint32_t i = Below(n); i > 0; --i) text += Of(alphabet);
    return text;
  }

  char Of(std::string_view alphabet) {
    return alphabet[Below(static_cast<uint32_t>(alphabet.size()))];
  }

 private:
  uint64_t state_ = 1;
};

}  // namespace parkour::net::testing

#endif  // PARKOUR_NET_TEST_UTIL_H_
