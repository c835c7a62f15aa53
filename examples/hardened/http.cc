// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "examples/hardened/http.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace hardened {
namespace {

// Takes lines off a reader until there were too many bytes.
class Lines {
 public:
  Lines(parkour::bufio::Reader& in, size_t bytes) : in_(in), left_(bytes) {}

  absl::StatusOr<std::string> Next() {
    std::string whole;
    for (;;) {
      const auto [line, prefix, err] = in_.ReadLine();
      // The input may end where a part does.
      if (!whole.empty() && parkour::io::IsEOF(err)) return whole;
      if (!err.ok()) return err;
      if (line.size() >= left_) {
        return absl::ResourceExhaustedError("the headers are too long");
      }
      left_ -= line.size() + 1;
      whole += line;
      if (!prefix) return whole;
    }
  }

 private:
  parkour::bufio::Reader& in_;
  size_t left_;
};

bool IsToken(absl::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
        !absl::StrContains("!#$%&'*+-.^_`|~", c)) {
      return false;
    }
  }
  return true;
}

absl::Status TakeRequestLine(const std::string& line, Request* request) {
  const std::vector<std::string> parts = absl::StrSplit(line, ' ');
  if (parts.size() != 3 || !IsToken(parts[0]) || parts[1].empty() ||
      parts[1][0] != '/' ||
      (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0")) {
    return absl::InvalidArgumentError("not a request");
  }
  request->method = parts[0];
  request->target = parts[1];
  request->keep_alive = parts[2] == "HTTP/1.1";
  return absl::OkStatus();
}

absl::Status TakeHeader(const std::string& line, Request* request) {
  const size_t colon = line.find(':');
  if (colon == line.npos ||
      !IsToken(absl::string_view(line).substr(0, colon))) {
    return absl::InvalidArgumentError("not a header");
  }
  const std::string name = absl::AsciiStrToLower(line.substr(0, colon));
  const absl::string_view value =
      absl::StripAsciiWhitespace(absl::string_view(line).substr(colon + 1));
  if (name == "connection") {
    if (absl::EqualsIgnoreCase(value, "close")) request->keep_alive = false;
  } else if (name == "transfer-encoding" ||
             (name == "content-length" && value != "0")) {
    return absl::InvalidArgumentError("a body is not expected");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Request> ReadRequest(parkour::bufio::Reader& in,
                                    const HeaderLimits& limits) {
  Lines lines(in, limits.bytes);
  absl::StatusOr<std::string> line = lines.Next();
  if (!line.ok()) return line.status();
  Request request;
  if (absl::Status err = TakeRequestLine(*line, &request); !err.ok()) {
    return err;
  }
  for (int n = 0; n <= limits.lines; ++n) {
    line = lines.Next();
    if (!line.ok()) {
      return parkour::io::IsEOF(line.status()) ? parkour::io::ErrUnexpectedEOF()
                                               : line.status();
    }
    if (line->empty()) return request;
    if (absl::Status err = TakeHeader(*line, &request); !err.ok()) return err;
  }
  return absl::ResourceExhaustedError("there are too many headers");
}

std::string Response(std::string_view status, std::string_view body,
                     bool keep_alive) {
  return absl::StrCat(
      "HTTP/1.1 ", absl::string_view(status.data(), status.size()),
      "\r\nContent-Type: text/plain\r\nContent-Length: ", body.size(),
      keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n",
      absl::string_view(body.data(), body.size()));
}

}  // namespace hardened
