// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// signal.h: the system's signals as values on channels.
//
//   auto [ctx, stop] = signal::NotifyContext(context::Background(),
//                                            {SIGINT, SIGTERM});
//   context::AfterFunc(ctx, [ln] { ln.Close().IgnoreError(); });
//   Serve(ctx, ln);                    // until the first signal
//
//   Chan<int> hups = MakeChan<int>(1);
//   signal::Notify(hups, {SIGHUP});
//   while (hups.Recv()) Reload();
//
// A signal that somebody wants to be notified of does nothing else. Nobody
// waits for a receiver: a signal that finds its channel full is dropped for
// that channel, so give it room for as many as you want to see; 1 will do
// where the last one says it all. Signals of one kind that come faster than
// they can be handed out become one.
//
// What cannot be had: SIGKILL and SIGSTOP, which the system keeps; SIGILL,
// SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV and SIGSYS, which tell of faults of
// the program and stay with the runtime and its host (Go delivers those of them
// that another process sent). They are left alone wherever they are named.
//
// Guarantees: when the last channel of a signal goes, by Stop or Reset, what
//             the signal did before the first Notify is in force again: the
//             default action, or the host program's own handler. No signal
//             falls between Stop and that.
//             A goroutine that waits for a signal is no deadlock: as long as a
//             channel is notified nothing is reported. (Go never reports one
//             again.)
// Blocking:   Notify and Stop do not wait for events; a goroutine may park on
//             their lock for a moment. Safe from any thread, not from a signal
//             handler.
// Lifetime:   a channel is kept until Stop. The first Notify starts a thread
//             that stays; it sleeps while there are no signals.
// Misuse:     panics in Go's words: Notify of a nil channel; a signal for a
//             channel that was closed without Stop.
// See:        Go: src/os/signal/signal.go

#ifndef PARKOUR_SIGNAL_SIGNAL_H_
#define PARKOUR_SIGNAL_SIGNAL_H_

#include <signal.h>

#include <functional>
#include <string>
#include <vector>

#include "parkour/chan/chan.h"
#include "parkour/context/context.h"

namespace parkour::signal {

// Sends the numbers of these signals, all if none is named, on ch from now on,
// in addition to those that it gets already.
void Notify(const SendChan<int>& ch, const std::vector<int>& signals = {});

// Nothing more is sent on ch, whatever it was notified of. Signals that came
// before are in the channel when Stop returns, as far as there was room.
void Stop(const SendChan<int>& ch);

// From now on these signals, all if none is named, are ignored by the process;
// channels do not get them any more.
void Ignore(const std::vector<int>& signals = {});

// Whether the process ignores this signal, by Ignore or because it was started
// so (nohup).
bool Ignored(int signal);

// Undoes every Notify and Ignore of these signals, of all if none is named.
void Reset(const std::vector<int>& signals = {});

// For structured bindings: auto [ctx, stop] = ...
struct NotifyContextResult {
  context::Context ctx;
  std::function<void()> stop;
};

// A context that is cancelled when one of these signals comes, when `stop` is
// called or when the parent is cancelled. Call stop as soon as the signal may
// have its old effect again: a second SIGINT then ends the process.
[[nodiscard]] NotifyContextResult NotifyContext(
    const context::Context& parent, const std::vector<int>& signals = {});

// "interrupt", "terminated", "signal 34".
std::string Name(int signal);

}  // namespace parkour::signal

#endif  // PARKOUR_SIGNAL_SIGNAL_H_
