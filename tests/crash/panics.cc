// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Exceptions that nobody catches.

#include <stdexcept>
#include <string>
#include <thread>

#include "parkour/tests/crash/cases.h"

namespace parkour::tests {

struct Odd {};

struct Throws {
  PARKOUR_TESTS_FRAME ~Throws() noexcept(false) {
    throw std::logic_error("late");
  }
};

PARKOUR_TESTS_FRAME void ThrowBoom() { throw std::runtime_error("boom"); }

PARKOUR_TESTS_FRAME void ThrowOdd() { throw Odd(); }

PARKOUR_TESTS_FRAME void SpawnThrower() {
  go(ThrowBoom);
  KeepFrame();
}

// go() is inlined here: "created by" must still name this function.
PARKOUR_TESTS_FRAME void SpawnLambda() {
  go([] { ThrowBoom(); });
  KeepFrame();
}

namespace {

// For main: the other goroutine's end is the process's.
void WaitForever() { time::Sleep(absl::InfiniteDuration()); }

int InGoroutine() {
  return RunMain([] {
    SpawnThrower();
    WaitForever();
  });
}

int InLambda() {
  return RunMain([] {
    SpawnLambda();
    WaitForever();
  });
}

int InMain() {
  return RunMain([] { ThrowBoom(); });
}

// Seen from a program that does not use Main.
int InLibrary() {
  go(ThrowBoom);
  Chan<int>().Recv();
  return 0;
}

int NoStdException() {
  return RunMain([] {
    go(ThrowOdd);
    WaitForever();
  });
}

int Text() {
  return RunMain([] {
    go([] { throw "a text"; });
    WaitForever();
  });
}

int StdString() {
  return RunMain([] {
    go([] { throw std::string("a string"); });
    WaitForever();
  });
}

int Number() {
  return RunMain([] {
    go([] { throw 42; });
    WaitForever();
  });
}

int FromDestructor() {
  return RunMain([] {
    go([] { Throws late; });
    WaitForever();
  });
}

// Frames that a catch of another type skips are part of the stack: the report
// is made at the throw.
int PastOtherCatch() {
  return RunMain([] {
    go([] {
      try {
        ThrowBoom();
      } catch (const std::logic_error&) {
        Say("caught");
      }
    });
    WaitForever();
  });
}

// Not ours: the host's own rules.
int InPlainThread() {
  return RunMain([] { std::thread(ThrowBoom).join(); });
}

constexpr Case kCases[] = {
    {"exception_in_goroutine", InGoroutine},
    {"exception_in_lambda", InLambda},
    {"exception_in_main", InMain},
    {"exception_in_library", InLibrary},
    {"no_std_exception", NoStdException},
    {"exception_is_text", Text},
    {"exception_is_string", StdString},
    {"exception_is_number", Number},
    {"exception_from_destructor", FromDestructor},
    {"exception_past_other_catch", PastOtherCatch},
    {"exception_in_plain_thread", InPlainThread},
};

}  // namespace

std::span<const Case> Panics() { return kCases; }

}  // namespace parkour::tests
