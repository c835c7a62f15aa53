// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/context/cancel_node.h"

#include <utility>

#include "parkour/base/check.h"
#include "parkour/chan/hchan.h"
#include "parkour/context/context.h"
#include "parkour/runtime/go.h"
#include "parkour/sync/scoped_lock.h"

namespace parkour::context::internal {
namespace {

// The Done of whoever was cancelled before anybody asked for it.
const Chan<Unit>& ClosedChan() {
  static const Chan<Unit>* const closed = [] {
    auto* ch = new Chan<Unit>(MakeChan<Unit>());
    ch->Close();
    return ch;
  }();
  return *closed;
}

}  // namespace

size_t CancelNode::Children::size() const {
  size_t n = 0;
  for (const CancelNode* c = head_; c != nullptr; c = c->next_) ++n;
  return n;
}

void CancelNode::Children::Push(CancelNode* n) {
  n->prev_ = nullptr;
  n->next_ = head_;
  if (head_ != nullptr) head_->prev_ = n;
  head_ = n;
}

void CancelNode::Children::Remove(CancelNode* n) {
  (n->prev_ != nullptr ? n->prev_->next_ : head_) = n->next_;
  if (n->next_ != nullptr) n->next_->prev_ = n->prev_;
  n->next_ = n->prev_ = nullptr;
}

CancelNode* CancelNode::Children::Pop() {
  CancelNode* const n = head_;
  if (n != nullptr) Remove(n);
  return n;
}

CancelNode::CancelNode(Node* parent, CancelNode* up, absl::Time deadline)
    : Node(parent, this, deadline), up_(up) {
  if (up_ != nullptr) up_->Ref();
}

Node* CancelNode::TakeUp() { return up_; }

void CancelNode::Describe(std::string* text) const {
  text->append(".WithCancel");
}

void CancelNode::Propagate() {
  if (up_ == nullptr) return;
  {
    sync::MutexLock lock(&up_->mu_);
    if (up_->state_.load(base::kRelaxed) == State::kAlive) {
      Ref();
      linked_ = true;
      up_->children_.Push(this);
      return;
    }
  }
  CancelTree(up_->err_, up_->cause_);
}

bool CancelNode::Begin(const absl::Status& err, const absl::Status& cause) {
  if (state_.load(base::kRelaxed) != State::kAlive) return false;
  err_ = err;
  cause_ = cause.ok() ? err : cause;
  // Before Done closes: whoever is woken by it finds the error.
  state_.store(State::kCancelling, base::kRelease);
  if (has_done_.load(base::kRelaxed)) {
    done_.Close();
  } else {
    done_ = ClosedChan();
    has_done_.store(true, base::kRelease);
  }
  OnCancel();
  return true;
}

CancelNode* CancelNode::PopChild() {
  CancelNode* const child = children_.Pop();
  if (child != nullptr) child->linked_ = false;
  return child;
}

void CancelNode::Finish() {
  if (timer_) timer_->Stop();
  timer_.reset();
  state_.store(State::kCancelled, base::kRelease);
}

void CancelNode::Cancel(const absl::Status& err, const absl::Status& cause) {
  if (CancelTree(err, cause)) Leave();
}

// Depth first. `n` and its ancestors down from this node are locked; a child
// that was popped is ours until it is in `finished`.
bool CancelNode::CancelTree(const absl::Status& err, const absl::Status& cause)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (state_.load(base::kAcquire) == State::kCancelled) return false;
  Children finished;
  mu_.Lock();
  if (!Begin(err, cause)) {
    mu_.Unlock();
    return false;
  }
  for (CancelNode* n = this;;) {
    if (CancelNode* const child = n->PopChild()) {
      child->mu_.Lock();
      if (child->Begin(err, cause)) {
        n = child;
      } else {
        child->mu_.Unlock();
        finished.Push(child);
      }
      continue;
    }
    n->Finish();
    n->mu_.Unlock();
    if (n == this) break;
    finished.Push(n);
    n = n->up_;
  }
  while (CancelNode* const n = finished.Pop()) Unref(n);
  return true;
}

void CancelNode::Leave() {
  if (up_ == nullptr) return;
  {
    sync::MutexLock lock(&up_->mu_);
    if (!linked_) return;
    linked_ = false;
    up_->children_.Remove(this);
  }
  Unref(this);  // the caller has another
}

// Nobody has a handle any more, nor of anything derived from it.
void CancelNode::OnUnused() {
  {
    sync::MutexLock lock(&mu_);
    if (state_.load(base::kRelaxed) != State::kAlive) return;
    const bool heard =
        !children_.empty() ||
        (done_ && parkour::internal::ChanUsers(done_.core()) > 1);
    if (heard && (up_ != nullptr || timer_)) return;
  }
  Abandon();
}

// Nothing will cancel it, or nobody would notice. The same is then true of
// those orphans below it that have no timer of their own.
void CancelNode::Abandon() {
  Leave();
  Children orphans;
  {
    sync::MutexLock lock(&mu_);
    if (timer_) timer_->Stop();
    timer_.reset();
    ReleaseChildren(&orphans);
  }
  while (CancelNode* const n = orphans.Pop()) {
    {
      sync::MutexLock lock(&n->mu_);
      if (!n->timer_) n->ReleaseChildren(&orphans);
    }
    Unref(n);
  }
}

void CancelNode::ReleaseChildren(Children* orphans) {
  while (CancelNode* const child = PopChild()) orphans->Push(child);
}

void CancelNode::CancelAfter(absl::Duration left, const absl::Status& cause) {
  sync::MutexLock lock(&mu_);
  if (state_.load(base::kRelaxed) != State::kAlive) return;
  timer_ = time::AfterFunc(left, [self = NodeRef(this), cause] {
    self->Cancel(DeadlineExceeded(), cause);
  });
}

Chan<Unit> CancelNode::Done() {
  if (!has_done_.load(base::kAcquire)) {
    sync::MutexLock lock(&mu_);
    if (!has_done_.load(base::kRelaxed)) {
      done_ = MakeChan<Unit>();
      has_done_.store(true, base::kRelease);
    }
  }
  return done_;
}

// Waits for the end of a cancellation that has begun: who sees the error may
// rely on it that the descendants have it too.
bool CancelNode::Ended() const {
  State state = state_.load(base::kAcquire);
  if (state == State::kCancelling) {
    sync::MutexLock lock(&mu_);
    state = state_.load(base::kRelaxed);
  }
  return state != State::kAlive;
}

absl::Status CancelNode::Err() const {
  return Ended() ? err_ : absl::OkStatus();
}

absl::Status CancelNode::Cause() const {
  return Ended() ? cause_ : absl::OkStatus();
}

size_t CancelNode::NumChildren() const {
  sync::MutexLock lock(&mu_);
  return children_.size();
}

AfterFuncNode::AfterFuncNode(CancelNode* up, std::function<void()> f)
    : CancelNode(nullptr, up, absl::InfiniteFuture()), f_(std::move(f)) {}

void AfterFuncNode::OnCancel() {
  if (!decided_.exchange(true, base::kAcqRel)) go(std::move(f_));
}

bool AfterFuncNode::Stop() {
  if (decided_.exchange(true, base::kAcqRel)) return false;
  Cancel(Canceled(), absl::OkStatus());
  f_ = nullptr;
  return true;
}

}  // namespace parkour::context::internal
