// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// site.h: a web site to crawl: pages 1 to n, of which i links to 2i and 2i+1,
// and all to page 1.

#ifndef PARKOUR_EXAMPLES_CRAWLER_SITE_H_
#define PARKOUR_EXAMPLES_CRAWLER_SITE_H_

#include "parkour/net/net.h"

// Answers requests until the listener is closed. Page `broken` is cut short.
void ServeSite(parkour::net::Listener ln, int pages, int broken);

#endif  // PARKOUR_EXAMPLES_CRAWLER_SITE_H_
