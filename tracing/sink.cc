// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tracing/sink.h"

#include <errno.h>
#include <fcntl.h>

#include "parkour/base/error.h"
#include "parkour/base/sys.h"

namespace parkour::trace {

absl::StatusOr<FileSink> FileSink::Create(std::string_view path, bool fresh) {
  std::string name(path);
  const int how = fresh ? O_EXCL | O_NOFOLLOW : O_TRUNC;
  const int fd =
      base::sys::Open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0644);
  if (fd < 0) {
    return base::MakeOpError("open", "", "", name, base::ErrnoStatus(-fd));
  }
  return FileSink(fd, std::move(name));
}

FileSink::~FileSink() {
  if (fd_ >= 0) base::sys::Close(fd_);
}

io::Result FileSink::Write(std::string_view p) {
  io::Result done;
  while (done.n < p.size()) {
    const ssize_t n =
        base::sys::Write(fd_, p.data() + done.n, p.size() - done.n);
    if (n == -EINTR) continue;
    if (n < 0) {
      done.err = base::MakeOpError("write", "", "", path_,
                                   base::ErrnoStatus(static_cast<int>(-n)));
      break;
    }
    done.n += static_cast<size_t>(n);
  }
  return done;
}

}  // namespace parkour::trace
