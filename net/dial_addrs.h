// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// dial_addrs.h: dialling a list of addresses, in turn and against each other.
//
// Deadlines are nanotime; 0: none.
//
// See: Go: src/net/dial.go (dialParallel, dialSerial, partialDeadline)

#ifndef PARKOUR_NET_DIAL_ADDRS_H_
#define PARKOUR_NET_DIAL_ADDRS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/context/context.h"
#include "parkour/net/addrlist.h"
#include "parkour/net/conn.h"

namespace parkour::net::internal {

// What a dial is about.
struct DialPlan {
  std::string network;
  Addr local{};  // for errors
  int64_t deadline = 0;
  // One attempt; its error is without the operation. Tests bring their own.
  std::function<absl::StatusOr<Conn>(const context::Context& ctx,
                                     const Addr& remote, int64_t deadline)>
      dial_one;
};

// One after the other. The first error, if all fail.
absl::StatusOr<Conn> DialSerial(const DialPlan& plan,
                                const context::Context& ctx,
                                const AddrList& addrs);

// The two lists against each other; the fallbacks begin after `delay`, or when
// the primaries have failed. The primaries' error, if both fail. The loser is
// cancelled and waited for. No fallbacks: DialSerial.
absl::StatusOr<Conn> DialParallel(const DialPlan& plan,
                                  const context::Context& ctx,
                                  const AddrList& primaries,
                                  const AddrList& fallbacks,
                                  absl::Duration delay);

// Until when one of `addresses` that are left may be tried: an equal share of
// the time, but two seconds if there are as many. 0 for no deadline, -1 if it
// has passed.
int64_t PartialDeadline(int64_t now, int64_t deadline, size_t addresses);

}  // namespace parkour::net::internal

#endif  // PARKOUR_NET_DIAL_ADDRS_H_
