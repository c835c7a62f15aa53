// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The record of who took a lock is for dumps: models do without.

#ifndef PARKOUR_RUNTIME_LOCK_HOLDER_H_
#define PARKOUR_RUNTIME_LOCK_HOLDER_H_

namespace parkour::runtime {

class LockHolder {
 public:
  void Record() {}
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_LOCK_HOLDER_H_
