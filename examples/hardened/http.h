// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// http.h: as much of HTTP/1.1 as a server needs to answer GET, with a limit for
// everything that a client can make long.
//
//   absl::StatusOr<Request> request = ReadRequest(in, limits);
//   if (io::IsEOF(request.status())) return;   // no further request
//
// Blocking: ReadRequest where the reader does.

#ifndef PARKOUR_EXAMPLES_HARDENED_HTTP_H_
#define PARKOUR_EXAMPLES_HARDENED_HTTP_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "parkour/bufio/bufio.h"

namespace hardened {

struct HeaderLimits {
  size_t bytes = 16 << 10;  // of the request line and all headers
  int lines = 100;
};

struct Request {
  std::string method;
  std::string target;
  bool keep_alive = true;
};

// The next request, without a body: one that announces a body is refused.
// Errors: EOF, if none has begun; the reader's; kInvalidArgument if it is no
// request, kResourceExhausted if it is too long.
absl::StatusOr<Request> ReadRequest(parkour::bufio::Reader& in,
                                    const HeaderLimits& limits);

// An answer in full. `status`: "200 OK".
std::string Response(std::string_view status, std::string_view body,
                     bool keep_alive);

}  // namespace hardened

#endif  // PARKOUR_EXAMPLES_HARDENED_HTTP_H_
