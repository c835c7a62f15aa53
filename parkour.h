// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// parkour.h: all of Parkour: go(), channels, sync, time, net, Main.
//
//   #include <cstdio>
//
//   #include "parkour/parkour.h"
//
//   using namespace parkour;
//
//   int main(int argc, char** argv) {
//     return parkour::Main(argc, argv, [] {
//       Chan<int> ch = MakeChan<int>();
//       go([ch] { ch.Send(42); });
//       std::printf("%d\n", *ch.Recv());
//     });
//   }
//
// See: README.md, docs/ARCHITECTURE.md

#ifndef PARKOUR_PARKOUR_H_
#define PARKOUR_PARKOUR_H_

#if __cplusplus < 202002L
#error "Parkour is C++20: compile with -std=c++20, see docs/INSTALL.md"
#endif

#include "parkour/boot/main.h"
#include "parkour/bufio/bufio.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/context/context.h"
#include "parkour/errgroup/errgroup.h"
#include "parkour/io/io.h"
#include "parkour/io/pipe.h"
#include "parkour/metrics/metrics.h"
#include "parkour/net/net.h"
#include "parkour/pprof/pprof.h"
#include "parkour/runtime/debug.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/lifecycle.h"
#include "parkour/runtime/limits.h"
#include "parkour/runtime/local.h"
#include "parkour/runtime/stack_stats.h"
#include "parkour/runtime/syscall.h"
#include "parkour/signal/signal.h"
#include "parkour/sync/cond.h"
#include "parkour/sync/map.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/once.h"
#include "parkour/sync/pool.h"
#include "parkour/sync/rwmutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/semaphore.h"
#include "parkour/sync/singleflight.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/sleep.h"
#include "parkour/time/timer.h"
#include "parkour/tracing/annotate.h"
#include "parkour/tracing/trace.h"

#endif  // PARKOUR_PARKOUR_H_
