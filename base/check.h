// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// check.h: the ways a program of Parkour's ends because something is wrong.
//
//   PARKOUR_CHECK(n > 0);                        // always on
//   PARKOUR_DCHECK(p->m == m);                   // debug and sanitizer builds
//   base::Throw("runtime: bad g in ready");      // a bug in Parkour
//   base::Fatal("sync: unlock of unlocked mutex");   // a bug in the program
//
// Fatal, Throw and Panic print Go's words on stderr, then what the runtime
// has to say (a goroutine dump; see SetCrashHook), and end the process with
// status 2, Go's status for a crash.
//
// Blocking: they do not return. Safe from any thread, with any lock held: they
//           take none and allocate nothing before the message is out.
// See:      Go: src/runtime/panic.go (fatal, throw, printpanics)

#ifndef PARKOUR_BASE_CHECK_H_
#define PARKOUR_BASE_CHECK_H_

#include <string_view>

namespace parkour::base {

// What ended the process; decides how much the dump shows.
enum class CrashKind {
  kFatal,  // "fatal error: ": misuse by the program; all goroutines are shown
  kThrow,  // "fatal error: ": a bug in Parkour; runtime frames are shown too
  kPanic,  // "panic: ": an escaped exception or a panic; its goroutine is shown
};

// Prints `fatal error: <message>` and the dump of all goroutines; status 2.
[[noreturn]] void Fatal(std::string_view message);

// Prints `fatal error: <message>` and the dump with runtime frames; status 2.
[[noreturn]] void Throw(std::string_view message);

// Prints `panic: <message>` and the current goroutine; status 2.
[[noreturn]] void Panic(std::string_view message);

// A crash is about to be reported, or is: whoever would end the process in an
// orderly way must not any more. BeginCrash is for those who prepare a message
// first; the functions above imply it. Async-signal-safe.
void BeginCrash();
bool CrashBegun();

// Called once, after the message, by the first thread that crashes; prints what
// is known of the goroutines. Set once at start-up. Others wait for the end.
using CrashHook = void (*)(CrashKind kind);
void SetCrashHook(CrashHook hook);

// Writes all of `text` to stderr with write(2); EINTR and short writes are
// retried. Async-signal-safe.
void WriteStderr(std::string_view text);

[[noreturn]] void CheckFailed(const char* file, int line, const char* what);

}  // namespace parkour::base

#define PARKOUR_CHECK(cond)      \
  (__builtin_expect(!!(cond), 1) \
       ? (void)0                 \
       : ::parkour::base::CheckFailed(__FILE__, __LINE__, #cond))

#ifdef NDEBUG
#define PARKOUR_DCHECK(cond) ((void)sizeof(!(cond)))
#else
#define PARKOUR_DCHECK(cond) PARKOUR_CHECK(cond)
#endif

#endif  // PARKOUR_BASE_CHECK_H_
