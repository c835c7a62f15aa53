// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/poll/pd_pool.h"

#include <new>

#include "parkour/base/check.h"
#include "parkour/base/lock.h"
#include "parkour/base/sys.h"

namespace parkour::poll {
namespace {

constexpr uintptr_t kBlockSize = uintptr_t{128} << 10;
constexpr uintptr_t kPageSize = 4096;
constexpr size_t kPages = kBlockSize / kPageSize - 1;
constexpr size_t kPerPage = kPageSize / sizeof(PollDesc);
constexpr uint16_t kAllFree = (1 << kPerPage) - 1;
static_assert(kPerPage == 16, "a page's free PollDescs are 16 bits");

// How often the scavenger looks whether a poller has finished its batch.
constexpr int kLooks = 1000;

// Guarded by pool_mu, all of it.
struct Page {
  Page* next = nullptr;
  Page* prev = nullptr;
  uint64_t idle_since = 0;   // the turn
  uint16_t free = kAllFree;  // a bit for each PollDesc
  bool cold = true;          // the memory reads as zero
};

struct Block {
  base::Atomic<uint32_t> tags[kPages * kPerPage];
  Page pages[kPages];
};
static_assert(sizeof(Block) <= kPageSize);

uintptr_t AddressOf(const void* p) { return reinterpret_cast<uintptr_t>(p); }

Block* BlockOf(const void* p) {
  return reinterpret_cast<Block*>(AddressOf(p) & ~(kBlockSize - 1));
}

// Pages and descriptors are numbered from behind the header on.
size_t PageIndex(const PollDesc* pd) {
  return AddressOf(pd) % kBlockSize / kPageSize - 1;
}
size_t IndexInPage(const PollDesc* pd) {
  return AddressOf(pd) % kPageSize / sizeof(PollDesc);
}
PollDesc* FirstOf(const Page* page) {
  Block* const block = BlockOf(page);
  const size_t index = page - block->pages;
  return reinterpret_cast<PollDesc*>(AddressOf(block) +
                                     (index + 1) * kPageSize);
}

// Doubly linked, since a page leaves from wherever it is.
class PageList {
 public:
  Page* front() const { return first_; }
  Page* back() const { return last_; }
  int64_t size() const { return size_; }

  void PushFront(Page* page) {
    page->prev = nullptr;
    page->next = first_;
    (first_ != nullptr ? first_->prev : last_) = page;
    first_ = page;
    ++size_;
  }
  void PushBack(Page* page) {
    page->next = nullptr;
    page->prev = last_;
    (last_ != nullptr ? last_->next : first_) = page;
    last_ = page;
    ++size_;
  }
  void Remove(Page* page) {
    (page->prev != nullptr ? page->prev->next : first_) = page->next;
    (page->next != nullptr ? page->next->prev : last_) = page->prev;
    --size_;
  }

 private:
  Page* first_ = nullptr;
  Page* last_ = nullptr;
  int64_t size_ = 0;
};

base::Mutex pool_mu{base::LockRank::kLeaf};
PageList partly ABSL_GUARDED_BY(pool_mu);  // some of a page's are free
PageList idle ABSL_GUARDED_BY(pool_mu);    // all; longest at the back
PageList cold ABSL_GUARDED_BY(pool_mu);    // all, and have no memory
uint64_t current_turn ABSL_GUARDED_BY(pool_mu) = 0;
int64_t nblocks ABSL_GUARDED_BY(pool_mu) = 0;

void NewBlock() ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool_mu) {
  int error = 0;
  void* const p = base::sys::Reserve(2 * kBlockSize, &error);
  if (p == nullptr) base::Throw("runtime: no memory for poll descriptors");
  const uintptr_t lo = AddressOf(p);
  const uintptr_t at = (lo + kBlockSize - 1) & ~(kBlockSize - 1);
  if (at > lo) base::sys::Unmap(p, at - lo);
  if (at < lo + kBlockSize) {
    base::sys::Unmap(reinterpret_cast<void*>(at + kBlockSize),
                     lo + kBlockSize - at);
  }
  Block* const block = new (reinterpret_cast<void*>(at)) Block;
  base::sys::NoHugePages(block, kBlockSize);
  for (base::Atomic<uint32_t>& tag : block->tags) {
    tag.store(1, base::kRelaxed);
  }
  for (size_t i = kPages; i > 0; --i) {
    cold.PushFront(&block->pages[i - 1]);
  }
  ++nblocks;
}

// A page with a free PollDesc, out of all lists. One that is in use anyway,
// else the one that was last.
Page* TakePage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool_mu) {
  for (PageList* list : {&partly, &idle, &cold}) {
    if (Page* page = list->front()) {
      list->Remove(page);
      return page;
    }
  }
  NewBlock();
  Page* const page = cold.front();
  cold.Remove(page);
  return page;
}

