// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// proto.h: profiles as profile.proto, compressed: "debug=0".
//
// See: github.com/google/pprof/proto/profile.proto; Go:
//      src/runtime/pprof/proto.go (profileBuilder)

#ifndef PARKOUR_PPROF_PROTO_H_
#define PARKOUR_PPROF_PROTO_H_

#include <string>
#include <vector>

#include "parkour/pprof/frames.h"
#include "parkour/pprof/sample.h"

namespace parkour::runtime::pprof {

std::string Encode(const Measure& measure, const std::vector<Sample>& samples,
                   Symbols* symbols);

// Gzip.
std::string Compress(const std::string& data);

}  // namespace parkour::runtime::pprof

#endif  // PARKOUR_PPROF_PROTO_H_
