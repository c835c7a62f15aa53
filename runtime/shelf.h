// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// shelf.h: many dead Gs, last in first out, in chunks. Ps bring and fetch them
// a few dozen at a time; a chunk changes hands without a look at any of its Gs,
// which after a while are in no cache.
//
//   shelf.PushAll(&list);             // a chunk
//   shelf.Push(gp);
//   shelf.MoveTo(&list, 32);          // mostly a chunk again
//
// Errors:        without memory for a list of chunks the process ends.
// Lifetime:      never freed: the runtime needs it until the process is gone.
// Thread-safety: none.

#ifndef PARKOUR_RUNTIME_SHELF_H_
#define PARKOUR_RUNTIME_SHELF_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "parkour/runtime/g.h"

namespace parkour::runtime {

class Shelf {
 public:
  bool empty() const { return chunks_ == nullptr || chunks_->empty(); }

  void Push(G* gp) noexcept {
    if (empty() || Chunks().back().size() >= kChunk) Chunks().emplace_back();
    Chunks().back().Push(gp);
  }

  // What Pop would return.
  G* top() const { return empty() ? nullptr : chunks_->back().top(); }

  // Leaves *list empty.
  void PushAll(GList* list) noexcept {
    if (!list->empty()) Chunks().push_back(std::exchange(*list, GList()));
  }

  // Null if there is none.
  G* Pop() {
    if (empty()) return nullptr;
    GList& last = chunks_->back();
    G* const gp = last.Pop();
    if (last.empty()) chunks_->pop_back();
    return gp;
  }

  // Up to n, as long as *list has fewer.
  void MoveTo(GList* list, size_t n) {
    if (list->empty()) avoidRest(n);
    while (list->size() < n && !empty()) {
      if (list->empty() && chunks_->back().size() <= n) {
        *list = chunks_->back();
        chunks_->pop_back();
      } else {
        list->Push(Pop());
      }
    }
  }

 private:
  // What comes alone is put together to so many.
  static constexpr size_t kChunk = 32;

  // Some that came alone, on top of a chunk as it is wanted: if they were taken
  // first it would have to be taken apart, and so would the next.
  void avoidRest(size_t n) {
    if (empty() || chunks_->size() == 1) return;
    GList& last = chunks_->back();
    GList& before = chunks_->end()[-2];
    if (last.size() < before.size() && before.size() <= n) {
      std::swap(last, before);
    }
  }

  std::vector<GList>& Chunks() {
    if (chunks_ == nullptr) chunks_ = new std::vector<GList>;
    return *chunks_;
  }

  std::vector<GList>* chunks_ = nullptr;  // none of them empty
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SHELF_H_
