// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// context.h: cancellation, deadlines and values that belong to a request and
// travel with it, across goroutines and calls.
//
//   auto [ctx, cancel] = context::WithTimeout(parent, absl::Seconds(2));
//   absl::Cleanup release = cancel;             // Go: defer cancel()
//   int taken = Select(answer.OnRecv([&](auto a) { ... }),
//                      ctx.Done().OnRecv([] {}));
//   if (taken == 1) return ctx.Err();           // too late, or cancelled
//
// A Context is a handle of one link of a chain. Whoever is cancelled takes
// everything that was derived from it along. Go's interface may be implemented
// by anybody; this one is closed: derive from a Context, do not imitate one.
//
// Guarantees: when a cancel function returns, the context and all its
//             descendants are cancelled, whoever cancelled first. The first
//             error and cause stay.
// Lifetime:   A context that is dropped without having been cancelled leaves
//             its parent, and its timer stops: a forgotten cancel() costs
//             nothing beyond the handles' own life. If somebody still listens,
//             that is holds its Done channel or has registered an AfterFunc,
//             it lives on until its parent or its deadline ends it, as in Go.
//             What Value returns lives as long as the context it was asked of.
// Memory:     cancel() happens before a receive from Done returns, before Err
//             returns the error and before an AfterFunc's function runs.
// Blocking:   nothing here waits for an event; short locks only (a goroutine
//             may park on one). Safe from any thread.
// Misuse:     panics in Go's words: "cannot create context from nil parent";
//             use of a default-constructed Context, which is Go's nil.
// See:        docs/GUARANTEES.md; Go: src/context/context.go

#ifndef PARKOUR_CONTEXT_CONTEXT_H_
#define PARKOUR_CONTEXT_CONTEXT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "parkour/chan/chan.h"
#include "parkour/context/node.h"

namespace parkour::context {

// The name of a value: the object itself, not what it is called. No two keys
// are the same, so packages cannot collide, and a key knows its value's type.
//
//   inline constexpr context::Key<std::string> kUser("user");
//
// Lifetime: must outlive the contexts that use it; give it static storage.
template <typename T>
class Key {
 public:
  // `name` is for Context::String; the text must live as long.
  explicit constexpr Key(std::string_view name = {}) : name_(name) {}
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  std::string_view name() const { return name_; }

 private:
  const std::string_view name_;
};

class Context {
 public:
  Context() = default;
  Context(const Context& other) : node_(other.node_) {
    if (node_ != nullptr) node_->AddUser();
  }
  Context(Context&& other) noexcept
      : node_(std::exchange(other.node_, nullptr)) {}
  Context& operator=(Context other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Context() { internal::Node::DropUser(node_); }

  // When it will be cancelled by itself; absl::InfiniteFuture(): never.
  absl::Time Deadline() const;

  // Closed when the context is cancelled. Nil, which is never ready, if it
  // cannot be. Do not close it, and do not send on it.
  RecvChan<Unit> Done() const;

  // OK while Done is open, then Canceled() or DeadlineExceeded().
  absl::Status Err() const;

  // The value of `key` here or nearest above, or null.
  template <typename T>
  const T* Value(const Key<T>& key) const {
    return static_cast<const T*>(Find(&key));
  }

  // How it came to be: "context.Background.WithCancel.WithValue(user, bob)".
  std::string String() const;

  // Two handles are equal if they share a context.
  friend bool operator==(const Context& a, const Context& b) {
    return a.node_ == b.node_;
  }
  explicit operator bool() const { return node_ != nullptr; }

  // For this room: takes over one use of `node`.
  explicit Context(internal::Node* node) : node_(node) {}
  internal::Node* node() const { return node_; }

 private:
  const void* Find(const void* key) const;

  internal::Node* node_ = nullptr;
};

// Cancels a context with Canceled(). Copies are the same function; calls after
// the first do nothing. It keeps its context as a handle does, and dropping it
// cancels nothing. A default-constructed one is Go's nil: calling it panics.
class CancelFunc {
 public:
  CancelFunc() = default;
  explicit CancelFunc(Context ctx) : ctx_(std::move(ctx)) {}
  void operator()() const;

