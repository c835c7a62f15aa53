// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/crash_report.h"

#include <cxxabi.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "absl/debugging/symbolize.h"
#include "parkour/base/check.h"
#include "parkour/runtime/dump.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/godebug.h"
#include "parkour/runtime/lock_holder.h"
#include "parkour/runtime/m.h"

namespace parkour::runtime {
namespace {

std::terminate_handler old_terminate = nullptr;

// The report after the first line; see base/check.h.
void OnCrash(base::CrashKind kind) {
  const TracebackLevel level = tracebackLevel();
  if (level.none) return;
  const M* const m = getm();
  GoroutineDump dump({.freeze = Freeze::kCrash,
                      .current = m == nullptr ? nullptr : m->curg,
                      .reporter = true,
                      .others = level.all || kind == base::CrashKind::kFatal,
                      .system = level.system || kind == base::CrashKind::kThrow,
                      .addresses = level.system});
  dump.Capture();
  dump.Print(ToStderr, nullptr);
  if (level.crash) dieFromSignal(SIGABRT);
}

// The text of the exception being thrown: "std::runtime_error: text".
void DescribeException(char* text, size_t size) {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  if (type == nullptr) {
    std::snprintf(text, size, "std::terminate called");
    return;
  }
  int status = 0;
  char* const name =
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
  const char* const shown = name != nullptr ? name : type->name();
  try {
    throw;
  } catch (const std::exception& e) {
    std::snprintf(text, size, "%s: %s", shown, e.what());
  } catch (const char* s) {
    std::snprintf(text, size, "%s: %s", shown, s);
  } catch (const std::string& s) {
    std::snprintf(text, size, "std::string: %s", s.c_str());
  } catch (std::string_view s) {
    std::snprintf(text, size, "std::string_view: %.*s",
                  static_cast<int>(s.size()), s.data());
  } catch (bool b) {
    std::snprintf(text, size, "%s: %s", shown, b ? "true" : "false");
  } catch (int n) {
    std::snprintf(text, size, "%s: %d", shown, n);
  } catch (unsigned n) {
    std::snprintf(text, size, "%s: %u", shown, n);
  } catch (long n) {
    std::snprintf(text, size, "%s: %ld", shown, n);
  } catch (unsigned long n) {
    std::snprintf(text, size, "%s: %lu", shown, n);
  } catch (double x) {
    std::snprintf(text, size, "%s: %g", shown, x);
  } catch (...) {
    std::snprintf(text, size, "%s", shown);
  }
  std::free(name);
}

// An exception that escapes a goroutine is a panic. Elsewhere the host
// program's own handler decides.
[[noreturn]] void OnTerminate() {
  const M* const m = getm();
  if (m == nullptr || m->proxy || m->curg == nullptr) {
    if (old_terminate != nullptr) old_terminate();
    std::abort();
  }
  // Either the world does not stop before the crash is known to have begun, and
  // main's end waits for it; or the world has stopped, and this goroutine with
  // it. Within EnterSyscall there is no P to hold.
  if (m->attention.load(base::kRelaxed) & kAttnSyscall) {
    base::BeginCrash();
  } else {
    RuntimeScope in;
    base::BeginCrash();
  }
  char text[1024];
  DescribeException(text, sizeof(text));
  base::Panic(text);
}

}  // namespace

void dieFromSignal(int signal) {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  raise(signal);
  _exit(128 + signal);
}

void InstallCrashReport() {
  if (godebug("lockholders") > 0) {
    record_lock_holders.store(true, base::kRelaxed);
  }
  absl::InitializeSymbolizer(nullptr);
  base::SetCrashHook(OnCrash);
  old_terminate = std::set_terminate(OnTerminate);
}

}  // namespace parkour::runtime
