// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// conn_impl.h: what stands behind the handles of conn.h. Derive from it to make
// a connection of your own, or from ConnWrapper (conn.h) to change another's.
//
//   class Silence final : public net::ConnImpl {
//    public:
//     io::Result Read(std::span<char>) override { return {0, io::EOF()}; }
//     io::Result Write(std::string_view s) override { return {s.size(), {}}; }
//     ...
//   };
//   net::Conn conn = net::MakeConn<Silence>();
//
// Requires: the contracts of the handles' functions, which call these; safe for
//           use by several goroutines at once.
// Lifetime: shared by the handles; the last to go destroys it.
// Blocking: as the implementation.
// See:      conn.h; Go: the interfaces Conn, Listener, PacketConn of net.go

#ifndef PARKOUR_NET_CONN_IMPL_H_
#define PARKOUR_NET_CONN_IMPL_H_

#include <concepts>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/context/context.h"
#include "parkour/io/io.h"
#include "parkour/net/addr.h"
#include "parkour/net/packet.h"

namespace parkour::net {

class Conn;

// What stands behind a Conn. The first seven are Go's net.Conn, their contracts
// are Conn's; the others have the answer of a connection that cannot do it.
class ConnImpl {
 public:
  virtual ~ConnImpl() = default;

  virtual io::Result Read(std::span<char> buf) = 0;
  virtual io::Result Write(std::string_view data) = 0;
  virtual absl::Status Close() = 0;
  virtual Addr LocalAddr() = 0;
  virtual Addr RemoteAddr() = 0;
  virtual absl::Status SetReadDeadline(absl::Time t) = 0;
  virtual absl::Status SetWriteDeadline(absl::Time t) = 0;

  // By default both of the above.
  virtual absl::Status SetDeadline(absl::Time t);
  // By default one Write for each.
  virtual io::Result Writev(std::span<const std::string_view> bufs);
  // By default "operation not supported". A nil `ctx` never ends.
  virtual absl::Status WaitRead(const context::Context& ctx);
  virtual absl::Status CloseRead();
  virtual absl::Status CloseWrite();
  // Whether there is a better way than a buffer to write all that a reader
  // has. By default not.
  virtual bool HasReadFrom();
  virtual io::Result ReadFrom(io::ReaderRef r);
};

class ListenerImpl {
 public:
  virtual ~ListenerImpl() = default;
  virtual absl::StatusOr<Conn> Accept() = 0;
  virtual absl::Status Close() = 0;
  virtual net::Addr Addr() = 0;
  // By default "operation not supported".
  virtual absl::Status SetDeadline(absl::Time t);
};

class PacketConnImpl {
 public:
  virtual ~PacketConnImpl() = default;
  virtual ReadFromResult ReadFrom(std::span<char> buf) = 0;
  virtual io::Result WriteTo(std::string_view data, const Addr& addr) = 0;
  virtual absl::Status Close() = 0;
  virtual Addr LocalAddr() = 0;
  virtual absl::Status SetDeadline(absl::Time t) = 0;
  virtual absl::Status SetReadDeadline(absl::Time t) = 0;
  virtual absl::Status SetWriteDeadline(absl::Time t) = 0;
};

namespace internal {

// "invalid argument", what a nil handle says to everything.
absl::Status NilHandle();

// Handles that As may give: they know how to be made of another's object.
template <typename T, typename Impl>
concept HandleOf = requires(const std::shared_ptr<Impl>& impl) {
  { T::From(impl) } -> std::same_as<T>;
};

template <typename T, typename Impl>
auto As(const std::shared_ptr<Impl>& impl) {
  if constexpr (HandleOf<T, Impl>) {
    return T::From(impl);
  } else {
    return std::dynamic_pointer_cast<T>(impl);
  }
}

}  // namespace internal

}  // namespace parkour::net

#endif  // PARKOUR_NET_CONN_IMPL_H_
