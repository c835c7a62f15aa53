// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sys.h: the kernel door. Every system call that Parkour makes about
// descriptors and memory goes through here.
//
//   const ssize_t n = sys::Read(fd, buf, len);
//   if (n == -EAGAIN) ...
//
// Guarantees: a failure comes back as -errno, read inside a function that
//             cannot park: a goroutine that parked may wake on another thread,
//             and compilers reuse errno's address across that.
//             EINTR is not retried here unless said.
// Blocking:   as the call itself; descriptors of ours are non-blocking.

#ifndef PARKOUR_BASE_SYS_H_
#define PARKOUR_BASE_SYS_H_

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

struct addrinfo;  // <netdb.h>

namespace parkour::base::sys {

// Descriptors.
ssize_t Read(int fd, void* buf, size_t len);
ssize_t Write(int fd, const void* buf, size_t len);
int Close(int fd);
int SetNonblock(int fd, bool nonblock);
// A new number for the same description, close-on-exec.
int Dup(int fd);
int Open(const char* path, int flags, int mode);
int Unlink(const char* path);
int64_t Seek(int fd, int64_t offset, int whence);
ssize_t ReadAt(int fd, void* buf, size_t len, int64_t offset);

// Sockets. Sending never raises SIGPIPE. Socket and Accept give non-blocking,
// close-on-exec descriptors; so are those that RecvMsg receives close-on-exec.
// Sending and receiving do not block even if somebody who shares the
// description has made it blocking; Accept and Connect do then.
int Socket(int family, int type, int protocol);
int Accept(int fd, sockaddr* addr, socklen_t* len);
int Connect(int fd, const sockaddr* addr, socklen_t len);
int Bind(int fd, const sockaddr* addr, socklen_t len);
int Listen(int fd, int backlog);
int Shutdown(int fd, int how);
int GetSockName(int fd, sockaddr* addr, socklen_t* len);
int GetPeerName(int fd, sockaddr* addr, socklen_t* len);
int SetSockOpt(int fd, int level, int name, int value);
int GetSockOpt(int fd, int level, int name, int* value);
ssize_t Recv(int fd, void* buf, size_t len);
ssize_t Peek(int fd, void* buf, size_t len);
ssize_t Send(int fd, const void* buf, size_t len);
ssize_t RecvFrom(int fd, void* buf, size_t len, sockaddr* addr,
                 socklen_t* addr_len);
ssize_t SendTo(int fd, const void* buf, size_t len, const sockaddr* addr,
               socklen_t addr_len);
ssize_t RecvMsg(int fd, msghdr* msg);
ssize_t SendMsg(int fd, const msghdr* msg);
// For options that are structures.
int SetSockOptBytes(int fd, int level, int name, const void* value,
                    socklen_t len);

// Moving bytes inside the kernel. They never raise SIGPIPE, and do not block on
// sockets unless somebody who shares the description has made it blocking.
// SendFile takes from where `in` stands and moves it on. Pipe gives a
// non-blocking pair, reading end first, of about `size` bytes.
int Pipe(int fds[2], int size);
ssize_t SpliceToPipe(int socket, int pipe, size_t len);
ssize_t SpliceToSocket(int pipe, int socket, size_t len);
ssize_t SendFile(int out, int in, size_t len);

// Readiness. EpollWait takes nanoseconds, < 0 for no limit; on kernels without
// epoll_pwait2 (before 5.11) they are rounded up to milliseconds.
int EpollCreate();
int EpollAdd(int epfd, int fd, uint32_t events, uint64_t data);
int EpollMod(int epfd, int fd, uint32_t events, uint64_t data);
int EpollDel(int epfd, int fd);
int EpollWait(int epfd, epoll_event* events, int count, int64_t timeout_ns);
int EventFd();
// Blocks until `fd` can be read or written without blocking.
int AwaitReady(int fd, bool write);

// Memory. Reserve maps `size` bytes that cost nothing until touched; null and
// *error = -errno when it cannot.
void* Reserve(size_t size, int* error);
int Unmap(void* addr, size_t size);
int NoHugePages(void* addr, size_t size);
// Makes the pages fault without splitting the mapping (Linux 6.13).
int GuardInstall(void* addr, size_t size);
// The same for n ranges of equal sizes, in one call (Linux 6.15). Returns for
// how many, the first ones, it was done.
struct Range {
  void* addr;
  size_t size;
};
size_t GuardInstallAll(const Range* ranges, size_t n);
// Gives the pages of n ranges their memory, where the system will.
void Populate(const Range* ranges, size_t n);
int ProtectNone(void* addr, size_t size);
// Gives the pages' memory back at once; they read as zero afterwards.
int Discard(void* addr, size_t size);
// For each page of [addr, addr + size), whether it has memory: bit 0 of
// present[i].
int Resident(void* addr, size_t size, unsigned char* present);

// Gives the free pages of the C library's heap back. Locks each of its arenas
// in turn, and walks through it: tens of milliseconds for a large heap. Without
// effect where another allocator stands in for malloc.
void TrimHeap();

// membarrier(2), private expedited. Register first, once a process; 0 or
// -errno. Barrier orders the memory accesses of all running threads.
int MembarrierRegister();
int Membarrier();

// Raises this process's limit of open descriptors to what it may have.
void RaiseFileLimit();

// The limit of open descriptors as it is now.
int64_t OpenFileLimit();

// A whole small file, read at once; the length, or -errno.
ssize_t ReadFile(const char* path, char* buf, size_t len);

// What tells whether a file has changed. 0 or -errno.
struct FileStamp {
  int64_t mtime_ns = 0;
  int64_t size = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
int StatFile(const char* path, FileStamp* stamp);

// The libc's resolver: they return its code (EAI_*) and, if that is EAI_SYSTEM,
// *err = errno. They block the thread for as long as name servers take.
int GetAddrInfo(const char* node, const addrinfo* hints, addrinfo** result,
                int* err);
int GetNameInfo(const sockaddr* addr, socklen_t len, char* host,
                size_t host_size, int flags, int* err);

}  // namespace parkour::base::sys

#endif  // PARKOUR_BASE_SYS_H_
