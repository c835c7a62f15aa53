// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// frame_names.h: which of a stack's frames are its reader's business. Dumps,
// profiles and traces ask here, so that they show the same stacks.
//
//   base::Symbolize(pc, [](const base::SourceFrame& f, void*) {
//     if (!base::IsInternalFrame(f.function, f.file, f.inlined)) {
//       puts(f.function);
//     }
//   }, nullptr);
//
// Thread-safety: any thread, in signal handlers, too; no memory.

#ifndef PARKOUR_BASE_FRAME_NAMES_H_
#define PARKOUR_BASE_FRAME_NAMES_H_

#include <string_view>

namespace parkour::base {

// A function that is no part of the API: beside the namespaces that say so,
// the runtime's with Go's internal names, which begin with a small letter.
// Go: traceback.go (showfuncinfo, isExportedRuntime)
bool IsInternalFunction(std::string_view name);

// The same for a frame. What was inlined comes without its namespace if that
// has no name, and from clang (-g1) always: then it is the file that tells.
bool IsInternalFrame(std::string_view name, std::string_view file,
                     bool inlined);

// Of the C++ library, which has names that are longer than all else.
bool IsStandardFrame(std::string_view name, std::string_view file);

// As the source tree has it: without what Bazel puts before it.
std::string_view ShortFile(std::string_view file);

// The part of a name before template arguments and parameters. The body of a
// lambda is "operator()", of which the parentheses are part.
std::string_view WithoutArguments(std::string_view name);

}  // namespace parkour::base

#endif  // PARKOUR_BASE_FRAME_NAMES_H_
