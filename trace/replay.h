// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// replay.h: puts the threads' records into one order that could have happened,
// and knows at each point what every goroutine, P and thread was doing.
//
// Clocks order events of different threads only roughly; what orders them
// truly is state: a goroutine starts after it was woken, which its sequence
// number says. So of the threads' next records the earliest is taken whose
// conditions hold; that is how readers of the format do it, and what does not
// pass here would not pass there.
//
// The first record of a G or P in a recording tells its state before.
//
// See: Go: src/internal/trace/order.go

#ifndef PARKOUR_TRACE_REPLAY_H_
#define PARKOUR_TRACE_REPLAY_H_

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "parkour/trace/record.h"
#include "parkour/trace/recorder.h"

namespace parkour::trace {

inline constexpr uint32_t kNoThread = 0;

enum class GState : uint8_t { kRunnable, kRunning, kSyscall, kWaiting };
enum class PState : uint8_t { kIdle, kRunning, kSyscall };

struct ReplayG {
  GState state = GState::kWaiting;
  uint32_t tid = kNoThread;  // running, syscall
  uint32_t seq = 0;          // of its last transition
  uint32_t base = 0;         // seq when the generation began
  // By a look at it, not by a record: that look and the first record may be of
  // the same moment.
  bool seen = false;
  uint32_t stack = 0;  // where it is parked; 0: unknown, or it runs
};

struct ReplayP {
  PState state = PState::kIdle;
  uint32_t tid = kNoThread;
  uint32_t seq = 0;
  uint32_t base = 0;
  bool seq_known = false;
};

struct ReplayM {
  uint64_t g = 0;  // 0: none
  uint16_t p = kNoProc;
};

class Replay {
 public:
  // What is known without records.
  void AddGoroutine(uint64_t goid, const ReplayG& g);
  void AddProc(uint16_t id, const ReplayP& p);

  // Works out what was going on before the first of these records, for all that
  // is not yet known.
  void DeriveStart(const Recording& recording);

  // Ps that are new in these records were idle before.
  void AddNewProcs(const Recording& recording);

  // From here on sequence numbers are counted from 0 again.
  void BeginGeneration();

  // Feeds records to `fn(tid, record, text, position)` in order, as far as they
  // can be ordered; removes them from *recording. `text` is the text behind the
  // record. Returns whether nothing is left.
  template <typename F>
  bool Run(Recording* recording, F&& fn);

  const std::map<uint64_t, ReplayG>& goroutines() const { return gs_; }
  const std::map<uint16_t, ReplayP>& procs() const { return ps_; }
  const std::unordered_map<uint32_t, ReplayM>& threads() const { return ms_; }

 private:
  // The record's conditions do not hold yet; they do, and it has its effect; it
  // tells what a snapshot has told already.
  enum class Step { kNotYet, kDone, kKnown };
  Step Advance(uint32_t tid, const Record& r);
  bool Known(const Record& r);
  bool AdvanceG(ReplayM* m, uint32_t tid, const Record& r);
  bool AdvanceProc(ReplayM* m, uint32_t tid, const Record& r);
  bool AdvanceRunning(ReplayM* m, uint32_t tid, const Record& r);
  bool AdvanceCreate(const Record& r);
  bool AdvanceSyscall(ReplayM* m, uint32_t tid, const Record& r);
  bool NextOf(ReplayP* p, uint32_t seq);
  void DeriveG(uint64_t goid, const Record& first, uint32_t tid);
  void DeriveP(uint16_t id, const Record& first, uint32_t tid);

  std::map<uint64_t, ReplayG> gs_;
  std::map<uint16_t, ReplayP> ps_;
  std::unordered_map<uint32_t, ReplayM> ms_;
};

// ---- Implementation ----

namespace internal {

struct Cursor {
  uint32_t tid;
  std::vector<Record>* records;
  size_t at = 0;

  bool done() const { return at == records->size(); }
  const Record& next() const { return (*records)[at]; }
};

std::vector<Cursor> Cursors(Recording* recording);
// Forgets what lies before each cursor.
bool Consume(Recording* recording, const std::vector<Cursor>& cursors);
// The text behind the record at `c`, and how many records that is.
std::string TextBehind(const Cursor& c, size_t* records);
// The cursor with the earliest record of those that are not done and not
// `tried`; -1 if none.
int Earliest(const std::vector<Cursor>& cursors,
             const std::vector<bool>& tried);

}  // namespace internal

template <typename F>
bool Replay::Run(Recording* recording, F&& fn) {
  std::vector<internal::Cursor> cursors = internal::Cursors(recording);
  std::vector<bool> tried(cursors.size(), false);
  for (;;) {
    const int i = internal::Earliest(cursors, tried);
    if (i < 0) break;
    internal::Cursor& c = cursors[static_cast<size_t>(i)];
    const Record& r = c.next();
    if (r.type == Event::kText || r.type == Event::kNone) {
      ++c.at;  // its record was lost
      continue;
    }
    const Step step = Advance(c.tid, r);
    if (step == Step::kNotYet) {
      tried[static_cast<size_t>(i)] = true;
      continue;
    }
    size_t texts = 0;
    const std::string text = internal::TextBehind(c, &texts);
    if (step == Step::kDone) fn(c.tid, r, text);
    c.at += 1 + texts;
    tried.assign(tried.size(), false);
  }
  return internal::Consume(recording, cursors);
}

}  // namespace parkour::trace

#endif  // PARKOUR_TRACE_REPLAY_H_
