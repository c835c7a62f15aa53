// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// quit.h: SIGQUIT: the first one shows all goroutines on standard error, and
// the program goes on; a second one within a second ends it, by the signal's
// default action.
//
// The handler wakes a thread that has been waiting for that (watcher.h); so
// whatever else hangs, the dump does not. It stops nobody.
//
// Not where the program has a handler of its own, or was started with SIGQUIT
// ignored; signal::Notify takes the signal away until its Stop.
//
// See: docs/DEBUGGING.md; Go: signal_unix.go (sighandler), which always ends

#ifndef PARKOUR_RUNTIME_QUIT_H_
#define PARKOUR_RUNTIME_QUIT_H_

namespace parkour::runtime {

// Once, at start, after watcherStart.
void InstallQuitDump();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_QUIT_H_
