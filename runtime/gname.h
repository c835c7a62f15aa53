// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// gname.h: a goroutine's name, which a dump may read while it changes.
//
// Copied, cut to kMax bytes; no allocation, no lock. A reader that comes
// during a change gets a mixture of both names, and never more than kMax bytes.
//
// Thread-safety: one writer, any readers.

#ifndef PARKOUR_RUNTIME_GNAME_H_
#define PARKOUR_RUNTIME_GNAME_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parkour/base/atomic.h"

namespace parkour::runtime {

class GName {
 public:
  static constexpr size_t kMax = 31;

  bool empty() const { return words_[0].load(base::kRelaxed) == 0; }

  void Set(std::string_view name) {
    uint64_t words[kWords] = {};
    std::memcpy(words, name.data(), name.size() < kMax ? name.size() : kMax);
    for (size_t i = 0; i < kWords; ++i)
      words_[i].store(words[i], base::kRelaxed);
  }

  // Ends with a zero; "" if there is none.
  void Read(char (&name)[kMax + 1]) const {
    uint64_t words[kWords];
    for (size_t i = 0; i < kWords; ++i)
      words[i] = words_[i].load(base::kRelaxed);
    std::memcpy(name, words, sizeof(words));
    name[kMax] = '\0';
  }

 private:
  static constexpr size_t kWords = 4;
  base::Atomic<uint64_t> words_[kWords] = {};
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_GNAME_H_
