// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/hosts.h"

#include <errno.h>

#include <utility>

#include "parkour/base/clock.h"
#include "parkour/net/addr.h"
#include "parkour/net/dnsname.h"
#include "parkour/net/ipaddr.h"
#include "parkour/net/textfile.h"
#include "parkour/runtime/syscall.h"
#include "parkour/sync/scoped_lock.h"

namespace parkour::net {
namespace {

constexpr int64_t kMaxAge = 5000000000;  // ns

// How an address is written when it is a key; empty if it is none.
std::string AddressKey(std::string_view text) {
  const IPAddr addr = ParseIPZone(text);
  return addr.ip.empty() ? std::string() : addr.String();
}

std::string NameKey(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return LowerASCII(name);
}

}  // namespace

// Go: hosts.go:readHosts.
HostsTable::HostsTable(std::string_view text) {
  ForEachLine(text, [this](const auto& fields) {
    if (fields.size() < 2) return;
    const std::string addr = AddressKey(fields[0]);
    if (addr.empty()) return;
    const std::string canonical = AbsoluteDomainName(LowerASCII(fields[1]));
    for (size_t i = 1; i < fields.size(); ++i) {
      by_addr_[addr].push_back(AbsoluteDomainName(fields[i]));
      Host& host = by_name_[NameKey(fields[i])];
      if (host.addrs.empty()) host.canonical = canonical;
      host.addrs.push_back(addr);
    }
  });
}

const HostsTable::Host* HostsTable::FindHost(std::string_view name) const {
  const auto it = by_name_.find(NameKey(name));
  return it == by_name_.end() ? nullptr : &it->second;
}

const std::vector<std::string>* HostsTable::FindAddr(
    std::string_view addr) const {
  const auto it = by_addr_.find(AddressKey(addr));
  return it == by_addr_.end() ? nullptr : &it->second;
}

HostsFile::HostsFile(std::string path, std::function<int64_t()> now)
    : path_(std::move(path)),
      now_(now ? std::move(now) : [] { return base::nanotime(); }),
      table_(std::make_shared<const HostsTable>()) {}

std::shared_ptr<const HostsTable> HostsFile::Table() {
  sync::MutexLock lock(&mu_);
  Refresh();
  return table_;
}

void HostsFile::Refresh() {
  const int64_t now = now_();
  if (now < expires_) return;
  const base::sys::FileStamp known = stamp_;
  base::sys::FileStamp stamp;
  std::string text;
  int err = 0;
  bool changed = false;
  runtime::Blocking([&] {
    err = base::sys::StatFile(path_.c_str(), &stamp);
    changed = err == 0 && stamp != known;
    if (changed) err = ReadTextFile(path_, &text);
  });
  expires_ = now + kMaxAge;
  if (err == -ENOENT || err == -EACCES || err == -EPERM) {
    table_ = std::make_shared<const HostsTable>();
    stamp_ = kUnknown;
  } else if (err == 0 && changed) {
    table_ = std::make_shared<const HostsTable>(text);
    stamp_ = stamp;
  }
}

}  // namespace parkour::net
