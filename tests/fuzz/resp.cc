// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Requests of examples/resp: the same in whatever pieces they come.

#include "examples/resp/resp.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parkour/tests/fuzz/fragments.h"
#include "parkour/tests/fuzz/target.h"

namespace parkour::tests {

const char kFuzzCorpus[] = "resp";
const char kFuzzTokens[] =
    "*1\r\n *2\r\n $3\r\n $0\r\n\r\n \r\n *-1\r\n $-1\r\n *1025\r\n "
    "$1048577\r\n GET "
    "SET *9223372036854775808\r\n";

namespace {

// All commands until the end or an error, and how it ended.
std::pair<std::vector<resp::Command>, std::string> Commands(
    std::string_view text, uint32_t seed, uint32_t most) {
  Fragments in(text, seed, most);
  bufio::Reader reader(in);
  std::vector<resp::Command> commands;
  for (;;) {
    absl::StatusOr<resp::Command> command = resp::Read(reader);
    if (!command.ok()) {
      return {commands, std::string(command.status().message())};
    }
    Require(static_cast<int64_t>(command->size()) <= resp::kMaxBytes,
            "a command is bounded");
    commands.push_back(*std::move(command));
  }
}

}  // namespace

void FuzzOne(std::string_view input) {
  Choices choices(input.substr(0, std::min<size_t>(input.size(), 2)));
  const uint32_t seed = choices.Below(65536);
  const std::string_view text = input.substr(std::min<size_t>(input.size(), 2));
  const auto whole = Commands(text, seed, 1 << 16);
  Require(whole == Commands(text, seed, 7), "pieces do not matter");
  // What was understood, written in full, is understood again.
  std::string written;
  for (const resp::Command& command : whole.first) {
    if (command.size() > static_cast<size_t>(resp::kMaxWords)) return;
    absl::StrAppend(&written, "*", command.size(), "\r\n");
    for (const std::string& word : command) written += resp::Bulk(word);
  }
  Require(Commands(written, seed, 100).first == whole.first,
          "a command is read back");
}

}  // namespace parkour::tests
