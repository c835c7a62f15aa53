// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "fetch.h"

#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "parkour/parkour.h"

using namespace parkour;

absl::StatusOr<std::string> Fetch(context::Context ctx, std::string address,
                                  std::string path) {
  absl::StatusOr<net::Conn> conn =
      net::Dialer().DialContext(ctx, "tcp", address);
  if (!conn.ok()) return conn.status();
  // Who is parked in Read or Write goes on when the connection is closed.
  auto stop = context::AfterFunc(ctx, [conn] { conn->Close().IgnoreError(); });
  absl::Cleanup unregister = [&] { stop(); };
  auto [n, err] = conn->Write(absl::StrCat("GET ", path, " HTTP/1.0\r\n\r\n"));
  if (!err.ok()) return err;
  absl::StatusOr<std::string> page = io::ReadAll(*conn);
  if (!page.ok()) return page.status();
  size_t size = 0;
  const size_t body = page->find("\r\n\r\n") + 4;
  if (std::sscanf(page->c_str(), "HTTP/1.0 200 OK Content-Length: %zu",
                  &size) != 1 ||
      page->size() - body != size) {
    return absl::DataLossError(absl::StrCat(path, " is broken"));
  }
  return page->substr(body);
}
