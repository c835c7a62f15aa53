// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/histories/specs.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace parkour::tests {
namespace {

// Somebody else wants, or wanted, to have it at the same time. A failed try is
// allowed then even if it finds the lock free: the lock may be owed to one that
// waits, and two tries may meet inside.
template <typename Pred>
bool SomebodyNear(const Op& op, const History& history, Pred takes) {
  return std::any_of(history.begin(), history.end(), [&](const Op& other) {
    return other.call != op.call && takes(other.kind) && Overlap(op, other);
  });
}

std::string Call(const char* name, const Op& op) {
  return std::string(name) + "(" + std::to_string(op.arg) +
         ") = " + std::to_string(op.result);
}

}  // namespace

// ---- Channels ----

ChanSpec::ChanSpec(std::vector<int> caps) : caps_(std::move(caps)) {
  size_t at = 0;
  for (const int cap : caps_) {
    offsets_.push_back(at);
    at += 2 + static_cast<size_t>(cap);
  }
  offsets_.push_back(at);
}

Spec::State ChanSpec::Initial() const { return State(offsets_.back()); }

ChanSpec::View ChanSpec::At(int object, State* state) const {
  int64_t* const p = state->data() + offsets_[object];
  return {p, p + 1, p + 2, caps_[object]};
}

bool ChanSpec::NothingReady(const Op& op, State* state) const {
  for (int i = 0; i < static_cast<int>(caps_.size()); ++i) {
    const View c = At(i, state);
    if ((op.arg >> i & 1) != 0 && (*c.closed != 0 || *c.count > 0)) {
      return false;
    }
    // Nobody knows who waits at an unbuffered channel.
    if ((op.arg >> (16 + i) & 1) != 0 && c.cap > 0 && *c.count < c.cap) {
      return false;
    }
  }
  return true;
}

bool ChanSpec::Step(const Op& op, const History&, State* state) const {
  if (op.kind == kNone) return NothingReady(op, state);
  const View c = At(op.object, state);
  switch (op.kind) {
    case kTrySend:
      if (op.result == 0) {
        return *c.closed == 0 && (c.cap == 0 || *c.count == c.cap);
      }
      [[fallthrough]];
    case kSend:
      if (*c.closed != 0 || *c.count == c.cap) return false;
      c.values[(*c.count)++] = op.arg;
      return true;
    case kTryRecv:
      if (op.result == kNothing) return *c.count == 0;
      [[fallthrough]];
    case kRecv:
      if (op.result == kClosed) return *c.closed != 0 && *c.count == 0;
      if (*c.count == 0 || c.values[0] != op.result) return false;
      std::copy(c.values + 1, c.values + *c.count, c.values);
      c.values[--*c.count] = 0;
      return true;
    case kClose:
      return std::exchange(*c.closed, 1) == 0;
    case kLen:
      return op.result == *c.count;
  }
  return false;
}

// The rendezvous of an unbuffered channel. One of the two waited.
bool ChanSpec::StepTogether(const Op& send, const Op& recv,
                            State* state) const {
  const bool tries = send.kind == kTrySend;
  if (!(send.kind == kSend || (tries && send.result == 1))) return false;
  if (!(recv.kind == kRecv || (recv.kind == kTryRecv && !tries))) return false;
  if (send.object != recv.object || send.arg != recv.result) return false;
  const View c = At(send.object, state);
  return c.cap == 0 && *c.closed == 0;
}

std::string ChanSpec::Show(const Op& op) const {
  static constexpr const char* kNames[] = {
      "Send", "Recv", "TrySend", "TryRecv", "Close", "Len", "none"};
  return "channel " + std::to_string(op.object) + " (of " +
         std::to_string(caps_[op.object]) + ") " + Call(kNames[op.kind], op);
}

// ---- Locks ----

bool LockSpec::Step(const Op& op, const History& history, State* state) const {
  int64_t& writers = (*state)[0];
  int64_t& readers = (*state)[1];
  const bool free = writers == 0 && readers == 0;
  switch (op.kind) {
    case kTryLock:
      if (op.result == 0) {
        return !free || SomebodyNear(op, history, [this](int kind) {
          return kind != kRUnlock && (kind != kUnlock || of_ == Of::kRWMutex);
        });
      }
      [[fallthrough]];
    case kLock:
      if (!free) return false;
      writers = 1;
      return true;
    case kTryRLock:
      if (op.result == 0) {
        return writers != 0 || SomebodyNear(op, history, [](int kind) {
                 return kind == kLock || kind == kTryLock;
               });
      }
      [[fallthrough]];
    case kRLock:
      if (writers != 0) return false;
      ++readers;
      return true;
    case kUnlock:
      return std::exchange(writers, 0) == 1;
    case kRUnlock:
      return readers-- > 0;
  }
  return false;
}

std::string LockSpec::Show(const Op& op) const {
  static constexpr const char* kNames[] = {"Lock",  "Unlock",  "TryLock",
                                           "RLock", "RUnlock", "TryRLock"};
  return Call(kNames[op.kind], op);
}

// ---- Semaphores ----

bool SemaphoreSpec::Step(const Op& op, const History& history,
                         State* state) const {
  int64_t& held = (*state)[0];
  switch (op.kind) {
    case kAcquire:
      if (op.result == 0) return true;  // took nothing
      if (held + op.arg > size_) return false;
      held += op.arg;
      return true;
    case kTryAcquire:
      if (op.result == 0) {
        return held + op.arg > size_ || SomebodyNear(op, history, [](int kind) {
                 return kind == kAcquire;
               });
      }
      if (held + op.arg > size_) return false;
      held += op.arg;
      return true;
    case kRelease:
      held -= op.arg;
      return held >= 0;
  }
  return false;
}

std::string SemaphoreSpec::Show(const Op& op) const {
  static constexpr const char* kNames[] = {"Acquire", "TryAcquire", "Release"};
  return Call(kNames[op.kind], op);
}

}  // namespace parkour::tests
