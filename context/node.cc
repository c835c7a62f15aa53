// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/context/node.h"

#include <cxxabi.h>

#include <cstdlib>

namespace parkour::context::internal {

Node::Node(Node* parent, CancelNode* canceler, absl::Time deadline)
    : parent_(parent), canceler_(canceler), deadline_(deadline) {
  if (parent_ != nullptr) parent_->AddUser();
}

// The use of the parent that a node gives back on its way out is the next one
// that the loop drops.
void Node::DropUser(Node* n) {
  while (n != nullptr && n->parent_ != nullptr &&
         n->users_.fetch_sub(1, base::kAcqRel) == 1) {
    n->OnUnused();
    Node* const parent = std::exchange(n->parent_, nullptr);
    Unref(n);
    n = parent;
  }
}

void Node::Unref(Node* n) {
  while (n != nullptr && n->refs_.fetch_sub(1, base::kAcqRel) == 1) {
    Node* const up = n->TakeUp();
    delete n;
    n = up;
  }
}

std::string TypeName(const std::type_info& type) {
  int status = 0;
  char* const name =
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string text = name != nullptr ? name : type.name();
  std::free(name);
  return text;
}

}  // namespace parkour::context::internal
