// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// One state for both ends, under one mutex:
//
//   Lane    one direction: what its writer offers, who waits for it
//   End     one side: closed or not, its two deadlines
//
// Whoever waits does so on a condition of its lane, and looks again at all that
// may end it: bytes, either end's Close, its own deadline. Whoever changes one
// of these wakes the lane. A deadline's timer carries the number of the setting
// that made it; one that fires late finds another number and does nothing.
//
// Go: src/net/pipe.go

#include "parkour/net/pipe.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "parkour/base/error.h"
#include "parkour/io/io.h"
#include "parkour/sync/cond.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/time/timer.h"

namespace parkour::net {
namespace {

struct Deadline {
  bool passed = false;
  uint64_t setting = 0;
  std::optional<time::Timer> timer;
};

class PipeState : public std::enable_shared_from_this<PipeState> {
 public:
  io::Result Read(int end, std::span<char> buf) {
    Lane& lane = lanes_[1 - end];
    const sync::MutexLock lock(&mu_);
    for (;;) {
      if (closed_[end]) return {0, io::ErrClosedPipe()};
      if (closed_[1 - end]) return {0, io::EOF()};
      if (deadlines_[end][kReads].passed) return {0, Late("read")};
      if (lane.offered) break;
      lane.readable.Wait();
    }
    const size_t n = std::min(buf.size(), lane.offer.size());
    if (n > 0) std::memcpy(buf.data(), lane.offer.data(), n);
    lane.offer.remove_prefix(n);
    if (lane.offer.empty()) {
      lane.offered = false;
      lane.taken.Signal();
    } else {
      lane.readable.Signal();
    }
    return {n, absl::OkStatus()};
  }

  io::Result Write(int end, std::string_view data) {
    Lane& lane = lanes_[end];
    const sync::MutexLock turn(&lane.writers);
    const sync::MutexLock lock(&mu_);
    absl::Status err = WriteError(end);
    if (!err.ok()) return {0, err};
    lane.offer = data;
    lane.offered = true;
    lane.readable.Signal();
    while (lane.offered) {
      lane.taken.Wait();
      if (lane.offered && !(err = WriteError(end)).ok()) break;
    }
    lane.offered = false;
    return {data.size() - lane.offer.size(), err};
  }

  void Close(int end) {
    const sync::MutexLock lock(&mu_);
    closed_[end] = true;
    for (Deadline& deadline : deadlines_[end]) Disarm(&deadline);
    WakeAll();
  }

  // `which`: kReads, kWrites or both.
  absl::Status SetDeadline(int end, absl::Time t, unsigned which) {
    const sync::MutexLock lock(&mu_);
    if (closed_[0] || closed_[1]) return io::ErrClosedPipe();
    for (const int kind : {kReads, kWrites}) {
      if (which & (1u << kind)) Arm(end, kind, t);
    }
    WakeAll();
    return absl::OkStatus();
  }

  static constexpr int kReads = 0;
  static constexpr int kWrites = 1;

 private:
  struct Lane {
    explicit Lane(sync::Mutex* mu) : readable(mu), taken(mu) {}
    sync::Mutex writers;  // held for the length of a Write; before mu_
    sync::Cond readable;
    sync::Cond taken;
    std::string_view offer;
    bool offered = false;
  };

  static absl::Status Late(std::string_view op) {
    return base::MakeOpError(op, "pipe", "", "", base::ErrDeadlineExceeded());
  }

  absl::Status WriteError(int end) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (closed_[0] || closed_[1]) return io::ErrClosedPipe();
    if (deadlines_[end][kWrites].passed) return Late("write");
    return absl::OkStatus();
  }

  void WakeAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    for (Lane& lane : lanes_) {
      lane.readable.Broadcast();
      lane.taken.Broadcast();
    }
  }

  void Disarm(Deadline* deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (deadline->timer) deadline->timer->Stop();
    deadline->timer.reset();
    ++deadline->setting;
  }

  void Arm(int end, int kind, absl::Time t) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    Deadline& deadline = deadlines_[end][kind];
    Disarm(&deadline);
    const absl::Duration left = t - absl::Now();
    deadline.passed = left <= absl::ZeroDuration();
    if (deadline.passed || t == absl::InfiniteFuture()) return;
    deadline.timer = time::AfterFunc(
        left, [weak = weak_from_this(), end, kind, id = deadline.setting] {
          if (const auto state = weak.lock()) state->Pass(end, kind, id);
        });
  }

  void Pass(int end, int kind, uint64_t setting) {
    const sync::MutexLock lock(&mu_);
    Deadline& deadline = deadlines_[end][kind];
    if (deadline.setting != setting) return;
    deadline.passed = true;
    WakeAll();
  }

  sync::Mutex mu_;
  // What end 0 writes, what end 1 writes.
  Lane lanes_[2] = {Lane(&mu_), Lane(&mu_)};
  bool closed_[2] ABSL_GUARDED_BY(mu_) = {false, false};
  Deadline deadlines_[2][2] ABSL_GUARDED_BY(mu_);
};

class PipeConn final : public ConnImpl {
 public:
  PipeConn(std::shared_ptr<PipeState> state, int end)
      : state_(std::move(state)), end_(end) {}
  ~PipeConn() override { state_->Close(end_); }

  io::Result Read(std::span<char> buf) override {
    return state_->Read(end_, buf);
  }
  io::Result Write(std::string_view data) override {
    return state_->Write(end_, data);
  }
  absl::Status Close() override {
    state_->Close(end_);
    return absl::OkStatus();
  }
  Addr LocalAddr() override { return UnixAddr{.name = "pipe", .net = "pipe"}; }
  Addr RemoteAddr() override { return LocalAddr(); }
  absl::Status SetDeadline(absl::Time t) override {
    return state_->SetDeadline(end_, t, 3);
  }
  absl::Status SetReadDeadline(absl::Time t) override {
    return state_->SetDeadline(end_, t, 1u << PipeState::kReads);
  }
  absl::Status SetWriteDeadline(absl::Time t) override {
    return state_->SetDeadline(end_, t, 1u << PipeState::kWrites);
  }

 private:
  const std::shared_ptr<PipeState> state_;
  const int end_;
};

}  // namespace

std::pair<Conn, Conn> Pipe() {
  const auto state = std::make_shared<PipeState>();
  return {MakeConn<PipeConn>(state, 0), MakeConn<PipeConn>(state, 1)};
}

}  // namespace parkour::net
