// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "resp.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace resp {
namespace {

absl::StatusOr<std::string> ReadLine(parkour::bufio::Reader& in) {
  auto [line, prefix, err] = in.ReadLine();
  if (!err.ok()) return err;
  if (prefix) return absl::InvalidArgumentError("too big inline request");
  return std::string(line);
}

// The number behind `type` in a line such as "*3" or "$5".
absl::StatusOr<int64_t> Number(const std::string& line, char type,
                               int64_t max) {
  int64_t n = 0;
  if (line.empty() || line[0] != type ||
      !absl::SimpleAtoi(line.c_str() + 1, &n) || n < 0 || n > max) {
    return absl::InvalidArgumentError("invalid length");
  }
  return n;
}

}  // namespace

absl::StatusOr<Command> Read(parkour::bufio::Reader& in) {
  absl::StatusOr<std::string> line = ReadLine(in);
  if (!line.ok()) return line.status();
  if (line->empty() || (*line)[0] != '*') {
    return Command(absl::StrSplit(*line, ' ', absl::SkipEmpty()));
  }
  absl::StatusOr<int64_t> words = Number(*line, '*', kMaxWords);
  if (!words.ok()) return words.status();
  Command command;
  for (int64_t i = 0; i < *words; ++i) {
    line = ReadLine(in);
    if (!line.ok()) return line.status();
    absl::StatusOr<int64_t> size = Number(*line, '$', kMaxBytes);
    if (!size.ok()) return size.status();
    std::string word(static_cast<size_t>(*size) + 2, '\0');
    if (auto r = parkour::io::ReadFull(in, word); !r.ok()) return r.err;
    word.resize(word.size() - 2);
    command.push_back(std::move(word));
  }
  return command;
}

std::string Bulk(const std::string& text) {
  return absl::StrCat("$", text.size(), "\r\n", text, "\r\n");
}

}  // namespace resp
