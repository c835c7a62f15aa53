// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/chan/select.h"

#include "parkour/base/check.h"

namespace parkour {

int SelectCases(std::span<SelectCase> cases) {
  const auto n = static_cast<int>(cases.size());
  if (cases.size() > internal::kMaxSelectCases) {
    base::Panic("select: too many cases (max 65536)");
  }
  std::vector<internal::Scase> untyped(cases.size());
  std::vector<uint16_t> order(2 * cases.size() + 1);
  int default_index = -1;
  for (int i = 0; i < n; ++i) {
    untyped[i] = cases[i].impl_->Untyped();
    if (!cases[i].impl_->IsDefault()) continue;
    if (default_index >= 0) base::Panic("select: multiple default cases");
    default_index = i;
  }
  internal::Selected s =
      internal::selectgo(untyped.data(), order.data(), n, default_index < 0);
  if (s.index < 0) s.index = default_index;
  cases[s.index].impl_->Run(s.received);
  return s.index;
}

}  // namespace parkour
