// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// dnsname.h: what may be a host's name.
//
// See: Go: src/net/dnsclient.go

#ifndef PARKOUR_NET_DNSNAME_H_
#define PARKOUR_NET_DNSNAME_H_

#include <string>
#include <string_view>

namespace parkour::net {

// Whether `name` has the form of a domain name: labels of letters, digits, '-'
// and '_', not numbers alone, of sane lengths.
bool IsDomainName(std::string_view name);

// The name with a '.' at its end if it has one inside: what a search list must
// not be applied to. Names without a '.' stay as they are.
std::string AbsoluteDomainName(std::string_view name);

std::string LowerASCII(std::string_view text);

}  // namespace parkour::net

#endif  // PARKOUR_NET_DNSNAME_H_
