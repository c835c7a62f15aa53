// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/frame_names.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/ascii.h"

namespace parkour::base {
namespace {

constexpr std::string_view kAnonymous = "(anonymous namespace)::";

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool Strip(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix) || text->size() == prefix.size()) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// Of what is in namespace parkour::runtime.
bool IsInternalToRuntime(std::string_view name) {
  if (name.starts_with("metrics::") || name.starts_with("pprof::")) {
    return false;
  }
  return !absl::ascii_isupper(static_cast<unsigned char>(name.front())) ||
         name.starts_with("GoroutineDump::");
}

// "runtime/" and the like of "runtime/proc.cc", "parkour/runtime/go.h" and
// "external/parkour/runtime/proc.cc": where this file is, the library is.
std::string_view RoomOf(std::string_view file) {
  std::string_view root = ShortFile(__FILE__);
  root.remove_suffix(std::string_view("base/frame_names.cc").size());
  file = ShortFile(file);
  constexpr std::string_view kHeaders = "parkour/";  // installed ones, too
  if (file.starts_with(root) && !file.starts_with('/')) {
    file.remove_prefix(root.size());
    Strip(kHeaders, &file);
  } else if (const size_t at = file.rfind(kHeaders); at != file.npos) {
    file.remove_prefix(at + kHeaders.size());
  } else {
    return {};
  }
  const size_t slash = file.find('/');
  if (slash == file.npos || Has(file.substr(slash + 1), "/") ||
      file.ends_with("_test.cc")) {
    return {};
  }
  return file.substr(0, slash);
}

bool IsAnyOf(std::string_view text,
             std::initializer_list<std::string_view> these) {
  return std::find(these.begin(), these.end(), text) != these.end();
}

// With all that is in it.
bool IsInternalFile(std::string_view file) {
  const std::string_view room = RoomOf(file);
  if (IsAnyOf(room, {"runtime", "base", "boot", "poll", "trace"})) return true;
  return room == "chan" &&
         (file.ends_with("/hchan.h") || file.ends_with("/hchan_ops.h") ||
          file.ends_with("/selectgo.h"));
}

// Where no function that a program has called can have been inlined.
bool IsLibrarySource(std::string_view file) {
  return file.ends_with(".cc") &&
         IsAnyOf(RoomOf(file),
                 {"bufio", "chan", "context", "errgroup", "io", "metrics",
                  "net", "pprof", "signal", "sync", "time", "tracing"});
}

}  // namespace

std::string_view ShortFile(std::string_view file) {
  Strip("/proc/self/cwd/", &file);
  constexpr std::string_view kHeaders = "/_virtual_includes/";
  if (const size_t at = file.find(kHeaders); at != std::string_view::npos) {
    file.remove_prefix(at + kHeaders.size());
    file.remove_prefix(std::min(file.size(), file.find('/') + 1));
  }
  return file;
}

std::string_view WithoutArguments(std::string_view name) {
  constexpr std::string_view kLambda = "operator()";
  if (name.starts_with(kLambda)) return kLambda;
  return name.substr(0, name.find('<'));
}

bool IsInternalFunction(std::string_view name) {
  if (Strip("parkour::runtime::", &name)) return IsInternalToRuntime(name);
  if (name == "make_fcontext" || name == "parkour_unwind_from") return true;
  if (!Strip("parkour::", &name)) return false;
  for (const std::string_view internal :
       {"base::", "internal::", "poll::", "Main<"}) {
    if (name.starts_with(internal)) return true;
  }
  return false;
}

bool IsInternalFrame(std::string_view name, std::string_view file,
                     bool inlined) {
  if (IsInternalFunction(name)) return true;
  if (!inlined) return false;
  Strip(kAnonymous, &name);
  const std::string_view plain = WithoutArguments(name);
  if (Has(plain, "::")) return false;
  // A lambda may be all that a goroutine of the library's own has.
  return IsInternalFile(file) ||
         (plain != "operator()" && IsLibrarySource(file));
}

bool IsStandardFrame(std::string_view name, std::string_view file) {
  return name.starts_with("std::") || Has(file, "/include/c++/");
}

}  // namespace parkour::base
