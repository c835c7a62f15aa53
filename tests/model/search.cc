// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The walk through the tree of choices.
//
// Reduction. Two steps are in a race if they are dependent, of different
// threads, and not ordered by steps between them. For each race the other order
// must be tried: let v be all that came after the earlier step and does not
// depend on it, up to the later one; then some thread that can begin v must
// join the *backtrack set* of the state before the earlier step. A thread that
// has been tried from a state goes to *sleep* below the state's later branches
// until somebody does what its next operation depends on: until then trying it
// would only repeat what was seen.

#include "parkour/tests/model/engine.h"

namespace parkour::model {
namespace {

constexpr Mask Bit(int t) { return static_cast<Mask>(1u << t); }

}  // namespace

void Search::Start(const Options* options, int threads) {
  options_ = options;
  threads_ = threads;
  nodes_.clear();
}

void Search::StartExecution() {
  at_ = 0;
  sleep_ = 0;
  preemptions_ = 0;
  steps_ = 0;
  trace_.clear();
  for (Clock& c : clock_) c = Clock();
  for (Object& o : objects_) o = Object();
}

bool Search::Advance() {
  for (; !nodes_.empty(); nodes_.pop_back()) {
    Node& node = nodes_.back();
    if (!node.is_thread) {
      if (++node.chosen < node.n) return true;
      continue;
    }
    node.done |= Bit(node.chosen);
    Mask next = node.backtrack & ~node.done;
    if (options_->search == Options::kReduced) {
      node.sleep |= Bit(node.chosen);
      next &= ~node.sleep;
    } else if (options_->preemptions >= 0 && node.current >= 0 &&
               (node.enabled & Bit(node.current)) &&
               node.preemptions >= options_->preemptions) {
      next = 0;  // the first choice was to go on without a switch
    }
    if (next == 0) continue;
    node.chosen = static_cast<uint8_t>(__builtin_ctz(next));
    return true;
  }
  return false;
}

int Search::ChooseThread(Mask enabled, int current, const Op* pending) {
  const bool reduced = options_->search == Options::kReduced;
  if (at_ == nodes_.size()) {
    const Mask awake = enabled & ~sleep_;
    if (awake == 0) return -1;
    Node node{};
    node.is_thread = true;
    node.chosen = static_cast<uint8_t>(current >= 0 && (awake & Bit(current))
                                           ? current
                                           : __builtin_ctz(awake));
    node.enabled = enabled;
    node.backtrack = reduced ? Bit(node.chosen) : enabled;
    node.sleep = sleep_;
    node.current = static_cast<int8_t>(current);
    node.preemptions = static_cast<uint16_t>(preemptions_);
    nodes_.push_back(node);
  }
  const Node& node = nodes_[at_++];
  const int t = node.chosen;
  if (current >= 0 && t != current && (enabled & Bit(current))) ++preemptions_;
  if (reduced) {
    sleep_ = 0;
    for (int q = 0; q < threads_; ++q) {
      if (q != t && (node.sleep & Bit(q)) &&
          !Dependent(pending[q], pending[t])) {
        sleep_ |= Bit(q);
      }
    }
    const Clock before = clock_[t];
    Execute(t, pending[t]);
    // Steps that are replayed have had their turn.
    if (at_ == nodes_.size()) FindRaces(before, pending[t]);
    Remember(t, pending[t]);
  }
  ++steps_;
  return t;
}

int Search::ChooseValue(int n) {
  if (at_ == nodes_.size()) {
    Node node{};
    node.n = static_cast<uint8_t>(n);
    nodes_.push_back(node);
  }
  return nodes_[at_++].chosen;
}

Footprint Search::Of(const Op& op) const {
  Footprint f;
  const bool seq_cst = op.order == Order::seq_cst;
  switch (op.kind) {
    case OpKind::kLoad:
      // A seq_cst load writes the location's place in the seq_cst order.
      f.Add(op.loc, seq_cst);
      if (seq_cst) f.Add(kObjectSeqCst, false);
      break;
    case OpKind::kStore:
    case OpKind::kRmw:
    case OpKind::kCas:
      f.Add(op.loc, true);
      if (seq_cst) f.Add(kObjectSeqCst, false);
      break;
    case OpKind::kFence:
      f.Add(kObjectSeqCst, true);
      break;
    case OpKind::kBarrier:
      f.Add(kObjectAll, true);
      return f;
    case OpKind::kLock:
    case OpKind::kUnlock:
      f.Add(kMaxLocations + op.loc, true);
      break;
    case OpKind::kAwait:
      f.Add(op.loc, op.order == Order::acq_rel);  // it takes
      break;
    case OpKind::kFutexWait:
    case OpKind::kFutexWake:
      f.Add(op.loc, true);
      break;
    case OpKind::kRunning:
      break;
  }
  if (options_->membarrier) f.Add(kObjectAll, false);
  return f;
}

bool Search::Dependent(const Op& a, const Op& b) const {
  const Footprint x = Of(a), y = Of(b);
  for (int i = 0; i < x.n; ++i) {
    for (int j = 0; j < y.n; ++j) {
      if (x.object[i] == y.object[j] && (x.write[i] || y.write[j])) return true;
    }
  }
  return false;
}

void Search::Execute(int t, const Op& op) {
  Clock& clock = clock_[t];
  const Footprint f = Of(op);
  for (int i = 0; i < f.n; ++i) {
    const Object& o = objects_[f.object[i]];
    clock.Join(f.write[i] ? o.all : o.writes);
  }
  const auto number = static_cast<uint16_t>(trace_.size() + 1);
  clock.step[t] = number;
  trace_.push_back({static_cast<int>(at_) - 1, t, op.loc, op.kind, clock});
  for (int i = 0; i < f.n; ++i) {
    Object& o = objects_[f.object[i]];
    o.all.Join(clock);
    if (f.write[i]) o.writes.Join(clock);
  }
}

void Search::Remember(int t, const Op& op) {
  const auto number = static_cast<uint16_t>(trace_.size());
  const Footprint f = Of(op);
  for (int i = 0; i < f.n; ++i) {
    // No Lock can be put before another's Unlock, only before its Lock.
    if (op.kind == OpKind::kUnlock && f.object[i] != kObjectAll) continue;
    Object& o = objects_[f.object[i]];
    o.last[t] = number;
    if (f.write[i]) o.last_write[t] = number;
  }
}

// `before`: what had happened before the newest step's thread did it.
void Search::FindRaces(const Clock& before, const Op& op) {
  const Step& newest = trace_.back();
  const int p = newest.thread;
  if (op.kind == OpKind::kAwait) FindBlockers(before, op);
  const Footprint f = Of(op);
  // The last step of each thread that races with the newest one.
  int racing[kMaxThreads] = {};
  for (int i = 0; i < f.n; ++i) {
    const Object& o = objects_[f.object[i]];
    if ((op.kind == OpKind::kUnlock || op.kind == OpKind::kAwait) &&
        f.object[i] != kObjectAll) {
      continue;
    }
    for (int q = 0; q < threads_; ++q) {
      const int s = f.write[i] ? o.last[q] : o.last_write[q];
      if (q != p && s > before.step[q] && s > racing[q]) racing[q] = s;
    }
  }
  for (int q = 0; q < threads_; ++q) {
    bool direct = racing[q] > 0;
    for (int r = 0; r < threads_ && direct; ++r) {
      direct = r == q || racing[r] == 0 ||
               trace_[racing[r] - 1].clock.step[q] < racing[q];
    }
    if (!direct) continue;
    Reverse(racing[q] - 1, op.kind == OpKind::kLock ? before : newest.clock);
  }
}

// An await cannot be put before the store that let it go on, but before an
// earlier one that would have let it go on too, or that made it wait.
void Search::FindBlockers(const Clock& before, const Op& op) {
  const int p = trace_.back().thread;
  for (int i = static_cast<int>(trace_.size()) - 2; i >= 0; --i) {
    const Step& s = trace_[i];
    if (s.thread == p || s.loc != op.loc || s.kind == OpKind::kLock ||
        s.kind == OpKind::kUnlock || before.step[s.thread] > i ||
        !(nodes_[s.node].enabled & Bit(p))) {
      continue;
    }
    Reverse(i, before);
  }
}

// The newest step, after `before`, is to be tried before `step`.
void Search::Reverse(int step, const Clock& before) {
  const int first = trace_[step].thread;
  const int newest = static_cast<int>(trace_.size()) - 1;
  Node& node = nodes_[trace_[step].node];
  // v's steps so far: per thread the first, which everything later of that
  // thread comes after.
  int begun[kMaxThreads] = {};
  Mask initials = 0;
  for (int j = step + 1; j <= newest; ++j) {
    const int q = trace_[j].thread;
    const Clock& clock = j == newest ? before : trace_[j].clock;
    if (j != newest && clock.step[first] >= step + 1) continue;
    if (begun[q] != 0) continue;
    bool initial = true;
    for (int r = 0; r < threads_; ++r) {
      if (begun[r] != 0 && clock.step[r] >= begun[r]) initial = false;
    }
    begun[q] = j + 1;
    if (initial) initials |= Bit(q);
  }
  initials &= node.enabled;
  if (initials == 0 || (initials & node.backtrack)) return;
  const int p = trace_[newest].thread;
  node.backtrack |= (initials & Bit(p)) ? Bit(p) : initials & -initials;
}

}  // namespace parkour::model
