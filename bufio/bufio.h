// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// bufio.h: all of Go's package bufio: reader.h, writer.h, scanner.h, errors.h.
//
//   bufio::ReadWriter rw{bufio::Reader(conn), bufio::Writer(conn)};
//   rw.WriteString("HELO example.org\r\n").err.IgnoreError();
//   if (absl::Status err = rw.Flush(); !err.ok()) return err;
//   auto [line, err] = rw.ReadString('\n');
//
// Thread-safety: one goroutine reads while another writes.
// Blocking:      where the underlying reader and writer do.
// See:           Go: src/bufio/bufio.go

#ifndef PARKOUR_BUFIO_BUFIO_H_
#define PARKOUR_BUFIO_BUFIO_H_

#include <utility>

#include "parkour/bufio/errors.h"
#include "parkour/bufio/reader.h"
#include "parkour/bufio/scanner.h"
#include "parkour/bufio/writer.h"

namespace parkour::bufio {

// Both in one, for functions that want both. What both have (Buffered, Size,
// Reset) needs the name of the half: rw.bufio::Reader::Buffered().
// Go: bufio.ReadWriter.
class ReadWriter : public Reader, public Writer {
 public:
  ReadWriter(Reader r, Writer w) : Reader(std::move(r)), Writer(std::move(w)) {}
};

}  // namespace parkour::bufio

#endif  // PARKOUR_BUFIO_BUFIO_H_
