// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for runtime/go.h: models start their own threads.

#ifndef PARKOUR_RUNTIME_GO_H_
#define PARKOUR_RUNTIME_GO_H_

namespace parkour {

template <typename F, typename... Args>
void go(F&&, Args&&...);

}  // namespace parkour

#endif  // PARKOUR_RUNTIME_GO_H_
