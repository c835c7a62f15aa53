// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sink.h: a file that traces are written to.

#ifndef PARKOUR_TRACING_SINK_H_
#define PARKOUR_TRACING_SINK_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "parkour/io/result.h"

namespace parkour::trace {

// Move-only. Blocks the thread while it writes.
class FileSink {
 public:
  // A new file, or an old one emptied; with `fresh` a new one only, and no
  // link: for names that others can guess.
  static absl::StatusOr<FileSink> Create(std::string_view path,
                                         bool fresh = false);

  FileSink(FileSink&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
  FileSink& operator=(FileSink&&) = delete;
  ~FileSink();

  io::Result Write(std::string_view p);

 private:
  FileSink(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  int fd_;
  std::string path_;
};

}  // namespace parkour::trace

#endif  // PARKOUR_TRACING_SINK_H_
