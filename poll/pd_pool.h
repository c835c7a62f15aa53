// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// pd_pool.h: the memory of PollDescs, and how it goes back to the system.
//
//   block, 128 KiB, aligned, never unmapped
//   | header: tags of all, state of each page | page | page | ... 31 of them
//                                              16 PollDescs each
//
// A page's life, by its free PollDescs:
//
//   cold --take--> some used <--> none free          some used --give--> idle
//    ^                 ^----------- take ------------------------------   |
//    +--------------------- pdScavenge: a whole turn idle ----------------+
//
// A cold page has no memory; a PollDesc that is taken from it is made anew. The
// header keeps its memory, 8 bytes a PollDesc: an event that the kernel
// delivers late finds the tag there, whatever has become of the PollDesc.
//
// Dance (discard): who may still hold a pointer into an idle page?
//   * An owner, a waiter, a Close: no, their PollDesc would not be free.
//   * A late event compares tags, in the header, before it touches anything
//     else. pollClose changed the tag before it gave the PollDesc back.
//   * A poller that compared while the tag was still right, and is about to
//     write. Pollers count themselves in `delivering` from before the first
//     comparison of a batch to after its last write, and the scavenger, once
//     it has taken a page out of the lists, reads that count with a
//     read-modify-write. If it reads 0, each batch is over, and its writes are
//     visible (release, acquire), or has yet to count itself: then it follows
//     the scavenger's operation in the count's modification order, acquires
//     from it, and sees the tags as pollClose left them. If not, the page goes
//     back, for another round.
//   * A timer that was already on its way when its deadline was moved or its
//     descriptor closed: PollDesc counts those (timers_out), and the last of
//     them gives the PollDesc back if pollClose could not.
//
// Blocking: never parks; pdScavenge may take the kernel a microsecond a page.
// Thread-safety: all functions.
// See:      polldesc.h; tests/model/discard_model_test.cc

#ifndef PARKOUR_POLL_PD_POOL_H_
#define PARKOUR_POLL_PD_POOL_H_

#include <cstddef>
#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/poll/polldesc.h"

namespace parkour::poll {

// One that nobody uses: as its last owner left it, or made anew. Ends the
// process if there is no memory.
PollDesc* pdTake();

// REQUIRES: nobody has a pointer to pd but late events.
void pdGive(PollDesc* pd);

// Gives back pages that have been idle since before the turn that came before
// `turn`, at most n of them. Returns their bytes; 0: there are none, or a
// poller is in the way.
size_t pdScavenge(uint64_t turn, size_t n);

// Counts the pollers that are delivering a batch of events.
class PdDelivery {
 public:
  PdDelivery() { delivering.fetch_add(1, base::kAcqRel); }
  ~PdDelivery() { delivering.fetch_sub(1, base::kRelease); }
  PdDelivery(const PdDelivery&) = delete;
  PdDelivery& operator=(const PdDelivery&) = delete;

  static base::Atomic<uint32_t> delivering;
};

struct PdCounts {
  int64_t blocks;
  int64_t cold_pages;
  int64_t idle_pages;
};
PdCounts ReadPdCounts();

}  // namespace parkour::poll

#endif  // PARKOUR_POLL_PD_POOL_H_
