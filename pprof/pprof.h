// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// pprof.h: profiles of goroutines, in the format of `go tool pprof`.
//
//   runtime::SetBlockProfileRate(10000);    // a sample per 10 us of waiting
//   runtime::SetMutexProfileFraction(10);   // every tenth contended Unlock
//   ...
//   std::string profile;
//   runtime::pprof::Lookup("block")->WriteTo(&profile, 0);
//   file << profile;                        // go tool pprof -top FILE
//
// The profiles:
//   goroutine     all goroutines, with the labels "state" and "name"
//   block         stacks that waited: channels, select, locks, conditions
//   mutex         stacks that made others wait, by holding a lock
//   threadcreate  how many threads there are
//
// Profiles carry functions, files, lines and inlined calls, so that no tool
// needs the program. They come from its own debug information: -g1 is enough.
// Stacks are walked by frame pointers (-fno-omit-frame-pointer).
//
// Waits for the network and sleeps are not in the block profile, as in Go.
//
// Cost:     off, one branch for each wait. On, a few hundred nanoseconds for
//           each wait that is kept.
// Blocking: "goroutine" stops the world for about a microsecond for each
//           goroutine; all read the program's debug information.
// Thread-safety: all functions, from any thread.
// See:      docs/DEBUGGING.md; Go: runtime/pprof, runtime/mprof.go

#ifndef PARKOUR_PPROF_PPROF_H_
#define PARKOUR_PPROF_PPROF_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "parkour/io/ref.h"

namespace parkour::runtime {

// One sample for each `ns` nanoseconds that goroutines spend waiting; 1: every
// wait, <= 0: none, the default. Go: runtime.SetBlockProfileRate.
void SetBlockProfileRate(int64_t ns);

// One in `fraction` contended Unlocks; 0: none, the default, < 0: only asks.
// Returns what it was. Go: runtime.SetMutexProfileFraction.
int64_t SetMutexProfileFraction(int64_t fraction);

namespace pprof {

class Profile {
 public:
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  std::string_view Name() const { return name_; }

  // How many stacks it has at the moment. Go: Profile.Count.
  int64_t Count() const;

  // debug 0: profile.proto, compressed; 1: text with symbols; 2: for
  // "goroutine" the dump of all goroutines, for others as 1.
  // Go: Profile.WriteTo.
  void WriteTo(std::string* out, int debug) const;
  // The same; the writer's error, if any.
  absl::Status WriteTo(io::WriterRef w, int debug) const;

 private:
  friend const std::vector<const Profile*>& Profiles();
  enum class Kind { kGoroutine, kThreadCreate, kBlock, kMutex };

  Profile(std::string_view name, Kind kind) : name_(name), kind_(kind) {}

  const std::string_view name_;
  const Kind kind_;
};

// The profile of this name, or null. It lives as long as the process.
const Profile* Lookup(std::string_view name);

// All, by name.
const std::vector<const Profile*>& Profiles();

}  // namespace pprof
}  // namespace parkour::runtime

#endif  // PARKOUR_PPROF_PPROF_H_
