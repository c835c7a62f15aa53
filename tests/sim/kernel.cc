// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/sim/kernel.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "parkour/base/sys.h"
#include "tests/sim/world.h"

// As in doors.cc.
#define DOOR(result, x, mangled, ...)                                      \
  result real_##x(__VA_ARGS__) asm("__real__ZN7parkour4base3sys" mangled); \
  result wrap_##x(__VA_ARGS__) asm("__wrap__ZN7parkour4base3sys" mangled); \
  result wrap_##x(__VA_ARGS__)

namespace parkour::sim {

using EpollWaitDoor = int(int epfd, epoll_event* events, int count,
                          int64_t timeout_ns);
EpollWaitDoor real_EpollWait asm(
    "__real__ZN7parkour4base3sys9EpollWaitEiP11epoll_eventil");
EpollWaitDoor wrap_EpollWait asm(
    "__wrap__ZN7parkour4base3sys9EpollWaitEiP11epoll_eventil");

namespace {

constexpr int64_t kSoon = 200000;  // ns

struct Event {
  uint64_t data;
  uint32_t events;
  int64_t due;
};

// What the kernel has told and nobody has taken. Edges; the one descriptor that
// is level-triggered, the runtime's eventfd, is asked each time.
std::vector<Event> pending;
bool level_ready = false;
uint64_t level_data = 0;

bool changed = false;  // something may have become ready since the last look
int epoll_fd = -1;
std::map<int, uint64_t> registered;  // edge-triggered ones
std::set<int> sockets;

void Look() {
  if (epoll_fd < 0 || !changed) return;
  changed = false;
  level_ready = false;
  epoll_event events[64];
  for (int n = 64; n == 64;) {
    n = real_EpollWait(epoll_fd, events, 64, 0);
    for (int i = 0; i < n; ++i) {
      const uint64_t data = events[i].data.u64;
      if (data == level_data) {
        level_ready = true;
        continue;
      }
      int64_t due = Now();
      if (Fires(kLate)) due += Below(10 * kSoon);
      pending.push_back({data, events[i].events, due});
      if (Fires(kTwice)) {
        pending.push_back({data, events[i].events, due + Below(5 * kSoon)});
      }
    }
  }
}

bool Ready() {
  Look();
  return level_ready || NextEvent() <= Now();
}

// Some of what is due, in any order.
int Take(epoll_event* events, int count) {
  Look();
  int n = 0;
  if (level_ready && n < count) {
    events[n].events = EPOLLIN;
    events[n++].data.u64 = level_data;
    changed = true;  // ask again: the taker may leave it as it is
  }
  for (size_t i = 0; i < pending.size() && n < count;) {
    if (pending[i].due > Now() || (n > 0 && OneIn(8))) {
      ++i;
      continue;
    }
    events[n].events = pending[i].events;
    events[n++].data.u64 = pending[i].data;
    pending[i] = pending.back();
    pending.pop_back();
  }
  return n;
}

// The rest of what a call left behind comes in a moment, with an edge of its
// own. Who is not registered yet asks when it registers.
void Later(int fd, uint32_t events) {
  const auto it = registered.find(fd);
  if (it == registered.end()) return;
  pending.push_back({it->second, events, Now() + 1 + Below(kSoon)});
}

// A descriptor's events are gone with it, unless somebody has already been
// told.
void Forget(int fd) {
  const auto it = registered.find(fd);
  if (it == registered.end()) return;
  const uint64_t data = it->second;
  registered.erase(it);
  std::erase_if(pending, [data](const Event& e) {
    return e.data == data && !Fires(kStale, 2);
  });
  if (Fires(kStale, 4)) {
    pending.push_back(
        {data, EPOLLIN | EPOLLOUT | EPOLLRDHUP, Now() + 1 + Below(5 * kSoon)});
  }
}

int Opened(int fd) {
  if (fd >= 0) Check(sockets.insert(fd).second, "a number is given twice");
  return fd;
}

// What a transfer in one direction may meet. 0: nothing.
int Trouble(int fd, uint32_t events) {
  if (Fires(kEintr)) return -EINTR;
  if (Fires(kAgain)) {
    Later(fd, events);
    return -EAGAIN;
  }
  if (Fires(kReset, 200)) {
    shutdown(fd, SHUT_RDWR);
    return -ECONNRESET;
  }
  return 0;
}

template <typename F>
ssize_t Transfer(int fd, size_t len, uint32_t events, F call) {
  Point("transfers");
  changed = true;
  if (const int err = Trouble(fd, events); err != 0) return err;
  if (len > 1 && Fires(kShort)) {
    const size_t part = 1 + Below(static_cast<uint32_t>(len - 1));
    const ssize_t n = call(part);
    if (n == static_cast<ssize_t>(part)) Later(fd, events);
    return n;
  }
  return call(len);
}

}  // namespace

bool EventsDue() { return Ready(); }

int64_t NextEvent() {
  int64_t next = kNever;
  for (const Event& e : pending) next = std::min(next, e.due);
  return next;
}

int OpenSockets() { return static_cast<int>(sockets.size()); }

// ---- Readiness ----

DOOR(int, EpollCreate, "11EpollCreateEv") {
  const int fd = real_EpollCreate();
  if (Begun()) epoll_fd = fd;
  return fd;
}

DOOR(int, EpollAdd, "8EpollAddEiijm", int epfd, int fd, uint32_t events,
     uint64_t data) {
  if (Begun()) {
    Point("registers");
    changed = true;
    if ((events & EPOLLET) == 0) {
      level_data = data;
    } else {
      if (Fires(kNoMemory)) return -ENOMEM;
      registered[fd] = data;
    }
  }
  return real_EpollAdd(epfd, fd, events, data);
}

DOOR(int, EpollMod, "8EpollModEiijm", int epfd, int fd, uint32_t events,
     uint64_t data) {
  if (Begun()) {
    changed = true;
    registered[fd] = data;
  }
  return real_EpollMod(epfd, fd, events, data);
}

DOOR(int, EpollDel, "8EpollDelEii", int epfd, int fd) {
  if (Begun()) Forget(fd);
  return real_EpollDel(epfd, fd);
}

// There is one epoll, the runtime's.
int wrap_EpollWait(int epfd, epoll_event* events, int count,
                   int64_t timeout_ns) {
  if (!Begun()) return real_EpollWait(epfd, events, count, timeout_ns);
  // From the call on: whoever read the clock just before it is not late because
  // of others, and the books can be looked at closely (world.cc).
  const int64_t deadline = timeout_ns < 0 ? kNever : Now() + timeout_ns;
  Point("polls");
  for (;;) {
    const int n = Take(events, count);
    if (n > 0 || deadline <= Now()) return n;
    if (Fires(kEintr)) return -EINTR;
    Wait("polls", &kPoller, deadline);
  }
}

// ---- Descriptors ----

DOOR(int, Socket, "6SocketEiii", int family, int type, int protocol) {
  if (!Begun()) return real_Socket(family, type, protocol);
  Point("socket");
  if (Fires(kNoFile)) return -EMFILE;
  return Opened(real_Socket(family, type, protocol));
}

DOOR(int, Accept, "6AcceptEiP8sockaddrPj", int fd, sockaddr* addr,
     socklen_t* len) {
  if (!Begun()) return real_Accept(fd, addr, len);
  Point("accepts");
  changed = true;
  if (Fires(kEintr)) return -EINTR;
  if (Fires(kNoFile)) return -EMFILE;
  if (Fires(kAgain)) {
    Later(fd, EPOLLIN);
    return -EAGAIN;
  }
  const int conn = real_Accept(fd, addr, len);
  if (conn >= 0 && Fires(kAborted)) {
    shutdown(conn, SHUT_RDWR);
    close(conn);
    return -ECONNABORTED;
  }
  return Opened(conn);
}

DOOR(int, Connect, "7ConnectEiPK8sockaddrj", int fd, const sockaddr* addr,
     socklen_t len) {
  if (Begun()) {
    Point("connects");
    changed = true;
  }
  return real_Connect(fd, addr, len);
}

DOOR(int, Shutdown, "8ShutdownEii", int fd, int how) {
  if (Begun()) {
    Point("shuts down");
    changed = true;
  }
  return real_Shutdown(fd, how);
}

DOOR(int, Close, "5CloseEi", int fd) {
  if (!Begun()) return real_Close(fd);
  Point("closes");
  changed = true;
  Forget(fd);
  sockets.erase(fd);
  const int err = real_Close(fd);
  Check(err != -EBADF, "a number is closed twice");
  return err;
}

// ---- Bytes ----

DOOR(ssize_t, Recv, "4RecvEiPvm", int fd, void* buf, size_t len) {
  if (!Begun()) return real_Recv(fd, buf, len);
  return Transfer(fd, len, EPOLLIN,
                  [=](size_t n) { return real_Recv(fd, buf, n); });
}

DOOR(ssize_t, Send, "4SendEiPKvm", int fd, const void* buf, size_t len) {
  if (!Begun()) return real_Send(fd, buf, len);
  return Transfer(fd, len, EPOLLOUT,
                  [=](size_t n) { return real_Send(fd, buf, n); });
}

DOOR(ssize_t, Read, "4ReadEiPvm", int fd, void* buf, size_t len) {
  if (Begun()) {
    Point("reads");
    changed = true;
  }
  return real_Read(fd, buf, len);
}

DOOR(ssize_t, Write, "5WriteEiPKvm", int fd, const void* buf, size_t len) {
  if (Begun()) {
    Point("writes");
    changed = true;
  }
  return real_Write(fd, buf, len);
}

}  // namespace parkour::sim
