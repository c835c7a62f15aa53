// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// newborn.h: goroutines that have not run yet. They have a descriptor and a
// closure of at most 48 bytes, and no stack.
//
//   go():            newbornalloc, the closure is made there, start
//   before it runs:  gp = birth(p, gp), a stack whose descriptor takes over
//   when it runs:    the closure moves to the stack, newbornfree
//
// Of a million goroutines that are started at once and do not wait, few stacks
// are ever used: whoever ends leaves its to the next, which is in the cache.
// A stack is touched when it is needed, not once by go() and, long after,
// again.
//
// A newborn is a G like any other to queues, dumps, traces and debuggers:
// runnable, with its number and its creator. Its pointer is nobody's but the
// queue's, so that another G may go on in its place: nothing can wake, lock or
// park what has not run. A walk over all Gs (ForEachG) looks at newborns first,
// and birth makes the new one runnable before the old one is dead: whoever is
// born meanwhile is met, perhaps twice. With the world stopped it is met once.
//
// Newborns lie in slabs of their own (slab.h), 64 on a whole number of pages,
// which the scavenger gives back when all 64 have not been needed for a turn.
//
// Blocking: never parks; may block in mmap and madvise.
// Thread-safety: newbornalloc and newbornfree are safe from any thread, with a
//                P that is the caller's, or none.
// See:      Go: newproc1, whose goroutines have their stack from the beginning

#ifndef PARKOUR_RUNTIME_NEWBORN_H_
#define PARKOUR_RUNTIME_NEWBORN_H_

#include <cstddef>

#include "absl/status/status.h"
#include "parkour/base/sanitizer.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/p.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/slab.h"

namespace parkour::runtime {

struct alignas(64) Newborn {
  G g;
  alignas(internal::kNewbornClosureAlign)
      std::byte closure[internal::kLargestNewbornClosure];
  Slab* slab;
  bool of_bytes;  // the closure may be copied byte by byte; go's
};
#if !PARKOUR_ASAN && !PARKOUR_TSAN
static_assert(sizeof(Newborn) == kNewbornPrefetch);
#endif

inline Newborn* newbornOf(G* gp) { return reinterpret_cast<Newborn*>(gp); }

// A dead one, with its `closure` set; null and why: as stackalloc.
G* newbornalloc(P* p, absl::Status* status);

// Takes back a dead one whose closure is gone.
void newbornfree(P* p, G* gp);

// The G that goes on as `gp`, a newborn that p's M has taken from a queue:
// runnable, on a stack at whose beginning it stands. Null: p has no stack at
// hand, and getting one may take long; `gp` is as it was. birthAnyway gets one,
// or ends the process.
G* birth(P* p, G* gp);
G* birthAnyway(P* p, G* gp);

// gp, dead and on a stack, becomes what `newborn` is, and `newborn` dead. The
// closure is still where it was; RunClosure moves it. gp's context is not
// touched.
void takeOver(G* newborn, G* gp);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_NEWBORN_H_
