// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/recorder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "parkour/base/clock.h"
#include "parkour/base/lock.h"
#include "parkour/base/sys.h"

namespace parkour::trace {

base::Atomic<bool> recording{false};

namespace {

// Blocks come from the system in pieces of this size.
constexpr size_t kPiece = size_t{64} << 10;

struct BlockList {
  Block* first = nullptr;
  Block* last = nullptr;

  void PushBack(Block* b) {
    b->prev = last;
    b->next = nullptr;
    (last != nullptr ? last->next : first) = b;
    last = b;
  }
  void Remove(Block* b) {
    (b->prev != nullptr ? b->prev->next : first) = b->next;
    (b->next != nullptr ? b->next->prev : last) = b->prev;
    b->prev = b->next = nullptr;
  }
};

// Between these times nothing is missing.
struct Window {
  uint64_t begin = 0;
  uint64_t end = 0;  // 0: it is open
};

struct Pool {
  base::Mutex lock{base::LockRank::kTrace};
  BlockList active ABSL_GUARDED_BY(lock);       // being filled
  BlockList full ABSL_GUARDED_BY(lock);         // oldest first
  Block* free ABSL_GUARDED_BY(lock) = nullptr;  // by next
  size_t made ABSL_GUARDED_BY(lock) = 0;        // active and full
  size_t capacity ABSL_GUARDED_BY(lock) = 0;    // in blocks
  uint64_t serial ABSL_GUARDED_BY(lock) = 0;
  // Of blocks that were used again.
  uint64_t horizon ABSL_GUARDED_BY(lock) = 0;
  Window window ABSL_GUARDED_BY(lock);
  Window last ABSL_GUARDED_BY(lock);        // the one before
  size_t share ABSL_GUARDED_BY(lock) = ~0;  // of this period, in blocks
  int pins ABSL_GUARDED_BY(lock) = 0;
  bool session ABSL_GUARDED_BY(lock) = false;
  size_t backlog ABSL_GUARDED_BY(lock) = 0;  // full blocks not taken
  bool lost ABSL_GUARDED_BY(lock) = false;   // since the last Take
};

Pool pool;

// The last record of [begin, end) that is no text: text has no time.
uint32_t LastEvent(const Block* b, uint32_t begin, uint32_t end) {
  uint32_t last = end - 1;
  while (last > begin && b->records[last].type == Event::kText) --last;
  return last;
}

bool Reusable(const Block* b) ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  if (pool.pins != 0) return false;
  if (!pool.session || b->taken == b->count.load(base::kRelaxed)) return true;
  // The session's reader does not keep up, and memory must end somewhere.
  if (pool.made * sizeof(Block) < kMaxSessionBytes) return false;
  pool.lost = true;
  return true;
}

void Release(Block* b) ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  if (const uint32_t n = b->count.load(base::kRelaxed)) {
    pool.horizon = std::max(pool.horizon, b->records[LastEvent(b, 0, n)].ticks);
  }
  b->next = pool.free;
  pool.free = b;
}

// The oldest blocks beyond the capacity, as far as nobody reads them.
void Trim(size_t room) ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  while (pool.made + room > pool.capacity && pool.full.first != nullptr &&
         Reusable(pool.full.first)) {
    Block* const b = pool.full.first;
    pool.full.Remove(b);
    --pool.made;
    Release(b);
  }
}

void Refill() ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  int error;
  auto* const piece = static_cast<Block*>(base::sys::Reserve(kPiece, &error));
  if (piece == nullptr) return;
  for (size_t i = kPiece / sizeof(Block); i-- > 0;) {
    Block* const b = new (piece + i) Block;
    b->next = pool.free;
    pool.free = b;
  }
}

Block* TakeFree() ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  Trim(1);
  if (pool.free == nullptr) Refill();
  Block* const b = pool.free;
  if (b == nullptr) return nullptr;
  pool.free = b->next;
  b->count.store(0, base::kRelaxed);
  b->taken = 0;
  b->serial = ++pool.serial;
  ++pool.made;
  pool.active.PushBack(b);
  return b;
}

void Retire(Block* b) ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  pool.active.Remove(b);
  pool.full.PushBack(b);
  if (pool.session) ++pool.backlog;
}

bool Paused() ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  return pool.window.end != 0;
}

// The share of the period is used up.
void Pause() ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  recording.store(false, base::kRelaxed);
  pool.window.end = base::cputicks();
}

void Resume() ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  pool.last = pool.window;
  // The window begins when everybody sees that it is open: a straggler of the
  // last one may write its event at any time, and its thread's next event must
  // not be missing then.
  recording.exchange(pool.capacity > 0 || pool.session, base::kSeqCst);
  pool.window = {base::cputicks(), 0};
}

uint64_t Length(const Window& w) {
  return w.end > w.begin ? w.end - w.begin : 0;
}

// What a reader gets now: the end is one that has passed.
Window Best(uint64_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool.lock) {
  Window here = pool.window;
  if (here.end == 0) here.end = now;
  Window before = pool.last;
  here.begin = std::max(here.begin, pool.horizon);
  before.begin = std::max(before.begin, pool.horizon);
  return Length(before) > Length(here) ? before : here;
}

void CopyOut(std::vector<Slice> slices, Recording* out) {
  std::sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
    return a.block->serial < b.block->serial;
  });
  for (const Slice& s : slices) {
    std::vector<Record>& stream = out->streams[s.block->tid];
    stream.insert(stream.end(), s.block->records + s.begin,
                  s.block->records + s.end);
  }
}

