// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/frame_names.h"

#include <string_view>

#include "gtest/gtest.h"

namespace parkour::base {
namespace {

struct Case {
  std::string_view name;
  bool internal;
};

TEST(FrameNamesTest, WhichFunctionsAreInternal) {
  for (const Case& c : {
           Case{"parkour::runtime::gopark(int)", true},
           Case{"parkour::runtime::(anonymous namespace)::leave(G*)", true},
           Case{"parkour::runtime::GoroutineDump::Print()", true},
           Case{"parkour::runtime::internal::Hidden()", true},
           Case{"parkour::runtime::Gosched()", false},
           Case{"parkour::runtime::Stack(bool)", false},
           Case{"parkour::runtime::metrics::Read()", false},
           Case{"parkour::runtime::pprof::(anonymous namespace)::At()", false},
           Case{"parkour::runtime::", false},
           Case{"parkour::internal::RunClosure<int>(void*)", true},
           Case{"parkour::base::FutexWait(int)", true},
           Case{"parkour::poll::FD::Read(std::span<char>)", true},
           Case{"parkour::Main<main::{lambda()#1}>(int)", true},
           Case{"parkour::Mainly()", false},
           Case{"parkour::net::Dial()", false},
           Case{"parkour::sync::Mutex::Lock()", false},
           Case{"make_fcontext", true},
           Case{"parkour_unwind_from", true},
           Case{"runtime::gopark()", false},
           Case{"base::Of::Another()", false},
           Case{"main", false},
           Case{"operator()", false},
           Case{"?", false},
           Case{"", false},
       }) {
    EXPECT_EQ(IsInternalFunction(c.name), c.internal) << c.name.data();
  }
}

// Only where no namespace is told does the file count.
TEST(FrameNamesTest, WhatWasInlinedIsJudgedByItsFile) {
  EXPECT_TRUE(IsInternalFrame("leave", "runtime/switch.cc", true));
  EXPECT_TRUE(
      IsInternalFrame("leave", "/proc/self/cwd/runtime/switch.cc", true));
  EXPECT_TRUE(IsInternalFrame("(anonymous namespace)::leave(G*)",
                              "runtime/switch.cc", true));
  EXPECT_TRUE(IsInternalFrame(
      "operator()",
      "bazel-out/bin/runtime/_virtual_includes/go/parkour/runtime/go.h", true));
  EXPECT_TRUE(
      IsInternalFrame("operator()", "/usr/include/parkour/boot/x.h", true))
      << "an installed header";
  EXPECT_FALSE(IsInternalFrame("operator()", "runtime/proc_test.cc", true));
  EXPECT_FALSE(IsInternalFrame("operator()", "runtime/deeper/user.cc", true));
  EXPECT_FALSE(IsInternalFrame("operator()", "/home/me/runtime/user.cc", true));
  EXPECT_TRUE(IsInternalFrame("parkForever", "chan/hchan.cc", true));
  EXPECT_TRUE(
      IsInternalFrame("Take", "/usr/include/parkour/chan/hchan.h", true));
  EXPECT_TRUE(IsInternalFrame("lockSlow", "sync/mutex.cc", true));
  EXPECT_FALSE(IsInternalFrame("Recv", "parkour/chan/chan.h", true))
      << "what the program called";
  EXPECT_FALSE(IsInternalFrame("lockSlow", "examples/mutex.cc", true));
  EXPECT_FALSE(IsInternalFrame("lockSlow", "/home/me/sync/mutex.cc", true));
  EXPECT_FALSE(IsInternalFrame("operator()", "net/dial.cc", true))
      << "a goroutine of the library's own";
  EXPECT_FALSE(IsInternalFrame("handle", "", true));
  // A function of its own comes with all its namespaces.
  EXPECT_FALSE(IsInternalFrame("leave", "runtime/switch.cc", false));
  EXPECT_TRUE(IsInternalFrame("parkour::base::A()", "", false));
  EXPECT_FALSE(IsInternalFrame("mine::handle()", "runtime/switch.cc", true));
}

TEST(FrameNamesTest, TheLibraryOfTheLanguage) {
  EXPECT_TRUE(IsStandardFrame("std::sort<int*>(int*, int*)", ""));
  EXPECT_TRUE(IsStandardFrame("operator()", "/usr/include/c++/12/tuple"));
  EXPECT_FALSE(IsStandardFrame("mine::std_like()", "std.cc"));
}

TEST(FrameNamesTest, FilesAsInTheSourceTree) {
  EXPECT_EQ(ShortFile("/proc/self/cwd/net/dial.cc"), "net/dial.cc");
  EXPECT_EQ(
      ShortFile("bazel-out/bin/net/_virtual_includes/net/parkour/net/a.h"),
      "parkour/net/a.h");
  EXPECT_EQ(ShortFile("/home/me/a.cc"), "/home/me/a.cc");
  EXPECT_EQ(ShortFile("x/_virtual_includes/"), "");
  EXPECT_EQ(ShortFile(""), "");
}

TEST(FrameNamesTest, NamesWithoutArguments) {
  EXPECT_EQ(WithoutArguments("Run<std::tuple<int> >(int)"), "Run");
  EXPECT_EQ(WithoutArguments("operator()(int)"), "operator()");
  EXPECT_EQ(WithoutArguments("main"), "main");
}

}  // namespace
}  // namespace parkour::base
