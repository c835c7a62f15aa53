// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// leak_check.h: what a test has started and opened, and left behind.
//
//   TEST(Server, Closes) {
//     test::LeakCheck leaks;
//     Server server;
//     ...
//   }   // fails, with the stacks, if a goroutine or a descriptor is left
//
// A goroutine ends a moment after its last act, a connection's descriptor
// closes when its last user has gone: the check waits for what is on its way,
// until its patience ends.
//
// Guarantees: what was there before is no leak; nor are pipes that io::Copy
//             keeps for reuse, which are closed.
// Blocking:   the constructor starts the runtime; Find and the destructor wait,
//             in a plain thread or a goroutine, while something is left.
// See:        Go: go.uber.org/goleak

#ifndef PARKOUR_TESTING_LEAK_CHECK_H_
#define PARKOUR_TESTING_LEAK_CHECK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/time/time.h"

namespace parkour::test {

class LeakCheck {
 public:
  explicit LeakCheck(absl::Duration patience = absl::Seconds(10));
  // A failure of the running GoogleTest if Find finds something.
  ~LeakCheck();
  LeakCheck(const LeakCheck&) = delete;
  LeakCheck& operator=(const LeakCheck&) = delete;

  // Goroutines, with their stacks, and descriptors, with what they are, that
  // were not there at the start and do not go away; "" if there are none.
  std::string Find() const;

 private:
  using Goroutines = std::set<uint64_t>;
  using Descriptors = std::map<int, std::string>;

  static Goroutines GoroutinesNow();
  static Descriptors DescriptorsNow();
  std::string Report(const Goroutines& goroutines,
                     const Descriptors& descriptors) const;

  const absl::Duration patience_;
  Goroutines goroutines_;
  Descriptors descriptors_;
};

}  // namespace parkour::test

#endif  // PARKOUR_TESTING_LEAK_CHECK_H_
