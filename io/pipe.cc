// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/pipe.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "parkour/sync/cond.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"

namespace parkour::io {
namespace {

absl::Status NilHandle() {
  return absl::InvalidArgumentError("invalid argument");
}

}  // namespace

namespace internal {

// What the two ends share. At most one writer, the holder of write_mu_, offers
// its bytes; readers take from its front. The bytes stay in the writer's
// memory: it does not return before it has withdrawn its offer under mu_.
//
//   offered_ && !done_   a Read takes, and wakes the writer when all is gone
//   !offered_ && !done_  Reads wait on readable_, a Write offers
//   done_                nobody waits; the errors say who closed, and why
//
// Wake-ups: an offer wakes one reader; a reader that leaves something wakes the
// next one; closing wakes all.
class PipeState {
 public:
  Result Read(std::span<char> p) {
    const sync::MutexLock lock(&mu_);
    while (!offered_ && !done_) readable_.Wait();
    if (done_) return {0, ReadCloseError()};
    const size_t n = std::min(p.size(), offer_.size());
    if (n > 0) std::memcpy(p.data(), offer_.data(), n);
    offer_.remove_prefix(n);
    if (offer_.empty()) {
      offered_ = false;
      taken_.Signal();
    } else {
      readable_.Signal();
    }
    return {n, absl::OkStatus()};
  }

  Result Write(std::string_view p) {
    const sync::MutexLock turn(&write_mu_);
    const sync::MutexLock lock(&mu_);
    if (done_) return {0, WriteCloseError()};
    offer_ = p;
    offered_ = true;
    readable_.Signal();
    while (offered_ && !done_) taken_.Wait();
    if (!offered_) return {p.size(), absl::OkStatus()};
    offered_ = false;
    return {p.size() - offer_.size(), WriteCloseError()};
  }

  void CloseRead(const absl::Status& err) {
    Close(&read_err_, err.ok() ? ErrClosedPipe() : err);
  }

  void CloseWrite(const absl::Status& err) {
    Close(&write_err_, err.ok() ? EOF() : err);
  }

 private:
  void Close(std::optional<absl::Status>* mine, absl::Status err) {
    const sync::MutexLock lock(&mu_);
    if (!mine->has_value()) *mine = std::move(err);
    done_ = true;
    readable_.Broadcast();
    taken_.Broadcast();
  }

  // Whoever closed its own end gets ErrClosedPipe, the other end the error.
  // Go: pipe.readCloseError, pipe.writeCloseError.
  absl::Status ReadCloseError() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return !read_err_ && write_err_ ? *write_err_ : ErrClosedPipe();
  }
  absl::Status WriteCloseError() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return !write_err_ && read_err_ ? *read_err_ : ErrClosedPipe();
  }

  sync::Mutex write_mu_;  // held for the length of a Write; before mu_
  sync::Mutex mu_;
  sync::Cond readable_{&mu_};
  sync::Cond taken_{&mu_};
  // What is left of it.
  std::string_view offer_ ABSL_GUARDED_BY(mu_);
  bool offered_ ABSL_GUARDED_BY(mu_) = false;
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  // Why the reader closed, why the writer did.
  std::optional<absl::Status> read_err_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> write_err_ ABSL_GUARDED_BY(mu_);
};

class PipeReadEnd {
 public:
  explicit PipeReadEnd(std::shared_ptr<PipeState> state)
      : state_(std::move(state)) {}
  ~PipeReadEnd() { state_->CloseRead(absl::OkStatus()); }
  PipeReadEnd(const PipeReadEnd&) = delete;
  PipeReadEnd& operator=(const PipeReadEnd&) = delete;

  PipeState& state() const { return *state_; }

 private:
  const std::shared_ptr<PipeState> state_;
};

class PipeWriteEnd {
 public:
  explicit PipeWriteEnd(std::shared_ptr<PipeState> state)
      : state_(std::move(state)) {}
  ~PipeWriteEnd() { state_->CloseWrite(absl::OkStatus()); }
  PipeWriteEnd(const PipeWriteEnd&) = delete;
  PipeWriteEnd& operator=(const PipeWriteEnd&) = delete;

  PipeState& state() const { return *state_; }

 private:
  const std::shared_ptr<PipeState> state_;
};

}  // namespace internal

Result PipeReader::Read(std::span<char> p) const {
  if (end_ == nullptr) return {0, NilHandle()};
  return end_->state().Read(p);
}

absl::Status PipeReader::Close() const {
  return CloseWithError(absl::OkStatus());
}

absl::Status PipeReader::CloseWithError(const absl::Status& err) const {
  if (end_ == nullptr) return NilHandle();
  end_->state().CloseRead(err);
  return absl::OkStatus();
}

Result PipeWriter::Write(std::string_view p) const {
  if (end_ == nullptr) return {0, NilHandle()};
  return end_->state().Write(p);
}

absl::Status PipeWriter::Close() const {
  return CloseWithError(absl::OkStatus());
}

absl::Status PipeWriter::CloseWithError(const absl::Status& err) const {
  if (end_ == nullptr) return NilHandle();
  end_->state().CloseWrite(err);
  return absl::OkStatus();
}

std::pair<PipeReader, PipeWriter> Pipe() {
  const auto state = std::make_shared<internal::PipeState>();
  return {PipeReader(std::make_shared<internal::PipeReadEnd>(state)),
          PipeWriter(std::make_shared<internal::PipeWriteEnd>(state))};
}

}  // namespace parkour::io
