// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// recorder.h: where events go: blocks of records, one being filled by each
// thread, all others in one queue, the oldest of which are used again. The
// queue is the flight recorder: the last megabytes of what happened.
//
//   if (trace::On()) m->trace.Append({...});          // the writer
//
//   trace::Collection c;                              // whoever wants to look
//   trace::Recording r = c.Copy();
//
// Dance (record): a record is written first and counted second, by a release
// store of the block's count; a reader acquires the count and reads only what
// is counted, which nobody writes again until the block is reused. Blocks are
// reused under the pool's lock, and not while a reader has them pinned. So
// writers never wait for readers.
//
// Dance (cut). A reader looks at the threads one after the other; meanwhile one
// it has looked at may make a goroutine that another, still to come, starts. So
// it reads the counter first, and takes records up to that time only. A record
// that it then finds missing was not counted when it looked, so whatever
// follows from it happened later, and is not taken either.
//
// Dance (period). A program that switches ten million times a second would do
// little else than record, and keep the last hundredth of a second. Records are
// therefore counted by periods (NextPeriod, every 100 ms): whoever fills the
// last block of a period's share switches recording off for all, and the next
// period begins a new window. The events of a window are still all there is to
// know between its ends, for every event is ordered after those that led to it:
//   * Who has seen `recording` set leads to others that see it set: coherence.
//     A window begins after it was set for all to see. So what follows, within
//     the window, from a recorded event is recorded, were it one of a straggler
//     of the window before; what came before the window is not needed.
//   * Whatever follows from an event that was not recorded, since the window
//     had closed, is not recorded either; stragglers that saw it open and are
//     late have times after its end, and are cut off, as above.
//
// One queue for all threads, not a ring for each, gives all of them the same
// horizon: the time from which on nothing was lost.
//
// Requires:  a Stream has one writer at a time; it is its thread, or whoever
//            has stopped that thread (retakeFromUser).
// Blocking:  Append takes a lock once in 126 records; allocates memory from the
//            system, never from malloc.
// See:       Go: src/runtime/tracebuf.go

#ifndef PARKOUR_TRACE_RECORDER_H_
#define PARKOUR_TRACE_RECORDER_H_

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "parkour/base/atomic.h"
#include "parkour/trace/record.h"

namespace parkour::trace {

inline constexpr uint32_t kBlockRecords = 126;

struct Block {
  base::Atomic<uint32_t> count{0};  // records that are complete
  uint32_t tid = 0;                 // of the stream; constant while in use
  uint64_t serial = 0;              // blocks of one stream, in order
  // The next record of this block that the current session has not seen; the
  // session's reader only.
  uint32_t taken = 0;
  Block* prev = nullptr;  // lists of the pool, guarded by its lock
  Block* next = nullptr;
  uint64_t unused[3] = {};
  Record records[kBlockRecords];
};
static_assert(sizeof(Block) == 4096);

extern base::Atomic<bool> recording;

// Are events recorded? A hint that costs one predictable branch.
inline bool On() { return __builtin_expect(recording.load(base::kRelaxed), 1); }

class Stream {
 public:
  constexpr Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // The kernel's number of the thread whose events these are.
  void SetThread(int tid) { tid_ = static_cast<uint32_t>(tid); }
  uint32_t thread() const { return tid_; }

  void Append(const Record& record) {
    Block* b = block_;
    uint32_t n = b == nullptr ? kBlockRecords : b->count.load(base::kRelaxed);
    if (__builtin_expect(n == kBlockRecords, 0)) {
      b = NextBlock();
      if (b == nullptr) return;
      n = 0;
    }
    b->records[n] = record;
    b->count.store(n + 1, base::kRelease);
  }

  // The record and `text` behind it, which is cut to what a block holds.
  void AppendWithText(const Record& record, std::string_view text);

  // The thread ends, or is given to another M.
  void Close();

 private:
  // An empty block; null if there is no memory.
  Block* NextBlock();

  Block* block_ = nullptr;
  uint32_t tid_ = 0;
};

// What was recorded, by thread, in order.
struct Recording {
  std::map<uint32_t, std::vector<Record>> streams;
  // Up to here records of some thread may be missing.
  uint64_t horizon = 0;
  // Of a session: records are missing in the middle.
  bool lost = false;
};

// A part of a block.
struct Slice {
  Block* block;
  uint32_t begin;
  uint32_t end;
};

// Everything there is at this moment, or was when the window that is longest of
// the last two ended; what comes later does not disturb it. No block is reused
// during its life. Any thread.
class Collection {
 public:
  Collection();
  ~Collection();
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;

  Recording Copy() const;

  // It goes up to the moment at which it was made.
  bool UpToNow() const { return up_to_now_; }

 private:
  bool up_to_now_ = true;
  std::vector<Slice> slices_;
  uint64_t horizon_ = 0;
};

// The flight recorder's size. 0: nothing is recorded, and what was is
// forgotten. While the world is stopped, or before it starts.
void SetCapacity(size_t bytes);
size_t Capacity();

// Blocks that a processor may fill in a period: 300,000 records a second at
// most, which is about 2 % of its time. A program that wants more gets the
// smaller share.
inline constexpr size_t kPeriodBlocks = 240;
inline constexpr size_t kSampleBlocks = 120;

// A period begins, for so many processors. By sysmon.
void NextPeriod(int procs);

// A session's reader may be so far behind; then records are lost.
inline constexpr size_t kMaxSessionBytes = size_t{256} << 20;

// A session gets every record that is made while it lasts: blocks are not
// reused before it has taken them. One at a time, with one reader. Begin and
// the last Take: while the world is stopped.
void BeginSession();
// What has come since the last call.
Recording Take();
void EndSession();
bool InSession();
// How many bytes the session has not taken yet, roughly. Any thread.
size_t SessionBacklog();

}  // namespace parkour::trace

#endif  // PARKOUR_TRACE_RECORDER_H_
