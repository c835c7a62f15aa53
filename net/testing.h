// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// testing.h: resolvers that ask nobody but the test.
//
//   testing::Fake fake("127.0.0.1 localhost\n");
//   fake.system->Set("a.example", {"192.0.2.1"});
//   fake.system->Block("a.example");      // until Unblock, on its thread
//   fake.resolver.LookupHost(ctx, "a.example");

#ifndef PARKOUR_NET_TESTING_H_
#define PARKOUR_NET_TESTING_H_

#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "parkour/net/resolver.h"
#include "parkour/net/system_resolver.h"

namespace parkour::net::testing {

// A file with this text, until the end of the scope.
class TempFile {
 public:
  explicit TempFile(const std::string& text) {
    const char* dir = getenv("TEST_TMPDIR");
    path_ = std::string(dir != nullptr ? dir : "/tmp") + "/hostsXXXXXX";
    const int fd = mkstemp(path_.data());
    if (fd >= 0) close(fd);
    Write(text);
  }
  ~TempFile() { unlink(path_.c_str()); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  void Write(const std::string& text) { std::ofstream(path_) << text; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Instead of the C library. Its methods run on threads that hold no P: plain
// locks are right here.
class FakeSystem : public SystemResolver {
 public:
  Code LookupHost(const std::string& name, int family,
                  HostAnswer* answer) override {
    std::unique_lock<std::mutex> lock(mu_);
    Enter(name, &lock);
    const auto code = codes_.find(name);
    if (code != codes_.end()) return code->second;
    const auto it = hosts_.find(name);
    if (it == hosts_.end()) return {.eai = EAI_NONAME};
    for (const std::string& text : it->second) {
      IPAddr addr = ParseIPZone(text);
      const bool v4 = !addr.ip.To4().empty();
      if (family != AF_UNSPEC && v4 != (family == AF_INET)) continue;
      answer->addrs.push_back(std::move(addr));
    }
    if (answer->addrs.empty()) return {.eai = EAI_NODATA};
    answer->canonical = "canonical." + name + ".";
    return {};
  }

  Code LookupName(const IPAddr& addr, std::string* name) override {
    std::unique_lock<std::mutex> lock(mu_);
    Enter(addr.String(), &lock);
    const auto it = names_.find(addr.String());
    if (it == names_.end()) return {.eai = EAI_NONAME};
    *name = it->second;
    return {};
  }

  void Set(const std::string& name, std::vector<std::string> addrs) {
    std::lock_guard<std::mutex> lock(mu_);
    hosts_[name] = std::move(addrs);
  }
  void SetName(const std::string& addr, const std::string& name) {
    std::lock_guard<std::mutex> lock(mu_);
    names_[addr] = name;
  }
  void Fail(const std::string& name, int eai, int err = 0) {
    std::lock_guard<std::mutex> lock(mu_);
    codes_[name] = {eai, err};
  }

  void Block(const std::string& name) {
    std::lock_guard<std::mutex> lock(mu_);
    blocked_.insert(name);
  }
  void Unblock(const std::string& name) {
    std::lock_guard<std::mutex> lock(mu_);
    blocked_.erase(name);
    changed_.notify_all();
  }

  // Calls so far, and now; and the most at once.
  int calls() { return Read(&calls_); }
  int inside() { return Read(&inside_); }
  int most() { return Read(&most_); }

 private:
  void Enter(const std::string& name, std::unique_lock<std::mutex>* lock) {
    ++calls_;
    most_ = std::max(most_, ++inside_);
    changed_.wait(*lock, [&] { return blocked_.count(name) == 0; });
    --inside_;
  }
  int Read(const int* value) {
    std::lock_guard<std::mutex> lock(mu_);
    return *value;
  }

  std::mutex mu_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<std::string>> hosts_;
  std::map<std::string, std::string> names_;
  std::map<std::string, Code> codes_;
  std::set<std::string> blocked_;
  int calls_ = 0;
  int inside_ = 0;
  int most_ = 0;
};

// A resolver with this hosts file and a FakeSystem.
struct Fake {
  explicit Fake(const std::string& hosts, int threads = 0)
      : file(hosts),
        system(std::make_shared<FakeSystem>()),
        resolver(ResolverOptions{.HostsPath = file.path(),
                                 .MaxThreads = threads,
                                 .System = system}) {}

  TempFile file;
  std::shared_ptr<FakeSystem> system;
  Resolver resolver;
};

}  // namespace parkour::net::testing

#endif  // PARKOUR_NET_TESTING_H_
