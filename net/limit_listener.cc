// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/limit_listener.h"

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "parkour/base/atomic.h"
#include "parkour/base/check.h"
#include "parkour/base/error.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/time/timer.h"

namespace parkour::net {
namespace {

// A place among the n, taken by sending into `places`.
class LimitedConn final : public ConnWrapper {
 public:
  LimitedConn(Conn conn, Chan<Unit> places)
      : ConnWrapper(std::move(conn)), places_(std::move(places)) {}
  ~LimitedConn() override { Release(); }

  absl::Status Close() override {
    absl::Status err = conn().Close();
    Release();
    return err;
  }
  io::Result Writev(std::span<const std::string_view> bufs) override {
    return conn().Writev(bufs);
  }
  bool HasReadFrom() override { return conn().HasReadFrom(); }
  io::Result ReadFrom(io::ReaderRef r) override { return conn().ReadFrom(r); }

 private:
  void Release() {
    if (!released_.exchange(true, base::kAcqRel)) places_.TryRecv();
  }

  const Chan<Unit> places_;
  base::Atomic<bool> released_{false};
};

class LimitedListener final : public ListenerImpl {
 public:
  LimitedListener(Listener listener, int n)
      : listener_(std::move(listener)), places_(MakeChan<Unit>(n)) {}

  absl::StatusOr<Conn> Accept() override {
    const Place place = Acquire();
    if (place == Place::kTimeout) return TimeoutError();
    if (place == Place::kClosed) {
      // The listener knows the words.
      for (;;) {
        absl::StatusOr<Conn> conn = listener_.Accept();
        if (!conn.ok()) return conn.status();
        conn->Close().IgnoreError();
      }
    }
    absl::StatusOr<Conn> conn = listener_.Accept();
    if (!conn.ok()) {
      places_.TryRecv();
      return conn.status();
    }
    return MakeConn<LimitedConn>(*std::move(conn), places_);
  }

  absl::Status Close() override {
    absl::Status err = listener_.Close();
    if (!closed_.exchange(true, base::kAcqRel)) done_.Close();
    return err;
  }

  net::Addr Addr() override { return listener_.Addr(); }

  absl::Status SetDeadline(absl::Time t) override {
    absl::Status err = listener_.SetDeadline(t);
    if (!err.ok()) return err;
    Chan<Unit> changed = MakeChan<Unit>();
    {
      sync::MutexLock lock(&mu_);
      deadline_ = t;
      std::swap(changed, changed_);
    }
    changed.Close();  // who waits looks again
    return absl::OkStatus();
  }

 private:
  enum class Place { kTaken, kClosed, kTimeout };

  Place Acquire() {
    for (;;) {
      absl::Time deadline;
      Chan<Unit> changed;
      {
        sync::MutexLock lock(&mu_);
        deadline = deadline_;
        changed = changed_;
      }
      std::optional<time::Timer> timer;
      RecvChan<absl::Time> expired;  // nil: never
      if (deadline != absl::InfiniteFuture()) {
        const absl::Duration left = deadline - absl::Now();
        if (left <= absl::ZeroDuration()) return Place::kTimeout;
        timer = time::NewTimer(left);
        expired = timer->C;
      }
      const size_t which =
          Select(done_.OnRecv([] {}), places_.OnSend(Unit{}, [] {}),
                 changed.OnRecv([] {}), expired.OnRecv([] {}));
      if (timer.has_value()) timer->Stop();
      if (which == 0) return Place::kClosed;
      if (which == 1) return Place::kTaken;
    }
  }

  // As the listener's own Accept says it.
  absl::Status TimeoutError() {
    const net::Addr addr = Addr();
    return base::MakeOpError("accept", addr.Network(), "", addr.String(),
                             base::ErrDeadlineExceeded());
  }

  const Listener listener_;
  const Chan<Unit> places_;  // as full as there are connections
  const Chan<Unit> done_ = MakeChan<Unit>();
  base::Atomic<bool> closed_{false};
  sync::Mutex mu_;
  absl::Time deadline_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  // Closed, and another one, when the deadline changes.
  Chan<Unit> changed_ ABSL_GUARDED_BY(mu_) = MakeChan<Unit>();
};

}  // namespace

Listener LimitListener(Listener listener, int n) {
  PARKOUR_CHECK(n > 0);
  return Listener(std::make_shared<LimitedListener>(std::move(listener), n));
}

}  // namespace parkour::net
