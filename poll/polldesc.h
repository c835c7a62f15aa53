// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// polldesc.h: what the poller knows of one descriptor: who waits for it to
// become readable or writable, and until when.
//
//   PollDesc* pd = pollOpen(fd);
//   pd->prepare(kRead);                    // forget an old edge
//   n = sys::Read(...);                    // -EAGAIN
//   int err = pd->wait(kRead);             // parks; 0: try again
//   pd->evict(); ... pollClose(pd);
//
// Each direction has one word, a small semaphore:
//   nil    nothing has happened          ready  an edge came, nobody took it
//   wait   a goroutine is about to park  else   the parked goroutine
// At most one goroutine waits per direction (FdMutex sees to that).
//
// Dance (block): the waiter turns nil into wait, then reads the summary word
// `info` again (closing? late?), then parks, and the commit turns wait into its
// G. Whoever closes or expires writes info first and looks at the word after.
// Both pairs are sequentially consistent, so one of them sees the other. An
// edge that comes between nil and the commit makes the word ready and the
// commit fails: the goroutine does not park. An edge is never lost, because
// `prepare` forgets it only *before* a system call that will see its data.
//
// Lifetime: PollDescs are cut from blocks that are never unmapped: an event
//           that the kernel delivers late still points to one. Its tag, the
//           sequence number of the descriptor's owner, tells that it is late.
//           The tag lies elsewhere: the memory of free ones is given back
//           (pd_pool.h).
// Blocking: wait parks; everything else returns at once.
// See:      README.md of this room; Go: src/runtime/netpoll.go;
//           tests/model/polldesc_model_test.cc

#ifndef PARKOUR_POLL_POLLDESC_H_
#define PARKOUR_POLL_POLLDESC_H_

#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/timers.h"

namespace parkour::poll {

enum Mode : int { kRead = 0, kWrite = 1 };

// What an operation on a descriptor may fail with besides -errno, which is
// above -4096.
enum PollError : int {
  kErrClosing = -5001,      // closed by us, before or meanwhile
  kErrTimeout = -5002,      // the deadline has passed
  kErrNotPollable = -5003,  // the kernel reports an error and nothing else
  kErrEOF = -5004,          // only FD: the peer has finished sending
  kErrCancelled = -5005,    // the caller's flag was set; see wait
};

// What netpollblock and the model of it share: the words' values.
inline constexpr uintptr_t kPdNil = 0;
inline constexpr uintptr_t kPdReady = 1;
inline constexpr uintptr_t kPdWait = 2;

// Of this size, so that 16 fill a page.
struct alignas(256) PollDesc {
  PollDesc() : lock(base::LockRank::kPollDesc) {}

  // Returns 0, or a PollError if waiting is pointless: closing, late.
  int check(Mode mode) const;

  // check(), then forgets an edge that came earlier.
  // REQUIRES: the caller owns this direction.
  int prepare(Mode mode);

  // Parks until the descriptor may be ready, and takes the edge. The first wait
  // registers the descriptor with epoll. Returns 0, a PollError, or -errno of
  // the registration.
  // `cancelled`, if given, ends it with kErrCancelled once it is not 0: set it,
  // then call kick.
  // REQUIRES: the caller owns this direction.
  int wait(Mode mode, const base::Atomic<uint32_t>* cancelled = nullptr);

  // Wakes the waiter, if there is one, to look at its flag. Dance (cancel): the
  // flag plays the part of `info` in the dance above.
  void kick(Mode mode);

  // `when`: nanotime; 0: no deadline; < 0: already over. Wakes the waiter of an
  // expired side. Takes both sides with modes = 3, else 1 << mode.
  void setDeadline(int64_t when, int modes);

  // Every present and future wait fails with kErrClosing.
  void evict();

  // True if nothing but plain "readable" has ever been reported: a short read
  // of a stream then means that it is empty.
  bool plain() const;

  // ---- The poller's side ----

  // An event for one direction; returns the goroutine that it wakes, or null.
  runtime::G* ready(Mode mode, int32_t* delta);
  void setEventError(bool error, uint32_t tag);
  void setNotPlain();

  // Changes on every pollClose. In memory that is always there, unlike *this.
  base::Atomic<uint32_t>& tag() const;

  runtime::G* unblock(Mode mode, bool io_ready, int32_t* delta);
  bool block(Mode mode, const base::Atomic<uint32_t>* cancelled = nullptr);
  int registerFd();
  void publishInfo();
  void armTimers(const int64_t old[2]);
  void stopTimer(Mode mode);
  void expire(bool read, bool write, uintptr_t rseq, uintptr_t wseq);

  base::Atomic<uintptr_t> gate[2] = {};  // the two words; see above
  base::Atomic<uint32_t> info{0};        // summary; writers hold lock
  base::Atomic<bool> registered{false};  // in epoll; writers hold lock
  int fd = -1;                           // constant between open and close

  base::Mutex lock;
  bool closing ABSL_GUARDED_BY(lock) = false;
  // 0: none, < 0: expired.
  int64_t deadline[2] ABSL_GUARDED_BY(lock) = {0, 0};
  // Bumped when the deadline changes: a timer that runs late ignores itself.
  uintptr_t seq[2] ABSL_GUARDED_BY(lock) = {0, 0};
  // When both deadlines are equal the read timer serves both.
  runtime::Timer timer[2];  // started and stopped under lock
  // Timers that will still call expire: started, not stopped in time.
  int timers_out ABSL_GUARDED_BY(lock) = 0;
  // Closed, but for those timers; the last of them gives it back.
  bool orphan ABSL_GUARDED_BY(lock) = false;
};

// A PollDesc for fd. Not yet registered with epoll: that is done at the first
// wait, so a short connection whose data is already there never costs it.
PollDesc* pollOpen(int fd);

// Gives the PollDesc back. The caller closes the descriptor, after which the
// kernel forgets the registration; if the description lives on, because the
// descriptor was duplicated, the caller takes it out of epoll first.
// REQUIRES: evict() was called, and nobody waits.
void pollClose(PollDesc* pd);

// How many are open; for leak checks.
int64_t PollDescsInUse();

}  // namespace parkour::poll

#endif  // PARKOUR_POLL_POLLDESC_H_
