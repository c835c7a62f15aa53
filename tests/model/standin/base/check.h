// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for base/check.h: what would end the process fails the execution.

#ifndef PARKOUR_BASE_CHECK_H_
#define PARKOUR_BASE_CHECK_H_

#include <string>
#include <string_view>

#include "parkour/tests/model/explorer.h"

namespace parkour::base {

[[noreturn]] inline void Fatal(std::string_view message) {
  model::Fail(std::string(message));
}
[[noreturn]] inline void Throw(std::string_view message) {
  model::Fail(std::string(message));
}
[[noreturn]] inline void Panic(std::string_view message) {
  model::Fail(std::string(message));
}

}  // namespace parkour::base

#define PARKOUR_CHECK(cond) \
  ::parkour::model::Require(!!(cond), "check failed: " #cond)
#define PARKOUR_DCHECK(cond) PARKOUR_CHECK(cond)

#endif  // PARKOUR_BASE_CHECK_H_
