// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// syscall.h: calls that block the thread.
//
//   ssize_t n = runtime::Blocking([&] { return read(file, buf, len); });
//
// A goroutine that blocks its thread (file I/O, getaddrinfo, a database client)
// would hold its P meanwhile. Between EnterSyscall and ExitSyscall it does not:
// after about 20 us sysmon gives the P to another thread, and the goroutine
// queues for one when it comes back.
//
// Requires:  between the two calls nothing of Parkour may be called. errno is
//            read there, too: the goroutine may come back on another thread.
// Blocking:  ExitSyscall may park the goroutine until a P is free. From a plain
//            thread both do nothing.
// See:       Go: src/runtime/proc.go (entersyscall, exitsyscall)

#ifndef PARKOUR_RUNTIME_SYSCALL_H_
#define PARKOUR_RUNTIME_SYSCALL_H_

#include <utility>

namespace parkour::runtime {

void EnterSyscall();
void ExitSyscall();

// Runs fn between EnterSyscall and ExitSyscall and returns what it returns, by
// value. What it throws is thrown after ExitSyscall.
template <typename F>
auto Blocking(F&& fn) {
  struct Section {
    Section() { EnterSyscall(); }
    ~Section() { ExitSyscall(); }
  } section;
  return std::forward<F>(fn)();
}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SYSCALL_H_
