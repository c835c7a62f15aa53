// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cstddef>

#include "parkour/base/atomic.h"
#include "parkour/base/sanitizer.h"

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

namespace parkour::base::sys {
namespace {

constexpr int kMadvGuardInstall = 102;  // Linux 6.13; not in Debian 12's libc
constexpr int kMadvPopulateWrite = 23;
constexpr int64_t kNsPerMs = 1000000;
constexpr int64_t kNsPerSecond = 1000 * kNsPerMs;

// The one place where errno is read, and one to write it. Its address is a
// constant to compilers, of one thread: once these functions are inlined into
// one that parks (at link time, say), it may have been computed before the
// park. Not in a function that cannot be seen through.
[[gnu::noinline]] int Errno() {
  int error = errno;
  asm volatile("" : "+r"(error) : : "memory");
  return error;
}

[[gnu::noinline]] void ClearErrno() {
  errno = 0;
  asm volatile("" : : : "memory");
}

template <typename T>
T Result(T value) {
  return value < 0 ? static_cast<T>(-Errno()) : value;
}

// Neither splice nor sendfile has a MSG_NOSIGNAL. The kernel sends the signal
// to the calling thread, which takes it back before anybody sees it.
template <typename F>
ssize_t WithoutSigPipe(F call) {
  sigset_t pipe, old;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &old);
  const ssize_t n = call();
  if (n == -EPIPE) {
    const timespec now{};
    while (sigtimedwait(&pipe, nullptr, &now) < 0 && Errno() == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  return n;
}

// 1 once the kernel has said that it has no epoll_pwait2.
Atomic<int> no_epoll_pwait2{0};

}  // namespace

ssize_t Read(int fd, void* buf, size_t len) {
  return Result(read(fd, buf, len));
}

ssize_t Write(int fd, const void* buf, size_t len) {
  return Result(write(fd, buf, len));
}

int Close(int fd) { return Result(close(fd)); }

int SetNonblock(int fd, bool nonblock) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -Errno();
  const int want = nonblock ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return want == flags ? 0 : Result(fcntl(fd, F_SETFL, want));
}

int Dup(int fd) { return Result(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

int Open(const char* path, int flags, int mode) {
  return Result(open(path, flags | O_CLOEXEC, mode));
}

int Unlink(const char* path) { return Result(unlink(path)); }

int64_t Seek(int fd, int64_t offset, int whence) {
  return Result(lseek(fd, offset, whence));
}

ssize_t ReadAt(int fd, void* buf, size_t len, int64_t offset) {
  return Result(pread(fd, buf, len, offset));
}

int Socket(int family, int type, int protocol) {
  return Result(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

int Accept(int fd, sockaddr* addr, socklen_t* len) {
  return Result(accept4(fd, addr, len, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

int Connect(int fd, const sockaddr* addr, socklen_t len) {
  return Result(connect(fd, addr, len));
}

int Bind(int fd, const sockaddr* addr, socklen_t len) {
  return Result(bind(fd, addr, len));
}

int Listen(int fd, int backlog) { return Result(listen(fd, backlog)); }

int Shutdown(int fd, int how) { return Result(shutdown(fd, how)); }

int GetSockName(int fd, sockaddr* addr, socklen_t* len) {
  return Result(getsockname(fd, addr, len));
}

int GetPeerName(int fd, sockaddr* addr, socklen_t* len) {
  return Result(getpeername(fd, addr, len));
}

int SetSockOpt(int fd, int level, int name, int value) {
  return Result(setsockopt(fd, level, name, &value, sizeof(value)));
}

int GetSockOpt(int fd, int level, int name, int* value) {
  socklen_t len = sizeof(*value);
  return Result(getsockopt(fd, level, name, value, &len));
}

ssize_t Recv(int fd, void* buf, size_t len) {
  return Result(recv(fd, buf, len, MSG_DONTWAIT));
}

ssize_t Peek(int fd, void* buf, size_t len) {
  return Result(recv(fd, buf, len, MSG_PEEK | MSG_DONTWAIT));
}

ssize_t Send(int fd, const void* buf, size_t len) {
  return Result(send(fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT));
}

ssize_t RecvFrom(int fd, void* buf, size_t len, sockaddr* addr,
                 socklen_t* addr_len) {
  return Result(recvfrom(fd, buf, len, MSG_DONTWAIT, addr, addr_len));
}

ssize_t SendTo(int fd, const void* buf, size_t len, const sockaddr* addr,
               socklen_t addr_len) {
  return Result(
      sendto(fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT, addr, addr_len));
}

ssize_t RecvMsg(int fd, msghdr* msg) {
  return Result(recvmsg(fd, msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT));
}

ssize_t SendMsg(int fd, const msghdr* msg) {
  return Result(sendmsg(fd, msg, MSG_NOSIGNAL | MSG_DONTWAIT));
}

int SetSockOptBytes(int fd, int level, int name, const void* value,
                    socklen_t len) {
  return Result(setsockopt(fd, level, name, value, len));
}

int Pipe(int fds[2], int size) {
  const int err = Result(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
  // What is above the user's limit stays as large as it was.
  if (err == 0) fcntl(fds[0], F_SETPIPE_SZ, size);
  return err;
}

ssize_t SpliceToPipe(int socket, int pipe, size_t len) {
  return Result(splice(socket, nullptr, pipe, nullptr, len, SPLICE_F_NONBLOCK));
}

ssize_t SpliceToSocket(int pipe, int socket, size_t len) {
  return WithoutSigPipe([=] {
    return Result(
        splice(pipe, nullptr, socket, nullptr, len, SPLICE_F_NONBLOCK));
  });
}

ssize_t SendFile(int out, int in, size_t len) {
  return WithoutSigPipe(
      [=] { return Result(sendfile(out, in, nullptr, len)); });
}

int EpollCreate() { return Result(epoll_create1(EPOLL_CLOEXEC)); }

int EpollAdd(int epfd, int fd, uint32_t events, uint64_t data) {
  epoll_event ev{};
  ev.events = events;
  ev.data.u64 = data;
  return Result(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev));
}

int EpollMod(int epfd, int fd, uint32_t events, uint64_t data) {
  epoll_event ev{};
  ev.events = events;
  ev.data.u64 = data;
  return Result(epoll_ctl(epfd, EPOLL_CTL_MOD, fd, &ev));
}

int EpollDel(int epfd, int fd) {
  epoll_event ev{};
  return Result(epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &ev));
}

int EpollWait(int epfd, epoll_event* events, int count, int64_t timeout_ns) {
  if (timeout_ns <= 0) {
    return Result(epoll_wait(epfd, events, count, timeout_ns < 0 ? -1 : 0));
  }
  // ThreadSanitizer runs signal handlers during the calls it knows only.
  if (!PARKOUR_TSAN && no_epoll_pwait2.load(kRelaxed) == 0) {
    timespec ts;
    ts.tv_sec = timeout_ns / 1000000000;
    ts.tv_nsec = timeout_ns % 1000000000;
    const long n =
        syscall(SYS_epoll_pwait2, epfd, events, count, &ts, nullptr, size_t{0});
    if (n >= 0) return static_cast<int>(n);
    const int error = Errno();
    if (error != ENOSYS && error != EPERM) return -error;
    no_epoll_pwait2.store(1, kRelaxed);
  }
  constexpr int64_t kLongest = int64_t{1} << 30;  // ms, about 12 days
  const int64_t ms = timeout_ns / kNsPerMs + (timeout_ns % kNsPerMs != 0);
  return Result(epoll_wait(epfd, events, count,
                           static_cast<int>(ms < kLongest ? ms : kLongest)));
}

int EventFd() { return Result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int AwaitReady(int fd, bool write) {
  pollfd wait{};
  wait.fd = fd;
  wait.events = write ? POLLOUT : POLLIN;
  return Result(::poll(&wait, 1, -1));
}

void* Reserve(size_t size, int* error) {
  void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p != MAP_FAILED) return p;
  *error = -Errno();
  return nullptr;
}

int Unmap(void* addr, size_t size) { return Result(munmap(addr, size)); }

int NoHugePages(void* addr, size_t size) {
  return Result(madvise(addr, size, MADV_NOHUGEPAGE));
}

int GuardInstall(void* addr, size_t size) {
  return Result(madvise(addr, size, kMadvGuardInstall));
}

namespace {

// The kernel has no PIDFD_SELF (Linux 6.15), or somebody forbids the call.
Atomic<bool> no_bulk_advice{false};

// Returns for how many bytes. The pidfd stands for the calling thread: one from
// pidfd_open would still be the parent's after a fork.
size_t AdviseAll(const Range* ranges, size_t n, int advice) {
  constexpr int kPidfdSelf = -10000;
  static_assert(sizeof(Range) == sizeof(iovec) &&
                offsetof(Range, addr) == offsetof(iovec, iov_base) &&
                offsetof(Range, size) == offsetof(iovec, iov_len));
  if (no_bulk_advice.load(kRelaxed)) return 0;
  const int64_t done =
      Result(syscall(SYS_process_madvise, kPidfdSelf, ranges, n, advice, 0));
  if (done == -EBADF || done == -EINVAL || done == -ENOSYS || done == -EPERM) {
    no_bulk_advice.store(true, kRelaxed);
  }
  return done > 0 ? static_cast<size_t>(done) : 0;
}

}  // namespace

size_t GuardInstallAll(const Range* ranges, size_t n) {
  return AdviseAll(ranges, n, kMadvGuardInstall) / ranges[0].size;
}

void Populate(const Range* ranges, size_t n) {
  AdviseAll(ranges, n, kMadvPopulateWrite);
}

int ProtectNone(void* addr, size_t size) {
  return Result(mprotect(addr, size, PROT_NONE));
}

int Discard(void* addr, size_t size) {
  return Result(madvise(addr, size, MADV_DONTNEED));
}

int Resident(void* addr, size_t size, unsigned char* present) {
  return Result(mincore(addr, size, present));
}

void TrimHeap() { malloc_trim(0); }

int MembarrierRegister() {
  return static_cast<int>(Result(syscall(
      SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0)));
}

int Membarrier() {
  return static_cast<int>(
      Result(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0)));
}

void RaiseFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int64_t OpenFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  constexpr rlim_t kMost = INT64_MAX;
  return static_cast<int64_t>(limit.rlim_cur < kMost ? limit.rlim_cur : kMost);
}

ssize_t ReadFile(const char* path, char* buf, size_t len) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -Errno();
  const ssize_t n = Result(read(fd, buf, len));
  close(fd);
  return n;
}

int StatFile(const char* path, FileStamp* stamp) {
  struct stat st;
  if (stat(path, &st) != 0) return -Errno();
  stamp->mtime_ns = st.st_mtim.tv_sec * kNsPerSecond + st.st_mtim.tv_nsec;
  stamp->size = st.st_size;
  return 0;
}

int GetAddrInfo(const char* node, const addrinfo* hints, addrinfo** result,
                int* err) {
  ClearErrno();
  const int code = getaddrinfo(node, nullptr, hints, result);
  *err = Errno();
  return code;
}

int GetNameInfo(const sockaddr* addr, socklen_t len, char* host,
                size_t host_size, int flags, int* err) {
  ClearErrno();
  const int code = getnameinfo(
      addr, len, host, static_cast<socklen_t>(host_size), nullptr, 0, flags);
  *err = Errno();
  return code;
}

}  // namespace parkour::base::sys
