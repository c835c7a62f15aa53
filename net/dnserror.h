// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// dnserror.h: a name that could not be looked up, and why.
//
//   auto addrs = net::LookupHost(ctx, "no..such.host");
//   if (auto e = net::DNSErrorOf(addrs.status()); e && e->IsNotFound) {
//     Forget(e->Name);          // lookup no..such.host: no such host
//   }
//
// Status codes: kNotFound if there is no such name or port, kDeadlineExceeded
// and kCancelled for a context's end, kUnavailable if trying again may help.
// DNSErrorOf sees through the errors of Dial and Listen.
//
// Blocking: no; values. See: Go: net.DNSError

#ifndef PARKOUR_NET_DNSERROR_H_
#define PARKOUR_NET_DNSERROR_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace parkour::net {

struct DNSError {
  std::string Err{};         // what went wrong: "no such host"
  std::string Name{};        // what was looked up
  std::string Server{};      // who was asked; empty: the system
  bool IsTimeout = false;    // not all timeouts are known to be one
  bool IsTemporary = false;  // not all temporary errors are, either
  bool IsNotFound = false;   // there is no such name
};

// What a lookup's status says; nullopt for other errors.
std::optional<DNSError> DNSErrorOf(const absl::Status& status);

// "lookup NAME: why" or "lookup NAME on SERVER: why".
absl::Status MakeDNSError(const DNSError& error, absl::StatusCode code);

// IsNotFound, kNotFound.
absl::Status ErrNoSuchHost(std::string_view name);   // "no such host"
absl::Status ErrUnknownPort(std::string_view name);  // "unknown port"

// `inner`, which ended the lookup, with its code and flags.
absl::Status WrapDNSError(std::string_view name, const absl::Status& inner);

}  // namespace parkour::net

#endif  // PARKOUR_NET_DNSERROR_H_
