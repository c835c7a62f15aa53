// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// resp.h: RESP2, the protocol of redis-cli: commands in, replies out.

#ifndef PARKOUR_EXAMPLES_RESP_RESP_H_
#define PARKOUR_EXAMPLES_RESP_RESP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "parkour/bufio/bufio.h"
#include "parkour/io/copy.h"

namespace resp {

inline constexpr int64_t kMaxWords = 1024;
inline constexpr int64_t kMaxBytes = int64_t{1} << 20;

using Command = std::vector<std::string>;

// The next command, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n" or "GET a\r\n". What is
// neither is kInvalidArgument; the end is io::EOF().
absl::StatusOr<Command> Read(parkour::bufio::Reader& in);

// A string as a reply.
std::string Bulk(const std::string& text);

}  // namespace resp

#endif  // PARKOUR_EXAMPLES_RESP_RESP_H_
