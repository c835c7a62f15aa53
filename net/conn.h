// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// conn.h: the three handles of package net, and what stands behind them.
//
// Conn is a stream or a datagram socket with a fixed peer, Listener a source of
// Conns, PacketConn a datagram socket. A handle shares one object with its
// copies; its methods are const. Behind it is a ConnImpl, ListenerImpl or
// PacketConnImpl (conn_impl.h): a socket, an in-memory Pipe, or a class of
// yours. ConnWrapper is the base of those that change one thing about another
// connection:
//
//   class Counted final : public net::ConnWrapper {
//    public:
//     using ConnWrapper::ConnWrapper;
//     io::Result Write(std::string_view data) override {
//       io::Result put = conn().Write(data);
//       total += put.n;
//       return put;
//     }
//     uint64_t total = 0;
//   };
//   net::Conn conn = net::MakeConn<Counted>(inner);
//
// As: `conn.As<net::TCPConn>()` is Go's conn.(*net.TCPConn): a handle of the
// same socket, nil if it is something else; a wrapper is something else.
// `conn.As<Counted>()` gives a std::shared_ptr<Counted>.
//
// A default-constructed handle is Go's nil: every call fails with "invalid
// argument", its addresses are nil.
//
// Blocking: Read, Write, WaitRead, Accept, ReadFrom, WriteTo and Close park the
//           goroutine; in a plain thread they block it. The rest returns at
//           once.
// Thread-safety: all methods. Reads of one connection are served one after
//           another, writes too; a read and a write run side by side. Close
//           wakes whoever is parked and waits for whoever is inside.
// See:      net.h for Dial and Listen; docs/GUARANTEES.md#errors; Go:
//           src/net/net.go

#ifndef PARKOUR_NET_CONN_H_
#define PARKOUR_NET_CONN_H_

#include <concepts>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/context/context.h"
#include "parkour/io/io.h"
#include "parkour/net/addr.h"
#include "parkour/net/conn_impl.h"
#include "parkour/net/packet.h"

namespace parkour::net {

class Conn {
 public:
  Conn() = default;
  explicit Conn(std::shared_ptr<ConnImpl> impl) : impl_(std::move(impl)) {}

  // Reads what is there, at least one byte and at most buf.size(); parks until
  // there is some. {0, io::EOF()} when the peer has finished sending; {0, OK}
  // only if buf is empty, or for an empty datagram. Go: net.Conn.Read.
  io::Result Read(std::span<char> buf) const {
    return impl_ ? impl_->Read(buf) : io::Result{0, internal::NilHandle()};
  }

  // Writes all of it, in one piece with respect to other Writes. n tells how
  // much went out before an error. Never raises SIGPIPE. Go: net.Conn.Write.
  io::Result Write(std::string_view data) const {
    return impl_ ? impl_->Write(data) : io::Result{0, internal::NilHandle()};
  }

  // Writes all buffers one after the other as if they were one. n is the sum
  // over all. Go: net.Buffers.WriteTo.
  io::Result Writev(std::span<const std::string_view> bufs) const;

  // Parks until a Read would return at once, be it with bytes, the end or an
  // error; needs no buffer meanwhile. Fails only where the wait does: deadline,
  // Close, or `ctx` ("operation was canceled"). A wait behind another
  // goroutine's Read does not notice `ctx` before that Read is over.
  absl::Status WaitRead() const { return WaitRead(context::Context()); }
  absl::Status WaitRead(const context::Context& ctx) const;

  // Pending and later operations fail with "use of closed network
  // connection". Go: net.Conn.Close.
  absl::Status Close() const;

  // Closes one direction: the peer reads EOF after CloseWrite.
  absl::Status CloseRead() const;
  absl::Status CloseWrite() const;

  // The two ends; valid after Close too. The local end of an accepted
  // connection is where the listener listens, unless that is a wildcard.
  Addr LocalAddr() const;
  Addr RemoteAddr() const;

  // When pending and later Reads, Writes or both fail with "i/o timeout".
  // absl::InfiniteFuture() takes the deadline back. A passed deadline stays
  // until it is set again. Go: net.Conn.SetDeadline.
  absl::Status SetDeadline(absl::Time t) const;
  absl::Status SetReadDeadline(absl::Time t) const;
  absl::Status SetWriteDeadline(absl::Time t) const;

