// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// splice_pipe.h: the pipes through which splice moves bytes, kept for reuse.
//
//   SplicePipe pipe;
//   if (pipe.Get() == 0) ...           // reads from rfd() what wfd() took
//
// A pipe in which something is left is not kept: its next user would send it.
//
// Blocking: no goroutine parks. Thread-safety: one pipe, one user; getting and
//           giving back from any thread.
// See:      Go: src/internal/poll/splice_linux.go (splicePipePool)

#ifndef PARKOUR_POLL_SPLICE_PIPE_H_
#define PARKOUR_POLL_SPLICE_PIPE_H_

#include <cstdint>

namespace parkour::poll {

class SplicePipe {
 public:
  SplicePipe() = default;
  ~SplicePipe();  // gives it back
  SplicePipe(const SplicePipe&) = delete;
  SplicePipe& operator=(const SplicePipe&) = delete;

  // 0 or -errno. Once.
  int Get();
  int rfd() const { return fds_[0]; }
  int wfd() const { return fds_[1]; }

  // How much is in it; the user keeps count.
  int64_t held = 0;

 private:
  int fds_[2] = {-1, -1};
};

// For tests: how many pipes lie unused; closes them.
int IdleSplicePipes();
void CloseIdleSplicePipes();

}  // namespace parkour::poll

#endif  // PARKOUR_POLL_SPLICE_PIPE_H_
