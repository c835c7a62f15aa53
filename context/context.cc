// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/context/context.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "parkour/base/check.h"
#include "parkour/context/cancel_node.h"

namespace parkour::context {
namespace internal {
namespace {

class RootNode final : public Node {
 public:
  explicit RootNode(const char* name)
      : Node(nullptr, nullptr, absl::InfiniteFuture()), name_(name) {}
  void Describe(std::string* text) const override { *text = name_; }

 private:
  const char* const name_;
};

class WithoutCancelNode final : public Node {
 public:
  explicit WithoutCancelNode(Node* parent)
      : Node(parent, nullptr, absl::InfiniteFuture()) {}
  void Describe(std::string* text) const override {
    text->append(".WithoutCancel");
  }
};

class NamedNode final : public Node {
 public:
  NamedNode(Node* parent, std::string name)
      : Node(parent), name_(std::move(name)) {}
  void Describe(std::string* text) const override { *text = name_; }

 private:
  const std::string name_;
};

class DeadlineNode final : public CancelNode {
 public:
  using CancelNode::CancelNode;
  void Describe(std::string* text) const override {
    absl::StrAppend(text, ".WithDeadline(", absl::FormatTime(deadline()), " [",
                    absl::FormatDuration(deadline() - absl::Now()), "])");
  }

 private:
  ~DeadlineNode() override = default;
};

// Go's words for a method called on a nil interface.
Node* NodeOf(const Context& ctx) {
  if (!ctx) {
    base::Panic(
        "runtime error: invalid memory address or nil pointer dereference");
  }
  return ctx.node();
}

// Joins the tree. The handle is the node's first use.
template <typename T>
T* Joined(T* node) {
  node->Propagate();
  return node;
}

// `left`: until `deadline`, by a clock that nobody sets.
WithCancelResult WithDeadlineIn(const Context& parent, absl::Time deadline,
                                absl::Duration left,
                                const absl::Status& cause) {
  Node* const up = ParentNode(parent);
  if (up->deadline() < deadline || deadline == absl::InfiniteFuture()) {
    return WithCancel(parent);
  }
  DeadlineNode* const node = Joined(new DeadlineNode(up, deadline));
  Context ctx(node);
  if (left <= absl::ZeroDuration()) {
    node->Cancel(DeadlineExceeded(), cause);
  } else {
    node->CancelAfter(left, cause);
  }
  return {ctx, CancelFunc(ctx)};
}

}  // namespace

Node* ParentNode(const Context& parent) {
  if (!parent) base::Panic("cannot create context from nil parent");
  return parent.node();
}

Context Named(const Context& ctx, std::string name) {
  return Context(new NamedNode(ParentNode(ctx), std::move(name)));
}

size_t NumChildren(const Context& ctx) {
  const CancelNode* const c = NodeOf(ctx)->canceler();
  return c == nullptr ? 0 : c->NumChildren();
}

}  // namespace internal

absl::Status Canceled() { return absl::CancelledError("context canceled"); }

absl::Status DeadlineExceeded() {
  return absl::DeadlineExceededError("context deadline exceeded");
}

absl::Time Context::Deadline() const {
  return internal::NodeOf(*this)->deadline();
}

RecvChan<Unit> Context::Done() const {
  internal::CancelNode* const c = internal::NodeOf(*this)->canceler();
  return c == nullptr ? RecvChan<Unit>() : RecvChan<Unit>(c->Done());
}

absl::Status Context::Err() const {
  const internal::CancelNode* const c = internal::NodeOf(*this)->canceler();
  return c == nullptr ? absl::OkStatus() : c->Err();
}

const void* Context::Find(const void* key) const {
  for (const internal::Node* n = internal::NodeOf(*this); n != nullptr;
       n = n->parent()) {
    if (const void* const value = n->Find(key)) return value;
  }
  return nullptr;
}

std::string Context::String() const {
  std::vector<const internal::Node*> chain;
  for (const internal::Node* n = internal::NodeOf(*this); n != nullptr;
       n = n->parent()) {
    chain.push_back(n);
  }
  std::string text;
  for (; !chain.empty(); chain.pop_back()) chain.back()->Describe(&text);
  return text;
}

void CancelFunc::operator()() const {
  internal::NodeOf(ctx_)->canceler()->Cancel(Canceled(), absl::OkStatus());
}

void CancelCauseFunc::operator()(const absl::Status& cause) const {
  internal::NodeOf(ctx_)->canceler()->Cancel(Canceled(), cause);
}

bool StopFunc::operator()() const {
  auto* const node = static_cast<internal::AfterFuncNode*>(node_.get());
  if (node == nullptr) {
    base::Panic(
        "runtime error: invalid memory address or nil pointer dereference");
  }
  return node->Stop();
}

Context Background() {
  static internal::Node* const root =
      new internal::RootNode("context.Background");
  return Context(root);
}

Context TODO() {
  static internal::Node* const root = new internal::RootNode("context.TODO");
  return Context(root);
}

WithCancelResult WithCancel(const Context& parent) {
  internal::Node* const up = internal::ParentNode(parent);
  Context ctx(internal::Joined(new internal::CancelNode(up, up->deadline())));
  return {ctx, CancelFunc(ctx)};
}

WithCancelCauseResult WithCancelCause(const Context& parent) {
  WithCancelResult r = WithCancel(parent);
  return {r.ctx, CancelCauseFunc(r.ctx)};
}

WithCancelResult WithDeadline(const Context& parent, absl::Time deadline) {
  return WithDeadlineCause(parent, deadline, absl::OkStatus());
}

WithCancelResult WithDeadlineCause(const Context& parent, absl::Time deadline,
                                   const absl::Status& cause) {
  return internal::WithDeadlineIn(parent, deadline, deadline - absl::Now(),
                                  cause);
}

WithCancelResult WithTimeout(const Context& parent, absl::Duration timeout) {
  return WithTimeoutCause(parent, timeout, absl::OkStatus());
}

WithCancelResult WithTimeoutCause(const Context& parent, absl::Duration timeout,
                                  const absl::Status& cause) {
  return internal::WithDeadlineIn(parent, absl::Now() + timeout, timeout,
                                  cause);
}

Context WithoutCancel(const Context& parent) {
  return Context(new internal::WithoutCancelNode(internal::ParentNode(parent)));
}

StopFunc AfterFunc(const Context& ctx, std::function<void()> f) {
  auto* const node = new internal::AfterFuncNode(
      internal::ParentNode(ctx)->canceler(), std::move(f));
  StopFunc stop{internal::NodeRef<internal::Node>(node)};
  internal::Node::Unref(node);
  node->Propagate();
  return stop;
}

absl::Status Cause(const Context& ctx) {
  const internal::CancelNode* const c = internal::NodeOf(ctx)->canceler();
  return c == nullptr ? absl::OkStatus() : c->Cause();
}

}  // namespace parkour::context