  // For io::Copy: writes all that `r` has. From a stream socket or a file
  // without taking the bytes through memory of the process (splice, sendfile),
  // if this is a stream socket. Go: net.TCPConn.ReadFrom.
  bool HasReadFrom() const { return impl_ && impl_->HasReadFrom(); }
  io::Result ReadFrom(io::ReaderRef r) const;

  // See the head of this file.
  template <typename T>
  auto As() const {
    return internal::As<T>(impl_);
  }

  explicit operator bool() const { return impl_ != nullptr; }
  friend bool operator==(const Conn& a, const Conn& b) = default;

 protected:
  std::shared_ptr<ConnImpl> impl_;
};

// A connection that is `conn` in all that a derived class does not override;
// except that Writev and ReadFrom come as calls of Write, which it may have
// changed. Override them as well to have what `conn` does better.
class ConnWrapper : public ConnImpl {
 public:
  explicit ConnWrapper(Conn conn) : conn_(std::move(conn)) {}

  io::Result Read(std::span<char> buf) override { return conn_.Read(buf); }
  io::Result Write(std::string_view data) override { return conn_.Write(data); }
  absl::Status Close() override { return conn_.Close(); }
  Addr LocalAddr() override { return conn_.LocalAddr(); }
  Addr RemoteAddr() override { return conn_.RemoteAddr(); }
  absl::Status SetDeadline(absl::Time t) override;
  absl::Status SetReadDeadline(absl::Time t) override;
  absl::Status SetWriteDeadline(absl::Time t) override;
  absl::Status WaitRead(const context::Context& ctx) override;
  absl::Status CloseRead() override { return conn_.CloseRead(); }
  absl::Status CloseWrite() override { return conn_.CloseWrite(); }

 protected:
  const Conn& conn() const { return conn_; }

 private:
  const Conn conn_;
};

template <std::derived_from<ConnImpl> T, typename... Args>
Conn MakeConn(Args&&... args) {
  return Conn(std::make_shared<T>(std::forward<Args>(args)...));
}

class Listener {
 public:
  Listener() = default;
  explicit Listener(std::shared_ptr<ListenerImpl> impl)
      : impl_(std::move(impl)) {}

  // The next connection. Survives connections that were reset while they
  // queued; EMFILE and its kin are reported, and the listener goes on.
  // Go: net.Listener.Accept.
  absl::StatusOr<Conn> Accept() const;

  // Pending and later Accepts fail with "use of closed network connection".
  absl::Status Close() const;

  // Where it listens, with the port that the system chose.
  net::Addr Addr() const;

  // When pending and later Accepts fail with "i/o timeout".
  absl::Status SetDeadline(absl::Time t) const;

  template <typename T>
  auto As() const {
    return internal::As<T>(impl_);
  }

  explicit operator bool() const { return impl_ != nullptr; }
  friend bool operator==(const Listener& a, const Listener& b) = default;

 protected:
  std::shared_ptr<ListenerImpl> impl_;
};

class PacketConn {
 public:
  PacketConn() = default;
  explicit PacketConn(std::shared_ptr<PacketConnImpl> impl)
      : impl_(std::move(impl)) {}

  // One datagram and where it comes from; what does not fit into buf is lost.
  // Go: net.PacketConn.ReadFrom.
  ReadFromResult ReadFrom(std::span<char> buf) const;

  // Sends `data` as one datagram. Go: net.PacketConn.WriteTo.
  io::Result WriteTo(std::string_view data, const Addr& addr) const;

  // As Conn's.
  absl::Status Close() const;
  Addr LocalAddr() const;
  absl::Status SetDeadline(absl::Time t) const;
  absl::Status SetReadDeadline(absl::Time t) const;
  absl::Status SetWriteDeadline(absl::Time t) const;

  template <typename T>
  auto As() const {
    return internal::As<T>(impl_);
  }

  explicit operator bool() const { return impl_ != nullptr; }
  friend bool operator==(const PacketConn& a, const PacketConn& b) = default;

 private:
  std::shared_ptr<PacketConnImpl> impl_;
};

}  // namespace parkour::net

#endif  // PARKOUR_NET_CONN_H_
