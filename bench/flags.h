// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// flags.h: command lines in the style of Go's, which the twins understand too.
//
//   Flags flags(argc, argv);
//   const int64_t procs = flags.Int("procs", 1, "GOMAXPROCS");
//   const std::string hog = flags.String("hog", "none", "burn, usleep, none");
//   flags.Finish();
//
// Both -procs=2 and -procs 2 will do. Finish ends the program with a list of
// all flags, status 2, when one was given that nobody has asked for, or that is
// no number.

#ifndef PARKOUR_BENCH_FLAGS_H_
#define PARKOUR_BENCH_FLAGS_H_

#include <cstdint>
#include <map>
#include <string>

namespace parkour::bench {

class Flags {
 public:
  Flags(int argc, char** argv);

  int64_t Int(const std::string& name, int64_t value, const char* help);
  double Float(const std::string& name, double value, const char* help);
  std::string String(const std::string& name, const std::string& value,
                     const char* help);

  void Finish() const;

 private:
  std::map<std::string, std::string> given_;  // those not asked for yet
  std::string program_;
  std::string usage_;
  bool ok_ = true;
};

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_FLAGS_H_
