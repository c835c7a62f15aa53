// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <memory>

#include "parkour/base/check.h"

namespace parkour::runtime {
namespace {

std::shared_ptr<spdlog::logger> Logger() {
  if (auto logger = spdlog::get("parkour")) return logger;
  auto logger = spdlog::stderr_logger_mt("parkour");
  logger->set_level(spdlog::level::warn);
  return logger;
}

}  // namespace

void LogWarning(std::string_view message) {
  try {
    Logger()->warn(spdlog::string_view_t(message.data(), message.size()));
  } catch (const std::exception&) {
    // Two threads made the logger at once, or there is no memory: the message
    // matters more than its format.
    base::WriteStderr(message);
    base::WriteStderr("\n");
  }
}

}  // namespace parkour::runtime
