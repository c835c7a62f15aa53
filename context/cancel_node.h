// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// cancel_node.h: a context that can be cancelled, and the tree of them.
//
// `up` is the nearest ancestor that can be cancelled too; it lists this node
// among its children. All nodes form trees by `up`; between a node and its `up`
// there may be nodes with values, which cancellation does not see.
//
// State, under mu
//   kAlive       children may be added; the timer may be pending
//   kCancelling  err and cause are set and do not change again, Done is closed;
//                the children are being cancelled; mu is held throughout
//   kCancelled   all descendants are cancelled, the list of children is empty
//
// Order of locks: a parent before its children. A cancellation walks down with
// the locks of the whole path held, so that it is over when anybody else gets
// hold of the first of them; it uses no stack for that, and runs nobody's
// code: functions start in goroutines of their own, and what a node owns is
// destroyed after the last lock.
//
// Who keeps a node (node.h has the two counts): a child has a use of its
// parent; a parent has only the memory of its children. So a node without
// users has no children but these: AfterFuncs, and orphans, whose last handle
// went while somebody still listened. It stays in its parent's list as long as
// it has such children or is such an orphan, and as long as something can
// still cancel it: a parent, or a timer.
//
// See: Go: src/context/context.go (cancelCtx, timerCtx, afterFuncCtx)

#ifndef PARKOUR_CONTEXT_CANCEL_NODE_H_
#define PARKOUR_CONTEXT_CANCEL_NODE_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "parkour/base/atomic.h"
#include "parkour/chan/chan.h"
#include "parkour/context/node.h"
#include "parkour/sync/mutex.h"
#include "parkour/time/timer.h"

namespace parkour::context::internal {

class CancelNode : public Node {
 public:
  // The caller calls Propagate next, when the object is complete.
  CancelNode(Node* parent, absl::Time deadline)
      : CancelNode(parent, parent->canceler(), deadline) {}

  // Joins the tree; if `up` is cancelled, so is this.
  void Propagate();

  // Cancels itself and its descendants, and leaves the tree. An OK cause is
  // err. Does nothing, but waits for the end of the first, if not the first.
  void Cancel(const absl::Status& err, const absl::Status& cause);

  Chan<Unit> Done();
  absl::Status Err() const;
  absl::Status Cause() const;
  size_t NumChildren() const;

  // Cancels with DeadlineExceeded() after `left`.
  void CancelAfter(absl::Duration left, const absl::Status& cause);

  void Describe(std::string* text) const override;

 protected:
  CancelNode(Node* parent, CancelNode* up, absl::Time deadline);
  ~CancelNode() override = default;

  // Called once, when it is cancelled, with the locks of the path held.
  virtual void OnCancel() {}

  void OnUnused() override;
  Node* TakeUp() override;

 private:
  enum class State : uint32_t { kAlive, kCancelling, kCancelled };

  // Intrusive, in no order; an entry has the memory of the node.
  class Children {
   public:
    bool empty() const { return head_ == nullptr; }
    size_t size() const;
    void Push(CancelNode* n);
    void Remove(CancelNode* n);
    CancelNode* Pop();

   private:
    CancelNode* head_ = nullptr;
  };

  bool Begin(const absl::Status& err, const absl::Status& cause)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool CancelTree(const absl::Status& err, const absl::Status& cause);
  CancelNode* PopChild() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Finish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Leave();
  void Abandon();
  void ReleaseChildren(Children* orphans) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool Ended() const;

  CancelNode* const up_;  // its memory; null: none
  mutable sync::Mutex mu_;
  base::Atomic<State> state_{State::kAlive};  // writers hold mu_
  base::Atomic<bool> has_done_{false};        // writers hold mu_
  Chan<Unit> done_;                           // constant once has_done_
  absl::Status err_;                          // constant once not kAlive
  absl::Status cause_;                        // constant once not kAlive
  std::optional<time::Timer> timer_ ABSL_GUARDED_BY(mu_);
  Children children_ ABSL_GUARDED_BY(mu_);

  // The place in up_'s children, guarded by up_->mu_; the links are used for
  // private lists when it is in none.
  bool linked_ = false;
  CancelNode* next_ = nullptr;
  CancelNode* prev_ = nullptr;
};

// AfterFunc: a child without users.
class AfterFuncNode final : public CancelNode {
 public:
  AfterFuncNode(CancelNode* up, std::function<void()> f);
  // True if f will not run.
  bool Stop();

 private:
  ~AfterFuncNode() override = default;
  void OnCancel() override;

  base::Atomic<bool> decided_{false};  // f_ is whose who sets it
  std::function<void()> f_;
};

}  // namespace parkour::context::internal

#endif  // PARKOUR_CONTEXT_CANCEL_NODE_H_