 private:
  Context ctx_;
};

// The same with a cause, which Cause() then returns; OK stands for Canceled().
class CancelCauseFunc {
 public:
  CancelCauseFunc() = default;
  explicit CancelCauseFunc(Context ctx) : ctx_(std::move(ctx)) {}
  void operator()(const absl::Status& cause) const;

 private:
  Context ctx_;
};

// Takes back an AfterFunc. True if that kept the function from running; false
// if it has been started (which does not mean that it has finished) or was
// taken back before.
class StopFunc {
 public:
  StopFunc() = default;
  explicit StopFunc(internal::NodeRef<internal::Node> node)
      : node_(std::move(node)) {}
  bool operator()() const;

 private:
  internal::NodeRef<internal::Node> node_;
};

// For structured bindings: auto [ctx, cancel] = ...
struct WithCancelResult {
  Context ctx;
  CancelFunc cancel;
};
struct WithCancelCauseResult {
  Context ctx;
  CancelCauseFunc cancel;
};

// What Err returns: kCancelled "context canceled", kDeadlineExceeded "context
// deadline exceeded" (a timeout to net::IsTimeout, and temporary).
absl::Status Canceled();
absl::Status DeadlineExceeded();

// The root: never cancelled, no deadline, no values.
Context Background();
// The same, where it is not yet clear which context to use.
Context TODO();

// A context that ends when `cancel` is called or the parent ends.
[[nodiscard]] WithCancelResult WithCancel(const Context& parent);
[[nodiscard]] WithCancelCauseResult WithCancelCause(const Context& parent);

// The same, and it ends at `deadline`, with DeadlineExceeded(). A deadline that
// is not before the parent's is the parent's; one that has passed ends it at
// once. `cause` is for the deadline only, not for `cancel`; OK: none.
[[nodiscard]] WithCancelResult WithDeadline(const Context& parent,
                                            absl::Time deadline);
[[nodiscard]] WithCancelResult WithDeadlineCause(const Context& parent,
                                                 absl::Time deadline,
                                                 const absl::Status& cause);

// WithDeadline, `timeout` from now, by the monotonic clock.
[[nodiscard]] WithCancelResult WithTimeout(const Context& parent,
                                           absl::Duration timeout);
[[nodiscard]] WithCancelResult WithTimeoutCause(const Context& parent,
                                                absl::Duration timeout,
                                                const absl::Status& cause);

// The parent's values, and none of its ends: not cancelled with it, no
// deadline.
[[nodiscard]] Context WithoutCancel(const Context& parent);

// Runs f in a goroutine of its own once ctx is cancelled; at once if it is. The
// function returned may be dropped.
StopFunc AfterFunc(const Context& ctx, std::function<void()> f);

// Why ctx was cancelled: what the first cancel with a cause gave, of ctx or of
// whom it was cancelled with, else Err(); OK while it is alive.
absl::Status Cause(const Context& ctx);

namespace internal {

// Its node; panics if it has none.
Node* ParentNode(const Context& parent);

// `ctx` under another name; for contexts made by other rooms.
Context Named(const Context& ctx, std::string name);

// How many contexts and functions ctx would take along; for tests.
size_t NumChildren(const Context& ctx);

}  // namespace internal

// A context in which `key` has a value.
template <typename T>
[[nodiscard]] Context WithValue(const Context& parent, const Key<T>& key,
                                std::type_identity_t<T> value) {
  return Context(new internal::ValueNode<T>(
      internal::ParentNode(parent), &key,
      key.name().empty() ? internal::TypeName(typeid(Key<T>)) : key.name(),
      std::move(value)));
}

}  // namespace parkour::context

#endif  // PARKOUR_CONTEXT_CONTEXT_H_
