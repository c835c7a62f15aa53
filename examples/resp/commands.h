// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// commands.h: what the server can do, and the keys and values that it keeps.

#ifndef PARKOUR_EXAMPLES_RESP_COMMANDS_H_
#define PARKOUR_EXAMPLES_RESP_COMMANDS_H_

#include <string>

#include "resp.h"

// The reply to a command of one word at least. From any goroutine.
std::string Execute(const resp::Command& command);

#endif  // PARKOUR_EXAMPLES_RESP_COMMANDS_H_
