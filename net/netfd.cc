// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/netfd.h"

#include <errno.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parkour/base/clock.h"
#include "parkour/base/error.h"
#include "parkour/net/sock_posix.h"
#include "parkour/net/sockaddr.h"
#include "parkour/runtime/debug.h"
#include "parkour/runtime/log.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::net {
namespace {

std::string TextOrNothing(const Addr& addr) {
  return addr.IsNil() ? std::string() : addr.String();
}

// Go: net/fd_unix.go (newFD).
unsigned FlagsOf(int family, int type, bool shared, bool plain) {
  unsigned flags = 0;
  if (shared) flags |= poll::FD::kShared;
  if (type == SOCK_STREAM) flags |= poll::FD::kStream;
  if (type != SOCK_DGRAM) flags |= poll::FD::kZeroIsEOF;
  if (type == SOCK_STREAM && family != AF_UNIX && plain) {
    flags |= poll::FD::kDrains;
  }
  return flags;
}

struct Network {
  const char* name;
  int type;
};
constexpr Network kNetworks[] = {
    {"tcp", SOCK_STREAM},           {"tcp4", SOCK_STREAM},
    {"tcp6", SOCK_STREAM},          {"udp", SOCK_DGRAM},
    {"udp4", SOCK_DGRAM},           {"udp6", SOCK_DGRAM},
    {"unix", SOCK_STREAM},          {"unixgram", SOCK_DGRAM},
    {"unixpacket", SOCK_SEQPACKET},
};

const Network* FindNetwork(std::string_view network) {
  for (const Network& known : kNetworks) {
    if (network == known.name) return &known;
  }
  return nullptr;
}

}  // namespace

const char* StaticNetwork(std::string_view network) {
  const Network* const known = FindNetwork(network);
  return known == nullptr ? nullptr : known->name;
}

int SocketType(std::string_view network) {
  const Network* const known = FindNetwork(network);
  return known == nullptr ? 0 : known->type;
}

absl::Status PollStatus(int err, std::string_view syscall) {
  switch (err) {
    case poll::kErrClosing:
      return base::ErrNetClosing();
    case poll::kErrTimeout:
      return base::ErrDeadlineExceeded();
    case poll::kErrNotPollable:
      return base::ErrNotPollable();
    case poll::kErrCancelled:
      return base::ErrCanceled();
    case poll::kErrEOF:
      return io::EOF();
    default:
      return base::ErrnoStatus(-err, syscall);
  }
}

int64_t MonotonicDeadline(absl::Time t) {
  if (t == absl::InfiniteFuture()) return 0;
  const int64_t left = absl::ToInt64Nanoseconds(t - absl::Now());
  if (left <= 0) return -1;
  return base::DeadlineAfter(base::nanotime(), left);
}

// ---- KeptAddr ----

void KeptAddr::Set(const char* net, const sockaddr_storage& addr,
                   socklen_t len) {
  known_ = true;
  if (addr.ss_family == AF_INET || addr.ss_family == AF_INET6) {
    Inet inet;
    std::memcpy(&inet, &addr, sizeof(inet));
    value_ = inet;
  } else {
    value_ =
        AddrFromSockaddr(net, reinterpret_cast<const sockaddr*>(&addr), len);
  }
}

bool KeptAddr::IsWildcard() const {
  const Inet* const inet = std::get_if<Inet>(&value_);
  if (!known_) return true;
  if (inet == nullptr) return false;
  return inet->any.sa_family == AF_INET
             ? inet->v4.sin_addr.s_addr == INADDR_ANY
             : IN6_IS_ADDR_UNSPECIFIED(&inet->v6.sin6_addr);
}

Addr KeptAddr::Get(const char* net) const {
  if (!known_) return Addr();
  if (const Addr* const addr = std::get_if<Addr>(&value_)) return *addr;
  return AddrFromSockaddr(net, &std::get<Inet>(value_).any, sizeof(Inet));
}

// ---- Life ----

NetFD::NetFD(int sysfd, int family, int type, const char* net, bool shared,
             bool plain)
    : net_(net), family_(family), type_(type), plain_(plain) {
  fd_.Init(sysfd, FlagsOf(family, type, shared, plain));
}

// The address is wanted for the errors of all that comes later.
absl::Status NetFD::Close() {
  ResolveLocal();
  const int err = fd_.Close();
  return err == 0 ? absl::OkStatus() : Wrap("close", "close", err);
}

absl::Status NetFD::Shutdown(int how) {
  const int err = fd_.Shutdown(how);
  return err == 0 ? absl::OkStatus() : Wrap("close", "shutdown", err);
}

absl::Status NetFD::CloseRead() { return Shutdown(SHUT_RD); }

absl::Status NetFD::CloseWrite() { return Shutdown(SHUT_WR); }

int NetFD::Connect(const sockaddr* addr, socklen_t len) {
  return fd_.Connect(addr, len);
}

absl::StatusOr<std::shared_ptr<NetFD>> NetFD::Accept() {
  sockaddr_storage peer;
  socklen_t len;
  const int fd = fd_.Accept(&peer, &len);
  if (fd < 0) return PollStatus(fd, "accept4");
  auto conn = std::make_shared<NetFD>(fd, family_, type_, net_,
                                      /*shared=*/false, plain_);
  conn->SetRemote(peer, len);
  base::MutexLock lock(&mu_);
  if (!local_.IsWildcard()) conn->InheritLocal(local_);
  return conn;
}

// ---- Addresses and errors ----

void NetFD::SetLocal(const sockaddr_storage& addr, socklen_t len) {
  base::MutexLock lock(&mu_);
  local_.Set(net_, addr, len);
}

void NetFD::InheritLocal(const KeptAddr& addr) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  local_ = addr;  // not shared yet
}

