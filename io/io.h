// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// io.h: all of Go's package io, except Pipe (pipe.h), which needs goroutines.
//
//   auto [n, err] = io::Copy(dst, src);
//   absl::StatusOr<std::string> all = io::ReadAll(conn);
//
// The parts:
//   result.h      io::Result, EOF() and the other errors
//   interfaces.h  Reader, Writer, Closer, ReaderFrom, WriterTo, Seeker ...
//   ref.h         ReaderRef, WriterRef: parameters that take any reader, writer
//   any.h         AnyReader, AnyWriter: members that keep one
//   copy.h        Copy, CopyN, CopyBuffer, ReadFull, ReadAtLeast, ReadAll,
//                 WriteString
//   readers.h     LimitReader, TeeReader, MultiReader, SectionReader, NopCloser
//   writers.h     MultiWriter, OffsetWriter, Discard
//
// Blocking: where the readers and writers do.
// See:      Go: src/io/io.go

#ifndef PARKOUR_IO_IO_H_
#define PARKOUR_IO_IO_H_

// First: takes the macro EOF away.
#include "parkour/io/any.h"
#include "parkour/io/copy.h"
#include "parkour/io/interfaces.h"
#include "parkour/io/readers.h"
#include "parkour/io/ref.h"
#include "parkour/io/result.h"
#include "parkour/io/writers.h"

#endif  // PARKOUR_IO_IO_H_
