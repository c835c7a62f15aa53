// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The payload: flags, the lengths of name and server, then name, server and
// error one after the other: "n 12 0 no.such.hostno such host". Names may
// contain anything.

#include "parkour/net/dnserror.h"

#include <charconv>
#include <cstddef>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "parkour/base/error.h"

namespace parkour::net {
namespace {

constexpr absl::string_view kTypeUrl = "parkour.dev/dns-error";

std::string Encode(const DNSError& e) {
  std::string out = "-";
  if (e.IsTimeout) out += 't';
  if (e.IsTemporary) out += 'a';
  if (e.IsNotFound) out += 'n';
  out += ' ' + std::to_string(e.Name.size()) + ' ' +
         std::to_string(e.Server.size()) + ' ';
  out += e.Name;
  out += e.Server;
  out += e.Err;
  return out;
}

bool TakeLength(std::string_view* s, size_t* length) {
  const char* const end = s->data() + s->size();
  const auto [ptr, error] = std::from_chars(s->data(), end, *length);
  if (error != std::errc() || ptr == end || *ptr != ' ') return false;
  s->remove_prefix(static_cast<size_t>(ptr - s->data()) + 1);
  return true;
}

}  // namespace

// Anyone can set a payload under our URL: what is not understood is no error
// of ours.
std::optional<DNSError> DNSErrorOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kTypeUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string encoded(*payload);
  std::string_view rest = encoded;
  const size_t space = rest.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view flags = rest.substr(0, space);
  rest.remove_prefix(space + 1);
  size_t name = 0;
  size_t server = 0;
  if (!TakeLength(&rest, &name) || !TakeLength(&rest, &server) ||
      name > rest.size() || server > rest.size() - name) {
    return std::nullopt;
  }
  const auto has = [flags](char c) {
    return flags.find(c) != std::string_view::npos;
  };
  return DNSError{.Err = std::string(rest.substr(name + server)),
                  .Name = std::string(rest.substr(0, name)),
                  .Server = std::string(rest.substr(name, server)),
                  .IsTimeout = has('t'),
                  .IsTemporary = has('a'),
                  .IsNotFound = has('n')};
}

// Go: net.go:DNSError.Error.
absl::Status MakeDNSError(const DNSError& error, absl::StatusCode code) {
  std::string text = "lookup ";
  text += error.Name;
  if (!error.Server.empty()) {
    text += " on ";
    text += error.Server;
  }
  text += ": ";
  text += error.Err;
  absl::Status status = base::ErrFlagged(code, text, error.IsTimeout,
                                         error.IsTimeout || error.IsTemporary);
  status.SetPayload(kTypeUrl, absl::Cord(Encode(error)));
  return status;
}

absl::Status ErrNoSuchHost(std::string_view name) {
  return MakeDNSError(
      {.Err = "no such host", .Name = std::string(name), .IsNotFound = true},
      absl::StatusCode::kNotFound);
}

absl::Status ErrUnknownPort(std::string_view name) {
  return MakeDNSError(
      {.Err = "unknown port", .Name = std::string(name), .IsNotFound = true},
      absl::StatusCode::kNotFound);
}

absl::Status WrapDNSError(std::string_view name, const absl::Status& inner) {
  return MakeDNSError({.Err = std::string(inner.message()),
                       .Name = std::string(name),
                       .IsTimeout = base::IsTimeout(inner),
                       .IsTemporary = base::IsTemporary(inner)},
                      inner.code());
}

}  // namespace parkour::net
