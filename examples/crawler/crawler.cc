// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Crawls a web site (its own, of site.h): one goroutine per page, a semaphore
// for how many fetch at a time, and an errgroup: the first error cancels all.
// Try it: crawler 1000
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "fetch.h"
#include "parkour/parkour.h"
#include "site.h"

using namespace parkour;

class Crawler {
 public:
  Crawler(errgroup::Group group, context::Context ctx, std::string address)
      : group_(group), ctx_(ctx), address_(address) {}

  void Visit(const std::string& path) {
    {
      sync::MutexLock lock(&mu_);
      if (!seen_.insert(path).second) return;
    }
    group_.Go([this, path]() -> absl::Status {
      if (auto err = fetching_.Acquire(ctx_); !err.ok()) return err;
      absl::StatusOr<std::string> page = Fetch(ctx_, address_, path);
      fetching_.Release();
      if (!page.ok()) return page.status();
      for (size_t at = 0; (at = page->find("href=\"", at)) != page->npos;) {
        at += 6;
        Visit(page->substr(at, page->find('"', at) - at));
      }
      return absl::OkStatus();
    });
  }

  size_t Pages() {
    sync::MutexLock lock(&mu_);
    return seen_.size();
  }

 private:
  const errgroup::Group group_;
  const context::Context ctx_;
  const std::string address_;
  sync::Semaphore fetching_{16};
  sync::Mutex mu_;
  std::set<std::string> seen_ ABSL_GUARDED_BY(mu_);
};

int main(int argc, char** argv) {
  const int pages = argc > 1 ? std::atoi(argv[1]) : 100;
  if (pages < 1) {
    std::fputs("usage: crawler [PAGES [BROKEN]]\n", stderr);
    return 2;
  }
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
    if (!ln.ok()) return ln.status();
    go(ServeSite, *ln, pages, argc > 2 ? std::atoi(argv[2]) : 0);
    auto [group, ctx] = errgroup::WithContext(context::Background());
    Crawler crawler(group, ctx, ln->Addr().String());
    crawler.Visit("/1");
    if (absl::Status err = group.Wait(); !err.ok()) return err;
    std::printf("%zu pages\n", crawler.Pages());
    return absl::OkStatus();
  });
}
