// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/limit_listener.h"

#include <utility>

#include "parkour/base/atomic.h"
#include "parkour/base/check.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"

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
    if (!Acquire()) {
      // Closed: the listener knows the words.
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
    return listener_.SetDeadline(t);
  }

 private:
  bool Acquire() {
    return Select(done_.OnRecv([] {}), places_.OnSend(Unit{}, [] {})) == 1;
  }

  const Listener listener_;
  const Chan<Unit> places_;  // as full as there are connections
  const Chan<Unit> done_ = MakeChan<Unit>();
  base::Atomic<bool> closed_{false};
};

}  // namespace

Listener LimitListener(Listener listener, int n) {
  PARKOUR_CHECK(n > 0);
  return Listener(std::make_shared<LimitedListener>(std::move(listener), n));
}

}  // namespace parkour::net