// Up to n pages that have been idle for a turn, by `next`.
Page* TakeIdle(uint64_t turn, size_t n) {
  base::MutexLock lock(&pool_mu);
  current_turn = turn;
  Page* taken = nullptr;
  for (; n > 0; --n) {
    Page* const page = idle.back();
    if (page == nullptr || page->idle_since + 1 >= turn) break;
    idle.Remove(page);
    page->next = taken;
    taken = page;
  }
  return taken;
}

// See "Dance (discard)".
bool NobodyDelivers() {
  for (int i = 0; i < kLooks; ++i) {
    if (PdDelivery::delivering.fetch_add(0, base::kAcqRel) == 0) return true;
    base::CpuRelax();
  }
  return false;
}

}  // namespace

base::Atomic<uint32_t> PdDelivery::delivering{0};

base::Atomic<uint32_t>& PollDesc::tag() const {
  return BlockOf(this)->tags[PageIndex(this) * kPerPage + IndexInPage(this)];
}

PollDesc* pdTake() {
  base::MutexLock lock(&pool_mu);
  Page* const page = TakePage();
  PollDesc* const first = FirstOf(page);
  if (page->cold) {
    page->cold = false;
    for (size_t i = 0; i < kPerPage; ++i) new (&first[i]) PollDesc;
  }
  const int i = __builtin_ctz(page->free);
  page->free &= ~(1u << i);
  if (page->free != 0) partly.PushFront(page);
  return &first[i];
}

void pdGive(PollDesc* pd) {
  base::MutexLock lock(&pool_mu);
  Page* const page = &BlockOf(pd)->pages[PageIndex(pd)];
  const uint16_t bit = 1u << IndexInPage(pd);
  PARKOUR_CHECK((page->free & bit) == 0);
  if (page->free != 0) partly.Remove(page);
  page->free |= bit;
  if (page->free != kAllFree) {
    partly.PushFront(page);
  } else {
    page->idle_since = current_turn;
    idle.PushFront(page);
  }
}

size_t pdScavenge(uint64_t turn, size_t n) {
  Page* taken = TakeIdle(turn, n);
  if (taken == nullptr) return 0;
  const bool ours = NobodyDelivers();
  size_t bytes = 0;
  while (taken != nullptr) {
    Page* const page = taken;
    taken = page->next;
    // Locked into memory, for example: not before it was idle once more.
    const bool gone = ours && base::sys::Discard(FirstOf(page), kPageSize) == 0;
    base::MutexLock lock(&pool_mu);
    page->cold = gone;
    if (gone) {
      bytes += kPageSize;
      cold.PushFront(page);
    } else {
      page->idle_since = current_turn;
      idle.PushFront(page);
    }
  }
  return bytes;
}

PdCounts ReadPdCounts() {
  base::MutexLock lock(&pool_mu);
  return {nblocks, cold.size(), idle.size()};
}

}  // namespace parkour::poll
