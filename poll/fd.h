// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// fd.h: a descriptor with blocking-style operations that park goroutines.
//
//   FD fd;
//   fd.Init(socket, FD::kStream | FD::kDrains);
//   ssize_t n = fd.Read(buf, len);    // >= 0, kErrEOF, -errno or a PollError
//   fd.Close();
//
// Every operation tries the system call first, and parks only on EAGAIN.
//
// No doomed read: after a read that got less than it asked for, a TCP socket is
// empty; the next Read parks at once instead of collecting an EAGAIN. Not if
// the poller has reported anything but plain readability (end of stream,
// errors, urgent data): then no further edge may come. The flag never hides an
// edge: between the short read and the next wait nothing clears the gate, so an
// edge that came in between ends the wait immediately. One request then costs
// two system calls instead of three.
//
// Only Read leaves that flag behind, the other ways to receive take it back.
//
// Guarantees: Close wakes everybody who is parked, waits for everybody who is
//             inside, and only then closes the number. Reads are serialised,
//             writes are serialised, all of a Write is written in one piece
//             with respect to other Writes.
// Blocking:   Read, Write, Accept, Connect and WaitRead park the goroutine,
//             never the thread. Close parks until the last user has left;
//             after SO_LINGER with a time closing the number takes a thread.
// Thread-safety: all methods, after Init.
// See:        Go: src/internal/poll/fd_unix.go

#ifndef PARKOUR_POLL_FD_H_
#define PARKOUR_POLL_FD_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "parkour/base/atomic.h"
#include "parkour/poll/fd_mutex.h"
#include "parkour/poll/polldesc.h"

namespace parkour::poll {

class FD {
 public:
  enum Flags : unsigned {
    kStream = 1,     // a byte stream: transfers are cut at 1 GiB
    kZeroIsEOF = 2,  // a read of 0 bytes is the end (streams, seqpacket)
    kDrains = 4,     // a short read means empty (TCP; not unix: it stops at
                     // ancillary data)
    kShared = 8,     // others hold the description too: a duplicate
  };

  FD() = default;
  ~FD();  // closes what is open
  FD(const FD&) = delete;
  FD& operator=(const FD&) = delete;

  // Takes over a non-blocking socket. Once, before anything else.
  void Init(int sysfd, unsigned flags);

  // Up to len bytes; 0 only if len is 0 (then without a system call).
  ssize_t Read(char* buf, size_t len);
  // All of it. *written tells how much went out before an error; returns 0 or
  // the error.
  int Write(const char* buf, size_t len, size_t* written);
  // All of all of them, as one stream of bytes, up to 1024 per system call.
  // A datagram socket sends one datagram per call.
  int Writev(std::span<const std::string_view> bufs, size_t* written);

  // One datagram, or what a stream has; up to len bytes. *addr_len is 0 if the
  // kernel names no sender.
  ssize_t RecvFrom(char* buf, size_t len, sockaddr_storage* addr,
                   socklen_t* addr_len);
  // One datagram; 0 or the error.
  int SendTo(const char* buf, size_t len, const sockaddr* addr,
             socklen_t addr_len);
  // The whole of recvmsg(2) and sendmsg(2). A stream's SendMsg may be short. An
  // empty message with ancillary data is not the end; at the end *msg is as the
  // kernel left it.
  ssize_t RecvMsg(msghdr* msg);
  ssize_t SendMsg(const msghdr* msg);

  // A connected, non-blocking, close-on-exec descriptor. A connection that was
  // reset while it queued (ECONNABORTED) is skipped.
  int Accept(sockaddr_storage* addr, socklen_t* addr_len);
  // Connects; the deadline is the write deadline. 0 or an error.
  int Connect(const sockaddr* addr, socklen_t addr_len);
  // Parks until a Read would not have to; consumes nothing. `cancelled` ends it
  // with kErrCancelled: set it, then call CancelWaitRead. One that still waits
  // for another reader to finish notices only after that.
  int WaitRead(const base::Atomic<uint32_t>* cancelled = nullptr);
  void CancelWaitRead();

  // Moves up to `remain` bytes from src to this, both streams, until src ends
  // (0) or something fails; large amounts stay in the kernel. *written: what
  // this took. *handled is false if the kernel cannot do it, or might block
  // the thread because others hold a description: the rest is the caller's.
  int SpliceFrom(FD* src, int64_t remain, int64_t* written, bool* handled);
  // The same from a file, from where it stands.
  int SendFileFrom(int file, int64_t remain, int64_t* written, bool* handled);

  // f(number) while the number is sure to stay open: once; or until it returns
  // true, each time after the descriptor became ready, with that direction
  // locked. 0 or an error of the wait.
  int RawControl(const std::function<void(int)>& f);
  int RawRead(const std::function<bool(int)>& f);
  int RawWrite(const std::function<bool(int)>& f);

  // A new, close-on-exec number for the same description.
  int Dup();

  int Shutdown(int how);
  int SetSockOpt(int level, int name, int value);
  int SetSockOptBytes(int level, int name, const void* value, socklen_t len);
  int GetSockOpt(int level, int name, int* value);
  int GetSockName(sockaddr* addr, socklen_t* len);
  int GetPeerName(sockaddr* addr, socklen_t* len);

  // `when`: nanotime, 0 for none, < 0 for the past. modes: 1 read, 2 write.
  // An expired deadline is sticky until it is set again.
  int SetDeadline(int64_t when, int modes);

  // 0, or kErrClosing if it was closed already.
  int Close();

  // The number; for tests and for options before the first use.
  int sysfd() const { return sysfd_; }

 private:
  class Ref;
  class Lock;

  void destroy();
  // Somebody else may have made the description blocking.
  bool shared() const { return shared_.load(base::kRelaxed); }
  int awaitEdgeIfDrained(const base::Atomic<uint32_t>* cancelled = nullptr);
  int prepareRead();
  ssize_t drainInto(int pipe, int64_t max);
  int spliceWhatIsThere(FD* src, int64_t* remain, int64_t* written,
                        bool* handled);
  int pumpFrom(int pipe, ssize_t n, int64_t* written);

  FdMutex mu_;
  int sysfd_ = -1;      // constant between Init and destroy
  unsigned flags_ = 0;  // constant after Init
  PollDesc* pd_ = nullptr;
  bool drained_ = false;  // guarded by the read lock
  // The description may outlive the number: Close takes it out of epoll. Set
  // by holders of a reference, read when there are none.
  base::Atomic<bool> shared_{false};
  base::Atomic<bool> lingers_{false};  // closing the number may block
  // Released by destroy; Close waits for it.
  base::Atomic<uint32_t> csema_{0};
};

}  // namespace parkour::poll

#endif  // PARKOUR_POLL_FD_H_
