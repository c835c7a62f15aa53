// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/schedtrace.h"

#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/runtime/godebug.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"

namespace parkour::runtime {
namespace {

constexpr int64_t kMs = 1000000;

// Constant once sysmon runs.
int64_t period = 0;
bool detail = false;

// sysmon's.
int64_t first = 0;  // 0: nothing was printed yet
int64_t last = 0;

// What is known of one goroutine, read once: so that the lines of an M and of
// its goroutine agree.
struct GRow {
  uint64_t goid;
  GStatus status;
  WaitReason reason;
  const M* m;
  const M* lockedm;
};

struct Goroutines {
  std::vector<GRow> rows;
  std::unordered_map<const M*, uint64_t> curg;
  std::unordered_map<const M*, uint64_t> lockedg;
};

void AddG(G* gp, void* arg) {
  const GRow row{gp->goid.load(base::kRelaxed), readgstatus(gp),
                 gp->waitreason.load(base::kRelaxed),
                 gp->m.load(base::kRelaxed), gp->lockedm.load(base::kRelaxed)};
  // What was a newborn is another row now.
  if (row.status == kGidle || (gp->is_newborn && row.status == kGdead)) return;
  auto* const all = static_cast<Goroutines*>(arg);
  all->rows.push_back(row);
  if (row.m != nullptr) all->curg.try_emplace(row.m, row.goid);
  if (row.lockedm != nullptr) all->lockedg.try_emplace(row.lockedm, row.goid);
}

std::string IdOf(const M* m) {
  return m == nullptr ? "nil" : absl::StrCat(m->id);
}

std::string IdOf(const std::unordered_map<const M*, uint64_t>& goids,
                 const M* m) {
  const auto it = goids.find(m);
  return it == goids.end() ? "nil" : absl::StrCat(it->second);
}

const char* Word(bool b) { return b ? "true" : "false"; }

void AppendHead(std::string* out, int64_t ms)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock) {
  absl::StrAppend(out, "SCHED ", ms, "ms: gomaxprocs=", sched.gomaxprocs.load(),
                  " idleprocs=", sched.npidle.load(base::kRelaxed),
                  " threads=", mcount(),
                  " spinningthreads=", sched.nmspinning.load(base::kRelaxed),
                  " needspinning=", sched.needspinning.load(base::kRelaxed),
                  " idlethreads=", sched.nmidle.load(base::kRelaxed),
                  " runqueue=", sched.runqsize.load(base::kRelaxed));
}

void AppendQueueLengths(std::string* out) {
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    absl::StrAppend(out, i == 0 ? " [" : " ", allp(i)->runq.size());
  }
  absl::StrAppend(out, "]\n");
}

// Returns which M had which P, as the lines say it.
std::unordered_map<const M*, int32_t> AppendPs(std::string* out) {
  std::unordered_map<const M*, int32_t> owned;
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    const P* const p = allp(i);
    const M* m = p->m.load(base::kAcquire);
    // An M that has just changed from one P to the other has the first.
    if (m != nullptr && !owned.try_emplace(m, i).second) m = nullptr;
    absl::StrAppend(out, "  P", i, ": status=", p->status.load(base::kRelaxed),
                    " schedtick=", p->schedtick.load(base::kRelaxed),
                    " syscalltick=", p->syscalltick.load(base::kRelaxed),
                    " m=", IdOf(m), " runqsize=", p->runq.size(),
                    " gfreecnt=0 timerslen=", p->timers.size(), "\n");
  }
  return owned;
}

void AppendMs(std::string* out, const Goroutines& gs,
              const std::unordered_map<const M*, int32_t>& owned) {
  for (const M* m = sched.allm.load(base::kAcquire); m != nullptr;
       m = m->alllink) {
    const auto p = owned.find(m);
    absl::StrAppend(
        out, "  M", m->id,
        ": p=", p == owned.end() ? "nil" : absl::StrCat(p->second),
        " curg=", IdOf(gs.curg, m), " mallocing=0 throwing=0 preemptoff=",
        " locks=", m->in_runtime.load(base::kRelaxed),
        " dying=0 spinning=", Word(m->spinning.load(base::kRelaxed)),
        " blocked=", Word(m->blocked.load(base::kRelaxed)));
    absl::StrAppend(out, " lockedg=", IdOf(gs.lockedg, m), "\n");
  }
}

void AppendGs(std::string* out, const Goroutines& gs) {
  for (const GRow& row : gs.rows) {
    absl::StrAppend(out, "  G", row.goid,
                    ": status=", static_cast<uint32_t>(row.status), "(",
                    WaitReasonString(row.reason), ") m=", IdOf(row.m),
                    " lockedm=", IdOf(row.lockedm), "\n");
  }
}

std::string Detailed(int64_t ms) {
  Goroutines gs;
  ForEachG(AddG, &gs);
  std::string out;
  {
    base::MutexLockAlive lock(&sched.lock);
    AppendHead(&out, ms);
    absl::StrAppend(
        &out, " gcwaiting=", Word(sched.gcwaiting.load(base::kRelaxed)),
        " nmidlelocked=", sched.nmidlelocked.load(base::kRelaxed),
        " stopwait=", sched.stopwait,
        " sysmonwait=", Word(sched.sysmonwait.load(base::kRelaxed)), "\n");
    AppendMs(&out, gs, AppendPs(&out));
  }
  AppendGs(&out, gs);
  return out;
}

std::string Short(int64_t ms) {
  std::string out;
  base::MutexLockAlive lock(&sched.lock);
  AppendHead(&out, ms);
  AppendQueueLengths(&out);
  return out;
}

}  // namespace

void schedtraceInit() {
  period = int64_t{godebug("schedtrace")} * kMs;
  detail = godebug("scheddetail") > 0;
}

bool schedtraceOn() { return period > 0; }

// The first one is time 0, as in Go.
void schedtraceTick(int64_t now) {
  if (period <= 0 || last + period > now) return;
  if (first == 0) first = now;
  last = now;
  const int64_t ms = (now - first) / kMs;
  base::WriteStderr(detail ? Detailed(ms) : Short(ms));
}

}  // namespace parkour::runtime
