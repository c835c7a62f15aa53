// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// list.h: intrusive lists over a link inside the element; they own nothing and
// allocate nothing.
//
//   base::Queue<G, &G::schedlink> q;      // FIFO, singly linked, counts
//   q.PushBack(gp);
//   while (G* gp = q.PopFront()) ...
//
// Requires: an element is in at most one list per link. Not thread-safe.

#ifndef PARKOUR_BASE_LIST_H_
#define PARKOUR_BASE_LIST_H_

#include <cstddef>

namespace parkour::base {

template <typename T, T* T::*kLink>
class Queue {
 public:
  bool empty() const { return head_ == nullptr; }
  size_t size() const { return size_; }
  T* front() const { return head_; }

  void PushBack(T* e) {
    e->*kLink = nullptr;
    if (tail_ != nullptr) {
      tail_->*kLink = e;
    } else {
      head_ = e;
    }
    tail_ = e;
    ++size_;
  }

  void PushFront(T* e) {
    e->*kLink = head_;
    head_ = e;
    if (tail_ == nullptr) tail_ = e;
    ++size_;
  }

  T* PopFront() {
    T* e = head_;
    if (e == nullptr) return nullptr;
    head_ = e->*kLink;
    if (head_ == nullptr) tail_ = nullptr;
    e->*kLink = nullptr;
    --size_;
    return e;
  }

  // Moves all of `other` to the end of this queue.
  void Append(Queue* other) {
    if (other->empty()) return;
    if (tail_ != nullptr) {
      tail_->*kLink = other->head_;
    } else {
      head_ = other->head_;
    }
    tail_ = other->tail_;
    size_ += other->size_;
    *other = Queue();
  }

 private:
  T* head_ = nullptr;
  T* tail_ = nullptr;
  size_t size_ = 0;
};

template <typename T, T* T::*kLink>
class Stack {
 public:
  bool empty() const { return head_ == nullptr; }
  size_t size() const { return size_; }
  T* top() const { return head_; }

  void Push(T* e) {
    e->*kLink = head_;
    head_ = e;
    ++size_;
  }

  T* Pop() {
    T* e = head_;
    if (e == nullptr) return nullptr;
    head_ = e->*kLink;
    e->*kLink = nullptr;
    --size_;
    return e;
  }

 private:
  T* head_ = nullptr;
  size_t size_ = 0;
};

}  // namespace parkour::base

#endif  // PARKOUR_BASE_LIST_H_
