// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Dial and Listen: from names to sockets, and the operation's name around the
// error.
//
// Go: src/net/dial.go

#include <algorithm>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "parkour/base/clock.h"
#include "parkour/base/error.h"
#include "parkour/net/net.h"
#include "parkour/net/resolve.h"
#include "parkour/net/sock_posix.h"

namespace parkour::net {
namespace {

// What is left is split over the addresses, but each gets two seconds if
// there are as many.
int64_t PartialDeadline(int64_t now, int64_t deadline, size_t addresses) {
  if (deadline == 0) return 0;
  if (deadline <= now) return -1;
  constexpr int64_t kSaneMinimum = 2000000000;
  const int64_t left = deadline - now;
  const int64_t share = std::max(left / static_cast<int64_t>(addresses),
                                 std::min(left, kSaneMinimum));
  return now + share;
}

absl::Status DialError(std::string_view network, std::string_view addr,
                       const absl::Status& inner) {
  return base::MakeOpError("dial", network, "", addr, inner);
}

const char* StaticTCP(std::string_view network) {
  for (const char* known : {"tcp", "tcp4", "tcp6"}) {
    if (network == known) return known;
  }
  return nullptr;
}

absl::StatusOr<Conn> DialSerial(const char* network,
                                const std::vector<TCPAddr>& addrs,
                                int64_t deadline) {
  absl::Status first;
  for (size_t i = 0; i < addrs.size(); ++i) {
    const int64_t partial =
        PartialDeadline(base::nanotime(), deadline, addrs.size() - i);
    absl::StatusOr<Conn> conn =
        partial < 0 ? base::ErrDeadlineExceeded()
                    : DialSocket(network, Addr(), addrs[i], partial);
    if (conn.ok()) return conn;
    if (first.ok()) {
      first = DialError(network, addrs[i].String(), conn.status());
    }
    if (partial < 0) break;
  }
  return first;
}

}  // namespace

absl::StatusOr<Conn> DialTimeout(std::string_view network,
                                 std::string_view address,
                                 absl::Duration timeout) {
  int64_t deadline = 0;
  if (timeout != absl::ZeroDuration() && timeout != absl::InfiniteDuration()) {
    deadline = std::max<int64_t>(
        base::DeadlineAfter(base::nanotime(),
                            absl::ToInt64Nanoseconds(timeout)),
        1);
  }
  const char* const known = StaticTCP(network);
  if (known == nullptr) {
    return DialError(network, "", base::ErrUnknownNetwork(network));
  }
  if (address.empty()) {
    return DialError(network, "",
                     absl::InvalidArgumentError("missing address"));
  }
  absl::StatusOr<std::vector<TCPAddr>> addrs =
      ResolveTCPAddrs(network, address);
  if (!addrs.ok()) return DialError(network, "", addrs.status());
  return DialSerial(known, *addrs, deadline);
}

absl::StatusOr<Conn> Dial(std::string_view network, std::string_view address) {
  return DialTimeout(network, address, absl::ZeroDuration());
}

absl::StatusOr<Listener> Listen(std::string_view network,
                                std::string_view address) {
  const auto fail = [&](std::string_view addr, const absl::Status& inner) {
    return base::MakeOpError("listen", network, "", addr, inner);
  };
  const char* const known = StaticTCP(network);
  if (known == nullptr) {
    return fail("", base::ErrUnknownNetwork(network));
  }
  absl::StatusOr<std::vector<TCPAddr>> addrs =
      ResolveTCPAddrs(network, address);
  if (!addrs.ok()) return fail("", addrs.status());
  // The first IPv4 address, else the first.
  const auto v4 =
      std::find_if(addrs->begin(), addrs->end(),
                   [](const TCPAddr& a) { return !a.ip.To4().empty(); });
  const TCPAddr& addr = v4 != addrs->end() ? *v4 : addrs->front();
  absl::StatusOr<Listener> listener = ListenSocket(known, addr);
  if (!listener.ok()) return fail(addr.String(), listener.status());
  return listener;
}

}  // namespace parkour::net