// See the header: Dance (cut).
void AddSlice(std::vector<Slice>* slices, Block* b, uint32_t begin,
              uint64_t cut) {
  uint32_t end = b->count.load(base::kAcquire);
  while (begin < end) {
    const uint32_t last = LastEvent(b, begin, end);
    if (b->records[last].ticks <= cut) break;
    end = last;
  }
  if (begin < end) slices->push_back({b, begin, end});
}

}  // namespace

const char* ReasonString(Reason reason) {
  static constexpr const char* kNames[] = {
      "",          "forever",   "network",      "select", "sync.(*Cond).Wait",
      "sync",      "chan send", "chan receive", "sleep",  "runtime.Gosched",
      "preempted",
  };
  return kNames[static_cast<size_t>(reason)];
}

Block* Stream::NextBlock() {
  base::MutexLock lock(&pool.lock);
  if (block_ != nullptr) Retire(block_);
  // The record that is about to be made belongs to the window: its time was
  // read before this.
  if (!pool.session && pool.capacity > 0 && !Paused() && pool.share-- == 0) {
    Pause();
  }
  block_ = TakeFree();
  if (block_ == nullptr) {
    pool.horizon = base::cputicks();
    pool.lost = true;
  } else {
    block_->tid = tid_;
  }
  return block_;
}

void Stream::AppendWithText(const Record& record, std::string_view text) {
  const auto pieces =
      static_cast<uint32_t>((text.size() + kTextBytes - 1) / kTextBytes);
  const uint32_t wanted = std::min(1 + pieces, kBlockRecords);
  Block* b = block_;
  if (b == nullptr || b->count.load(base::kRelaxed) + wanted > kBlockRecords) {
    b = NextBlock();
    if (b == nullptr) return;
  }
  uint32_t n = b->count.load(base::kRelaxed);
  const uint32_t end = std::min(n + wanted, kBlockRecords);
  b->records[n++] = record;
  for (; n < end; ++n) {
    Record piece = {};
    const size_t size = std::min(text.size(), kTextBytes);
    std::memcpy(static_cast<void*>(&piece), text.data(), size);
    piece.type = Event::kText;
    piece.reason = static_cast<Reason>(size);
    text.remove_prefix(size);
    b->records[n] = piece;
  }
  b->count.store(n, base::kRelease);  // all or nothing
}

void Stream::Close() {
  if (block_ == nullptr) return;
  base::MutexLock lock(&pool.lock);
  Retire(block_);
  block_ = nullptr;
}

Collection::Collection() {
  base::MutexLock lock(&pool.lock);
  ++pool.pins;
  const uint64_t now = base::cputicks();
  const Window window = Best(now);
  horizon_ = window.begin;
  const uint64_t cut = window.end;
  up_to_now_ = cut == now;
  for (Block* b = pool.full.first; b != nullptr; b = b->next) {
    AddSlice(&slices_, b, 0, cut);
  }
  for (Block* b = pool.active.first; b != nullptr; b = b->next) {
    AddSlice(&slices_, b, 0, cut);
  }
}

Collection::~Collection() {
  base::MutexLock lock(&pool.lock);
  --pool.pins;
}

Recording Collection::Copy() const {
  Recording out;
  out.horizon = horizon_;
  CopyOut(slices_, &out);
  return out;
}

void SetCapacity(size_t bytes) {
  base::MutexLock lock(&pool.lock);
  if (Paused()) Resume();
  recording.store(bytes > 0 || pool.session, base::kRelaxed);
  pool.capacity = bytes / sizeof(Block);
  pool.horizon = bytes == 0 ? base::cputicks() : pool.horizon;
  Trim(0);
}

void NextPeriod(int procs) {
  base::MutexLock lock(&pool.lock);
  const bool paused = Paused();
  pool.share =
      (paused ? kSampleBlocks : kPeriodBlocks) * static_cast<size_t>(procs);
  if (paused) Resume();
}

size_t Capacity() {
  base::MutexLock lock(&pool.lock);
  return pool.capacity * sizeof(Block);
}

void BeginSession() {
  base::MutexLock lock(&pool.lock);
  if (Paused()) Resume();
  pool.session = true;
  pool.backlog = 0;
  pool.lost = false;
  for (Block* b = pool.full.first; b != nullptr; b = b->next) {
    b->taken = b->count.load(base::kRelaxed);
  }
  for (Block* b = pool.active.first; b != nullptr; b = b->next) {
    b->taken = b->count.load(base::kAcquire);
  }
  recording.store(true, base::kRelaxed);
}

Recording Take() {
  Recording out;
  std::vector<Slice> slices;
  {
    base::MutexLock lock(&pool.lock);
    ++pool.pins;
    pool.backlog = 0;
    out.lost = std::exchange(pool.lost, false);
    const uint64_t cut = base::cputicks();
    for (Block* b = pool.full.first; b != nullptr; b = b->next) {
      AddSlice(&slices, b, b->taken, cut);
    }
    for (Block* b = pool.active.first; b != nullptr; b = b->next) {
      AddSlice(&slices, b, b->taken, cut);
    }
  }
  CopyOut(slices, &out);
  base::MutexLock lock(&pool.lock);
  --pool.pins;
  for (const Slice& s : slices) s.block->taken = s.end;
  Trim(0);
  return out;
}

void EndSession() {
  base::MutexLock lock(&pool.lock);
  pool.session = false;
  recording.store(pool.capacity > 0, base::kRelaxed);
  Trim(0);
}

bool InSession() {
  base::MutexLock lock(&pool.lock);
  return pool.session;
}

size_t SessionBacklog() {
  base::MutexLock lock(&pool.lock);
  return pool.backlog * sizeof(Block);
}

}  // namespace parkour::trace
