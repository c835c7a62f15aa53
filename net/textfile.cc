// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/textfile.h"

#include <errno.h>

#include <cstdint>

#include "parkour/base/sys.h"

namespace parkour::net {

namespace sys = base::sys;

int ReadTextFile(const std::string& path, std::string* text) {
  constexpr int64_t kMost = 16 << 20;
  sys::FileStamp stamp;
  if (const int err = sys::StatFile(path.c_str(), &stamp); err != 0) {
    return err;
  }
  if (stamp.size > kMost) return -EFBIG;
  // Files of /proc say 0; a file may grow between the two calls.
  text->resize(static_cast<size_t>(stamp.size) + 4096);
  const ssize_t n = sys::ReadFile(path.c_str(), text->data(), text->size());
  text->resize(n > 0 ? static_cast<size_t>(n) : 0);
  return n < 0 ? static_cast<int>(n) : 0;
}

}  // namespace parkour::net