void NetFD::SetRemote(const sockaddr_storage& addr, socklen_t len) {
  remote_.Set(net_, addr, len);
}

// Several may ask the kernel at once, the first answer stays.
void NetFD::ResolveLocal() {
  {
    base::MutexLock lock(&mu_);
    if (local_.known()) return;
  }
  sockaddr_storage addr{};
  socklen_t len = sizeof(addr);
  if (fd_.GetSockName(reinterpret_cast<sockaddr*>(&addr), &len) != 0) return;
  base::MutexLock lock(&mu_);
  if (!local_.known()) local_.Set(net_, addr, len);
}

Addr NetFD::LocalAddr() {
  ResolveLocal();
  base::MutexLock lock(&mu_);
  return local_.Get(net_);
}

Addr NetFD::RemoteAddr() { return remote_.Get(net_); }

absl::Status NetFD::Wrap(std::string_view op, std::string_view syscall,
                         int err) {
  if (err == poll::kErrEOF) return io::EOF();
  return WrapTo(op, RemoteAddr(), PollStatus(err, syscall));
}

absl::Status NetFD::WrapTo(std::string_view op, const Addr& to,
                           const absl::Status& inner) {
  return base::MakeOpError(op, net_, TextOrNothing(LocalAddr()),
                           TextOrNothing(to), inner);
}

absl::Status NetFD::WrapOwn(std::string_view op, std::string_view syscall,
                            int err) {
  return base::MakeOpError(op, net_, "", TextOrNothing(LocalAddr()),
                           PollStatus(err, syscall));
}

// ---- Reading, writing, waiting ----

io::Result NetFD::Read(std::span<char> buf) {
  const ssize_t n = fd_.Read(buf.data(), buf.size());
  if (n >= 0) return {static_cast<size_t>(n), absl::OkStatus()};
  if (n == poll::kErrEOF &&
      ends_read_.fetch_add(1, base::kRelaxed) + 1 == kEndlessReads) {
    WarnOfEndlessReads();
  }
  return {0, Wrap("read", "read", static_cast<int>(n))};
}

// A loop that takes the end for "nothing yet" burns a processor, and nothing
// fails.
void NetFD::WarnOfEndlessReads() {
  runtime::LogWarning(absl::StrCat(
      "read ", net_, " ", TextOrNothing(LocalAddr()), ": ", kEndlessReads,
      " Reads behind the end of the input; io::EOF() is final, leave the loop "
      "(docs/MISTAKES.md)\n",
      runtime::Stack(/*all=*/false)));
}

io::Result NetFD::Write(std::string_view data) {
  size_t written;
  const int err = fd_.Write(data.data(), data.size(), &written);
  if (err == 0) return {written, absl::OkStatus()};
  return {written, Wrap("write", "write", err)};
}

io::Result NetFD::Writev(std::span<const std::string_view> bufs) {
  size_t written;
  const int err = fd_.Writev(bufs, &written);
  if (err == 0) return {written, absl::OkStatus()};
  return {written, Wrap("writev", "writev", err)};
}

// The function that ends the wait runs in a goroutine of the context's, beside
// us; `done` keeps what it uses alive until it has finished.
absl::Status NetFD::WaitRead(const context::Context& ctx) {
  int err;
  if (!ctx) {
    err = fd_.WaitRead();
  } else {
    base::Atomic<uint32_t> cancelled{0};
    sync::WaitGroup done;
    done.Add(1);
    const context::StopFunc stop = context::AfterFunc(ctx, [&] {
      cancelled.store(1, base::kSeqCst);
      fd_.CancelWaitRead();
      done.Done();
    });
    err = fd_.WaitRead(&cancelled);
    if (!stop()) done.Wait();
    if (err == poll::kErrCancelled) {
      return WrapTo("read", RemoteAddr(), MapContextError(ctx.Err()));
    }
  }
  return err == 0 ? absl::OkStatus() : Wrap("read", "read", err);
}

absl::Status NetFD::SetDeadlines(absl::Time t, int modes) {
  const int err = fd_.SetDeadline(MonotonicDeadline(t), modes);
  return err == 0 ? absl::OkStatus() : WrapOwn("set", "setdeadline", err);
}

absl::Status NetFD::SetDeadline(absl::Time t) { return SetDeadlines(t, 3); }

absl::Status NetFD::SetReadDeadline(absl::Time t) { return SetDeadlines(t, 1); }

absl::Status NetFD::SetWriteDeadline(absl::Time t) {
  return SetDeadlines(t, 2);
}

// ---- Options ----

absl::Status NetFD::SetOption(int level, int name, int value) {
  const int err = fd_.SetSockOpt(level, name, value);
  return err == 0 ? absl::OkStatus() : WrapOwn("set", "setsockopt", err);
}

absl::Status NetFD::SetLinger(int seconds) {
  const linger value = {seconds >= 0, seconds >= 0 ? seconds : 0};
  const int err =
      fd_.SetSockOptBytes(SOL_SOCKET, SO_LINGER, &value, sizeof(value));
  return OptionStatus(err);
}

absl::Status NetFD::OptionStatus(int err) {
  return err == 0 ? absl::OkStatus() : Wrap("set", "setsockopt", err);
}

// Go: net/fd_unix.go (dup, name).
absl::StatusOr<File> NetFD::DupFile() {
  const int fd = fd_.Dup();
  if (fd < 0) {
    return WrapTo("file", RemoteAddr(), PollStatus(fd, "fcntl"));
  }
  return File(fd, std::string(net_) + ":" + TextOrNothing(LocalAddr()) + "->" +
                      TextOrNothing(RemoteAddr()));
}

}  // namespace parkour::net
