// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// fragments.h: a text as it comes from a network: in pieces of any size.
//
// Blocking: nothing here blocks.

#ifndef PARKOUR_TESTS_FUZZ_FRAGMENTS_H_
#define PARKOUR_TESTS_FUZZ_FRAGMENTS_H_

#include "parkour/io/io.h"
// The macro EOF is gone from here on.

#include <algorithm>
#include <span>
#include <string_view>

#include "parkour/base/rand.h"

namespace parkour::tests {

class Fragments : public io::Reader {
 public:
  // `most`: of a piece.
  Fragments(std::string_view text, uint32_t seed, uint32_t most)
      : rest_(text), rand_(seed), most_(most) {}

  io::Result Read(std::span<char> p) override {
    if (p.empty()) return {};
    if (rest_.empty()) return {0, io::EOF()};
    // Now and then nothing: allowed, if not a hundred times in a row.
    if (++reads_ % 3 == 0 && rand_.Below(4) == 0) return {};
    const size_t n =
        std::min({p.size(), rest_.size(), size_t{1} + rand_.Below(most_)});
    rest_.copy(p.data(), n);
    rest_.remove_prefix(n);
    // The end may come with the last bytes.
    if (rest_.empty() && rand_.Below(2) == 0) return {n, io::EOF()};
    return {n, absl::OkStatus()};
  }

 private:
  std::string_view rest_;
  base::Rand rand_;
  const uint32_t most_;
  int reads_ = 0;
};

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_FUZZ_FRAGMENTS_H_
