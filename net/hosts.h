// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// hosts.h: names and addresses that a file gives, as /etc/hosts does.
//
// A line is an address and its names; '#' starts a comment. Names are compared
// without regard to case, with or without a final '.'. A name on several lines
// has all their addresses, in their order; the first name of the first of these
// lines is its canonical one.
//
// The file is looked at again when somebody asks and the last look is five
// seconds old, and read again if its time or size has changed. If it is not
// there or may not be read, it has no names; if it cannot be read for another
// reason, what is known stays.
//
// Blocking:      at most once in five seconds as a file does
//                (runtime::Blocking); who asks meanwhile parks.
// Thread-safety: all methods.
// See:           Go: src/net/hosts.go

#ifndef PARKOUR_NET_HOSTS_H_
#define PARKOUR_NET_HOSTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "parkour/base/sys.h"
#include "parkour/sync/mutex.h"

namespace parkour::net {

// What a file says.
class HostsTable {
 public:
  struct Host {
    std::vector<std::string> addrs;  // as IP::String prints them, with zone
    std::string canonical;
  };

  HostsTable() = default;
  explicit HostsTable(std::string_view text);

  // Null if there is none.
  const Host* FindHost(std::string_view name) const;
  // The names of an address in any spelling, as they are written, with a final
  // '.' if they have one inside. Null if there are none.
  const std::vector<std::string>* FindAddr(std::string_view addr) const;

  bool empty() const { return by_name_.empty(); }

 private:
  std::unordered_map<std::string, Host> by_name_;
  std::unordered_map<std::string, std::vector<std::string>> by_addr_;
};

class HostsFile {
 public:
  // `now`, for tests, is the monotonic clock in nanoseconds.
  explicit HostsFile(std::string path, std::function<int64_t()> now = {});

  // The file as it was at most five seconds ago.
  std::shared_ptr<const HostsTable> Table();

 private:
  void Refresh() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // No file's: whatever comes next is new.
  static constexpr base::sys::FileStamp kUnknown{.mtime_ns = -1, .size = -1};

  const std::string path_;
  const std::function<int64_t()> now_;
  sync::Mutex mu_;
  std::shared_ptr<const HostsTable> table_ ABSL_GUARDED_BY(mu_);
  base::sys::FileStamp stamp_ ABSL_GUARDED_BY(mu_) = kUnknown;
  int64_t expires_ ABSL_GUARDED_BY(mu_) = INT64_MIN;
};

}  // namespace parkour::net

#endif  // PARKOUR_NET_HOSTS_H_
