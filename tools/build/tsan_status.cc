// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Part of every program under --config=tsan: what ThreadSanitizer cannot see of
// absl::Status. Debian's Abseil comes without its instrumentation: it sees
// neither how a Status counts its references nor, therefore, that the last one
// destroys what the others have finished reading. Here that function is once
// more, instrumented; the linker takes it instead.

#include "parkour/base/sanitizer.h"

#if PARKOUR_TSAN

#include <cstdint>

#include "absl/status/status.h"

// It is private. Whatever another Abseil calls its own, this is unused there.
extern "C" void UnrefStatus(uintptr_t rep) asm(
    "_ZN4absl7debian36Status15UnrefNonInlinedEm");

extern "C" void UnrefStatus(uintptr_t rep) {
  // The lowest bit says that it is a pointer.
  auto* const r = reinterpret_cast<absl::status_internal::StatusRep*>(rep - 1);
  if (r->ref.fetch_sub(1, std::memory_order_acq_rel) == 1) delete r;
}

#endif  // PARKOUR_TSAN
