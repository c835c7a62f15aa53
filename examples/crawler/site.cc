// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "site.h"

#include <cstdio>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "parkour/parkour.h"

using namespace parkour;

namespace {

std::string Page(int page, int pages) {
  std::string body = "<a href=\"/1\">";
  for (const int link : {2 * page, 2 * page + 1}) {
    if (link <= pages) absl::StrAppend(&body, "<a href=\"/", link, "\">");
  }
  return body;
}

void Answer(net::Conn conn, int pages, int broken) {
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  auto [request, err] = bufio::Reader(conn).ReadString('\n');
  int page = 0;
  if (!err.ok() || std::sscanf(request.c_str(), "GET /%d", &page) != 1) return;
  if (page < 1 || page > pages) {
    conn.Write("HTTP/1.0 404 Not Found\r\n\r\n").err.IgnoreError();
    return;
  }
  const std::string body = Page(page, pages);
  conn.Write(absl::StrCat("HTTP/1.0 200 OK\r\nContent-Length: ", body.size(),
                          "\r\n\r\n",
                          page == broken ? body.substr(0, 5) : body))
      .err.IgnoreError();
}

}  // namespace

void ServeSite(net::Listener ln, int pages, int broken) {
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln.Accept();
    if (conn.ok()) {
      go(Answer, *conn, pages, broken);
    } else if (net::IsClosed(conn.status())) {
      return;
    }
  }
}
