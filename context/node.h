// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// node.h: what a Context is a handle of: one link of a chain that ends at the
// background.
//
// Two counts, as of std::shared_ptr:
//   users  handles of this context, and the contexts derived from it, which
//          need it for its values. At 0 nobody can ask it anything any more.
//   refs   who needs the memory: the users together, the list of children that
//          it is in, the children's way up, a timer that is on its way.
// Both walks that give counts back go up the chain in a loop: a chain may be as
// long as memory allows, and a goroutine's stack is short.
//
// See: cancel_node.h for those that can be cancelled

#ifndef PARKOUR_CONTEXT_NODE_H_
#define PARKOUR_CONTEXT_NODE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

#include "absl/time/time.h"
#include "parkour/base/atomic.h"

namespace parkour::context::internal {

class CancelNode;

class Node {
 public:
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Node* parent() const { return parent_; }
  // The nearest that can be cancelled, itself included; null: there is none.
  CancelNode* canceler() const { return canceler_; }
  absl::Time deadline() const { return deadline_; }

  // Where the value of `key` is, if it is this node's; else null.
  virtual const void* Find(const void* /*key*/) const { return nullptr; }
  // Turns the parent's text into this node's.
  virtual void Describe(std::string* text) const = 0;

  void AddUser() {
    if (parent_ != nullptr) users_.fetch_add(1, base::kRelaxed);
  }
  static void DropUser(Node* n);

  void Ref() { refs_.fetch_add(1, base::kRelaxed); }
  static void Unref(Node* n);

 protected:
  // A child of `parent`, with one user. Without a parent it lives forever.
  Node(Node* parent, CancelNode* canceler, absl::Time deadline);
  explicit Node(Node* parent)
      : Node(parent, parent->canceler(), parent->deadline()) {}
  // A parent is left only if the constructor of a derived node has thrown.
  virtual ~Node() {
    if (parent_ != nullptr) DropUser(parent_);
  }

  // The last user is gone. `parent` still stands.
  virtual void OnUnused() {}
  // Whose memory this node needs besides; the caller gives it back.
  virtual Node* TakeUp() { return nullptr; }

 private:
  Node* parent_;  // a user of it; null only in roots, and in what has no users
  CancelNode* const canceler_;
  const absl::Time deadline_;
  base::Atomic<uint32_t> users_{1};
  base::Atomic<uint32_t> refs_{1};
};

// Memory of a node; says nothing about users.
template <typename T>
class NodeRef {
 public:
  NodeRef() = default;
  explicit NodeRef(T* node) : node_(node) { node_->Ref(); }
  NodeRef(const NodeRef& other) : node_(other.node_) {
    if (node_ != nullptr) node_->Ref();
  }
  NodeRef(NodeRef&& other) noexcept
      : node_(std::exchange(other.node_, nullptr)) {}
  NodeRef& operator=(NodeRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodeRef() { Node::Unref(node_); }

  T* get() const { return node_; }
  T* operator->() const { return node_; }

 private:
  T* node_ = nullptr;
};

// Go shows what can be shown as text, and the type of everything else.
std::string TypeName(const std::type_info& type);

template <typename T>
std::string Shown(const T& value) {
  if constexpr (requires { std::string(value.String()); }) {
    return std::string(value.String());
  } else if constexpr (requires { std::string_view(value); }) {
    return std::string(std::string_view(value));
  } else {
    return TypeName(typeid(T));
  }
}

// WithValue.
template <typename T>
class ValueNode final : public Node {
 public:
  ValueNode(Node* parent, const void* key, std::string_view key_name, T value)
      : Node(parent),
        key_(key),
        key_name_(key_name),
        value_(std::move(value)) {}

  const void* Find(const void* key) const override {
    return key == key_ ? &value_ : nullptr;
  }
  void Describe(std::string* text) const override {
    text->append(".WithValue(").append(key_name_).append(", ");
    text->append(Shown(value_)).append(")");
  }

 private:
  const void* const key_;
  const std::string key_name_;
  const T value_;
};

}  // namespace parkour::context::internal

#endif  // PARKOUR_CONTEXT_NODE_H_
