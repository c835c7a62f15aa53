// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// fetch.h: the page behind a path of a web site.

#ifndef PARKOUR_EXAMPLES_CRAWLER_FETCH_H_
#define PARKOUR_EXAMPLES_CRAWLER_FETCH_H_

#include <string>

#include "absl/status/statusor.h"
#include "parkour/context/context.h"

// Gives up when the context ends.
absl::StatusOr<std::string> Fetch(parkour::context::Context ctx,
                                  std::string address, std::string path);

#endif  // PARKOUR_EXAMPLES_CRAWLER_FETCH_H_
