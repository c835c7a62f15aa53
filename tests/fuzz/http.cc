// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Requests to examples/hardened: bounded, and the same in whatever pieces.

#include "examples/hardened/http.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "parkour/tests/fuzz/fragments.h"
#include "parkour/tests/fuzz/target.h"

namespace parkour::tests {

const char kFuzzCorpus[] = "http";
const char kFuzzTokens[] =
    "GET / HTTP/1.1\r\n \r\n\r\n Connection: close\r\n : Content-Length: 0\r\n "
    "Transfer-Encoding: chunked\r\n X:y\r\n \n";

namespace {

constexpr hardened::HeaderLimits kLimits = {.bytes = 300, .lines = 8};

// All requests until the first that is none, and what became of that.
std::pair<std::vector<std::string>, std::string> Requests(std::string_view text,
                                                          uint32_t seed,
                                                          uint32_t most) {
  Fragments in(text, seed, most);
  bufio::Reader reader(in, 32);
  std::vector<std::string> requests;
  for (;;) {
    const absl::StatusOr<hardened::Request> r =
        hardened::ReadRequest(reader, kLimits);
    if (!r.ok()) return {requests, std::string(r.status().message())};
    Require(r->method.size() + r->target.size() < kLimits.bytes,
            "a request is bounded");
    Require(!r->target.empty() && r->target[0] == '/', "a target is a path");
    requests.push_back(
        absl::StrCat(r->method, " ", r->target, " ", r->keep_alive));
  }
}

}  // namespace

void FuzzOne(std::string_view input) {
  const size_t n = std::min<size_t>(input.size(), 2);
  Choices choices(input.substr(0, n));
  const uint32_t seed = choices.Below(65536);
  const auto whole = Requests(input.substr(n), seed, 1 << 16);
  Require(whole == Requests(input.substr(n), seed, 7), "pieces do not matter");
}

}  // namespace parkour::tests
