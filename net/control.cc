// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/control.h"

#include "parkour/base/check.h"

namespace parkour::net::internal {

void RequireContext(const context::Context& ctx) {
  if (!ctx) base::Panic("nil context");
}

ControlFunc ControlHook(const context::Context& ctx, const ControlFunc& control,
                        const ControlContextFunc& with_context) {
  if (!with_context) return control;
  return [ctx, with_context](std::string_view network, std::string_view address,
                             int fd) {
    return with_context(ctx, network, address, fd);
  };
}

KeepAliveConfig KeepAliveHook(absl::Duration period,
                              const KeepAliveConfig& config) {
  if (config.Enable || period < absl::ZeroDuration()) return config;
  return {.Enable = true, .Idle = period};
}

}  // namespace parkour::net::internal
