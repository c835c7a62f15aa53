// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/errgroup/errgroup.h"

#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"

namespace parkour::errgroup {

void Group::State::Fail(absl::Status error) {
  if (failed.exchange(true, base::kAcqRel)) return;
  err = std::move(error);
  if (has_context) cancel(err);
}

void Group::SetLimit(int n) const {
  Chan<Unit>& slots = state_->slots;
  if (n < 0) {
    slots = Chan<Unit>();
    return;
  }
  if (const size_t active = slots.Len(); active != 0) {
    base::Panic(absl::StrCat("errgroup: modify limit while ", active,
                             " goroutines in the group are still active"));
  }
  slots = MakeChan<Unit>(n);
}

absl::Status Group::Wait() const {
  state_->wg.Wait();
  if (state_->has_context) state_->cancel(state_->err);
  return state_->err;
}

WithContextResult WithContext(const context::Context& parent) {
  auto [ctx, cancel] = context::WithCancelCause(parent);
  Group group;
  group.state_->cancel = cancel;
  group.state_->has_context = true;
  return {group, ctx};
}

}  // namespace parkour::errgroup
