// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/poll/netpoll_epoll.h"

#include <errno.h>
#include <sys/epoll.h>

#include <cstdio>

#include "parkour/base/check.h"
#include "parkour/base/sys.h"
#include "parkour/poll/pd_pool.h"
#include "parkour/runtime/counts.h"
#include "parkour/runtime/park.h"

namespace parkour::poll {
namespace {

namespace sys = base::sys;
using runtime::G;
using runtime::GQueue;

// More than Go's 128: a wake-up under load then serves a whole batch.
constexpr int kEvents = 512;
// So far ahead an event is looked at: a miss lasts as long as some deliveries.
constexpr int kAhead = 8;

constexpr uint64_t kBreakData = 0;  // no PollDesc lies at address 0

uint64_t Pack(const PollDesc* pd) {
  return reinterpret_cast<uint64_t>(pd) << 16 | pd->tag().load(base::kRelaxed);
}

PollDesc* Unpack(uint64_t data, uint32_t* tag) {
  *tag = static_cast<uint32_t>(data) & kTagMask;
  return reinterpret_cast<PollDesc*>((data & ~uint64_t{kTagMask}) >> 16);
}

[[noreturn]] void Die(const char* what, int error) {
  char text[96];
  std::snprintf(text, sizeof(text), "runtime: %s failed with %d", what, -error);
  base::Throw(text);
}

class Epoll : public runtime::Netpoller {
 public:
  void Init() {
    if ((epfd_ = sys::EpollCreate()) < 0) Die("epoll_create1", epfd_);
    if ((eventfd_ = sys::EventFd()) < 0) Die("eventfd", eventfd_);
    const int err = sys::EpollAdd(epfd_, eventfd_, EPOLLIN, kBreakData);
    if (err < 0) Die("epoll_ctl", err);
  }

  // A number that was closed while its description lived on elsewhere, and got
  // the same description again, is still registered: in its former owner's
  // name.
  int Add(int fd, PollDesc* pd) {
    constexpr uint32_t kAll =
        EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
    const int err = sys::EpollAdd(epfd_, fd, kAll, Pack(pd));
    return err == -EEXIST ? sys::EpollMod(epfd_, fd, kAll, Pack(pd)) : err;
  }

  void Del(int fd) { sys::EpollDel(epfd_, fd); }

  int32_t Poll(int64_t delay_ns, GQueue* ready) override {
    epoll_event events[kEvents];
    int n;
    for (;;) {
      n = sys::EpollWait(epfd_, events, kEvents, delay_ns);
      if (n >= 0) break;
      if (n != -EINTR) Die("epoll_wait", n);
      // A timed wait starts anew from the caller's clock.
      if (delay_ns > 0) return 0;
    }
    if (n > 0) {
      runtime::count(&runtime::counts.netpoll_wakeups);
      runtime::count(&runtime::counts.netpoll_events, static_cast<size_t>(n));
    }
    int32_t delta = 0;
    const PdDelivery delivery;
    for (int i = 0; i < std::min(n, kAhead); ++i) Prefetch(events[i]);
    for (int i = 0; i < n; ++i) {
      if (i + kAhead < n) Prefetch(events[i + kAhead]);
      if (i + kAhead / 2 < n) PrefetchWaiter(events[i + kAhead / 2]);
      if (events[i].data.u64 == kBreakData) {
        TakeBreak(delay_ns);
      } else {
        Deliver(events[i], ready, &delta);
      }
    }
    return delta;
  }

  size_t Scavenge(uint64_t turn, size_t n) override {
    return pdScavenge(turn, n);
  }

  // One write is enough until a blocking poll has seen it.
  void Break() override {
    uint32_t expected = 0;
    if (!breaking_.compare_exchange_strong(expected, 1, base::kSeqCst)) return;
    const uint64_t one = 1;
    for (;;) {
      const ssize_t n = sys::Write(eventfd_, &one, sizeof(one));
      if (n == sizeof(one) || n == -EAGAIN) return;
      if (n != -EINTR) Die("write to eventfd", static_cast<int>(n));
    }
  }

 private:
  // A poll that does not block leaves the wake-up to the one that does: the
  // eventfd is level-triggered.
  void TakeBreak(int64_t delay_ns) {
    if (delay_ns == 0) return;
    uint64_t count;
    sys::Read(eventfd_, &count, sizeof(count));
    breaking_.store(0, base::kSeqCst);
  }

  // Of many connections the descriptors are in no cache, nor are those who wait
  // for them: each event would cost three misses, one after the other.
  static void Prefetch(const epoll_event& event) {
    if (event.data.u64 == kBreakData) return;
    uint32_t tag;
    const PollDesc* const pd = Unpack(event.data.u64, &tag);
    __builtin_prefetch(pd);
    __builtin_prefetch(&pd->tag());
  }

  static void PrefetchWaiter(const epoll_event& event) {
    if (event.data.u64 == kBreakData) return;
    uint32_t tag;
    const PollDesc* const pd = Unpack(event.data.u64, &tag);
    if (pd->tag().load(base::kSeqCst) != tag) return;  // as Deliver
    const uintptr_t waiter = pd->gate[kRead].load(base::kRelaxed);
    if (waiter > kPdWait) {
      __builtin_prefetch(reinterpret_cast<const void*>(waiter));
    }
  }

  // Go: netpoll_epoll.go (netpoll).
  void Deliver(const epoll_event& event, GQueue* ready, int32_t* delta) {
    uint32_t tag;
    PollDesc* const pd = Unpack(event.data.u64, &tag);
    if (pd->tag().load(base::kSeqCst) != tag) return;  // for an earlier owner
    const uint32_t e = event.events;
    pd->setEventError(e == EPOLLERR, tag);
    if (e & (EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI)) pd->setNotPlain();
    constexpr uint32_t kReads =
        EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    constexpr uint32_t kWrites = EPOLLOUT | EPOLLHUP | EPOLLERR;
    if (e & kReads) Wake(pd->ready(kRead, delta), ready);
    if (e & kWrites) Wake(pd->ready(kWrite, delta), ready);
  }

  // A plain thread's proxy must not get into a run queue: it wakes at once.
  static void Wake(G* gp, GQueue* ready) {
    if (gp == nullptr) return;
    gp->proxy ? runtime::goready(gp) : ready->PushBack(gp);
  }

  int epfd_ = -1;
  int eventfd_ = -1;
  // 1 while a written eventfd waits to be read.
  base::Atomic<uint32_t> breaking_{0};
};

// Constant-initialised, never destroyed: Ms use it while the process exits.
union Storage {
  constexpr Storage() : nothing(0) {}
  ~Storage() {}
  char nothing;
  Epoll epoll;
} storage;

}  // namespace

void netpollinit() {
  new (&storage.epoll) Epoll;
  storage.epoll.Init();
}

int netpollopen(int fd, PollDesc* pd) { return storage.epoll.Add(fd, pd); }

void netpollclose(int fd) { storage.epoll.Del(fd); }

runtime::Netpoller* EpollPoller() { return &storage.epoll; }

}  // namespace parkour::poll
