// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// resolve.h: what names stand for.
//
// See: Go: src/net/ipsock.go

#ifndef PARKOUR_NET_RESOLVE_H_
#define PARKOUR_NET_RESOLVE_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "parkour/net/addr.h"

namespace parkour::net {

// What "host:port" stands for on "tcp", "tcp4" or "tcp6"; never empty. An
// empty `address` or host gives one entry without ip; a literal gives itself,
// and "::" also 0.0.0.0, for hosts with half of IPv6; "localhost" both
// loopbacks. 4 and 6 filter the result.
// Errors: those of SplitHostPort and ParsePort, "unknown network X", "address
// A: no suitable address found" (kInvalidArgument), "lookup NAME: no such host"
// (kNotFound), for every other name.
absl::StatusOr<std::vector<TCPAddr>> ResolveTCPAddrs(std::string_view network,
                                                     std::string_view address);

}  // namespace parkour::net

#endif  // PARKOUR_NET_RESOLVE_H_
