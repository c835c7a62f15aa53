// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/pprof/pprof.h"

#include "parkour/pprof/collect.h"
#include "parkour/pprof/frames.h"
#include "parkour/pprof/proto.h"
#include "parkour/pprof/text.h"
#include "parkour/runtime/debug.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/mprof.h"

namespace parkour::runtime {

void SetBlockProfileRate(int64_t ns) { setBlockProfileRate(ns); }

int64_t SetMutexProfileFraction(int64_t fraction) {
  return setMutexProfileFraction(fraction);
}

namespace pprof {
namespace {

constexpr Measure kWaits = {"contentions", "count", "delay", "nanoseconds"};

std::string CountsOf(const char* name, const std::vector<Sample>& samples,
                     Symbols* symbols, int debug) {
  if (debug <= 0)
    return Encode({.type = name, .unit = "count"}, samples, symbols);
  std::string text;
  AppendCounts(name, samples, symbols, &text);
  return text;
}

std::string WaitsOf(const char* name, int64_t sampling_period,
                    const std::vector<WaitRecord>& records, int debug) {
  Symbols symbols;
  const std::vector<Sample> samples = CollectWaits(records, &symbols);
  if (debug <= 0) return Encode(kWaits, samples, &symbols);
  std::string text;
  AppendWaits(name, sampling_period, samples, &symbols, &text);
  return text;
}

}  // namespace

int64_t Profile::Count() const {
  switch (kind_) {
    case Kind::kGoroutine:
      return NumGoroutine();
    case Kind::kThreadCreate:
      return NumThread();
    case Kind::kBlock:
      return static_cast<int64_t>(blockProfile().size());
    case Kind::kMutex:
      return static_cast<int64_t>(mutexProfile().size());
  }
  return 0;
}

void Profile::WriteTo(std::string* out, int debug) const {
  if (kind_ == Kind::kGoroutine && debug >= 2) {
    out->append(Stack(/*all=*/true));
    return;
  }
  Symbols symbols;
  switch (kind_) {
    case Kind::kGoroutine:
      out->append(
          CountsOf("goroutine", CollectGoroutines(&symbols), &symbols, debug));
      break;
    case Kind::kThreadCreate:
      out->append(CountsOf("threadcreate", CollectThreads(), &symbols, debug));
      break;
    case Kind::kBlock:
      out->append(WaitsOf("contention", -1, blockProfile(), debug));
      break;
    case Kind::kMutex:
      out->append(
          WaitsOf("mutex", setMutexProfileFraction(-1), mutexProfile(), debug));
      break;
  }
}

absl::Status Profile::WriteTo(io::WriterRef w, int debug) const {
  std::string text;
  WriteTo(&text, debug);
  return w.Write(text).err;
}

const std::vector<const Profile*>& Profiles() {
  static const auto& all = *new std::vector<const Profile*>{
      new Profile("block", Profile::Kind::kBlock),
      new Profile("goroutine", Profile::Kind::kGoroutine),
      new Profile("mutex", Profile::Kind::kMutex),
      new Profile("threadcreate", Profile::Kind::kThreadCreate),
  };
  return all;
}

const Profile* Lookup(std::string_view name) {
  for (const Profile* profile : Profiles()) {
    if (profile->Name() == name) return profile;
  }
  return nullptr;
}

}  // namespace pprof
}  // namespace parkour::runtime
