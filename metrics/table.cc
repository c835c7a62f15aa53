// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/metrics/table.h"

#include <algorithm>
#include <limits>

#include "parkour/runtime/counts.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/proc.h"

namespace parkour::runtime::metrics {
namespace {

constexpr double kSecond = 1e9;

// Go: histogram.go (timeHistogramMetricsBuckets).
const std::vector<double>& Buckets() {
  static const auto& buckets = *[] {
    auto* const b = new std::vector<double>;
    b->push_back(-std::numeric_limits<double>::infinity());
    for (size_t i = 1; i < TimeHistogram::kTotal; ++i) {
      b->push_back(static_cast<double>(TimeHistogram::Bound(i)) / kSecond);
    }
    b->push_back(std::numeric_limits<double>::infinity());
    return b;
  }();
  return buckets;
}

// Adds h to counts, which has TimeHistogram::kTotal elements.
void AddTo(std::vector<uint64_t>* counts, const TimeHistogram& h) {
  for (size_t i = 0; i < TimeHistogram::kTotal; ++i) {
    (*counts)[i] += h.Count(i);
  }
}

// Calls fn for every P that ever was: what one has counted remains when
// GOMAXPROCS shrinks.
template <typename Fn>
void ForEachP(Fn fn) {
  for (int32_t i = 0; i < kMaxProcs; ++i) {
    const P* const p = allp(i);
    if (p == nullptr) return;
    fn(p);
  }
}

Value HistogramOf(const TimeHistogram& h) {
  std::vector<uint64_t> counts(TimeHistogram::kTotal);
  AddTo(&counts, h);
  return Value(Float64Histogram{std::move(counts), Buckets()});
}

Value Latencies(Snapshot*) {
  std::vector<uint64_t> counts(TimeHistogram::kTotal);
  ForEachP([&counts](const P* p) { AddTo(&counts, p->latencies); });
  return Value(Float64Histogram{std::move(counts), Buckets()});
}

double LatenciesSum() {
  int64_t ns = 0;
  ForEachP([&ns](const P* p) { ns += p->latencies.Sum(); });
  return static_cast<double>(ns) / kSecond;
}

Value Number(uint64_t n) { return Value(n); }
Value Number(const base::Atomic<uint64_t>& n) {
  return Value(n.load(base::kRelaxed));
}
Value Seconds(int64_t ns) { return Value(static_cast<double>(ns) / kSecond); }

template <base::Atomic<uint64_t> P::*kCount>
Value SumOverPs(Snapshot*) {
  uint64_t n = 0;
  ForEachP([&n](const P* p) { n += (p->*kCount).load(base::kRelaxed); });
  return Value(n);
}

constexpr auto kUint64 = ValueKind::kUint64;
constexpr auto kFloat64 = ValueKind::kFloat64;
constexpr auto kHistogram = ValueKind::kFloat64Histogram;

// Sorted by name.
constexpr Metric kTable[] = {
    {{"/cpu/classes/idle:cpu-seconds",
      "CPU time that the Ps could have used and did not.", kFloat64, true},
     [](Snapshot* s) { return Seconds(s->Cpu().idle); }},
    {{"/cpu/classes/scavenge/total:cpu-seconds",
      "CPU time spent giving unused stack memory back to the system.", kFloat64,
      true},
     [](Snapshot* s) { return Seconds(s->Cpu().scavenge); }},
    {{"/cpu/classes/total:cpu-seconds",
      "All CPU time: the sum of the other classes.", kFloat64, true},
     [](Snapshot* s) {
       const CpuClasses& cpu = s->Cpu();
       return Seconds(cpu.idle + cpu.user + cpu.scavenge);
     }},
    {{"/cpu/classes/user:cpu-seconds",
      "CPU time of the process, plain threads and the kernel's part included, "
      "without the scavenger's.",
      kFloat64, true},
     [](Snapshot* s) { return Seconds(s->Cpu().user); }},
    {{"/parkour/netpoll/events:events",
      "Events that polls of the network returned.", kUint64, true},
     [](Snapshot*) { return Number(counts.netpoll_events); }},
    {{"/parkour/netpoll/wakeups:polls",
      "Polls of the network that returned events.", kUint64, true},
     [](Snapshot*) { return Number(counts.netpoll_wakeups); }},
    {{"/parkour/scavenger/freed:stacks",
      "Stacks given back to the system after their goroutine.", kUint64, true},
     [](Snapshot* s) { return Number(s->Scavenger().freed_stacks); }},
    {{"/parkour/scavenger/released:bytes",
      "Stack memory given back to the system.", kUint64, true},
     [](Snapshot* s) { return Number(s->Scavenger().released_bytes); }},
    {{"/parkour/scavenger/trimmed:stacks",
      "Stacks of parked goroutines given back in part.", kUint64, true},
     [](Snapshot* s) { return Number(s->Scavenger().trimmed_stacks); }},
    {{"/parkour/sched/injected/goroutines:goroutines",
      "Goroutines that were made runnable as part of a list.", kUint64, true},
     [](Snapshot*) { return Number(counts.injected_goroutines); }},
    {{"/parkour/sched/injected/lists:lists",
      "Lists of goroutines that became runnable together.", kUint64, true},
     [](Snapshot*) { return Number(counts.injected_lists); }},
    {{"/parkour/sched/retakes/syscall:retakes",
      "Ps taken from system calls by sysmon.", kUint64, true},
     [](Snapshot*) { return Number(counts.retakes_syscall); }},
    {{"/parkour/sched/retakes/user:retakes",
      "Ps taken by sysmon from goroutines that computed or blocked for too "
      "long.",
      kUint64, true},
     [](Snapshot*) { return Number(counts.retakes_user); }},
    {{"/parkour/sched/steals:steals",
      "Times that a P without work took some from another.", kUint64, true},
     SumOverPs<&P::steals>},
    {{"/parkour/sched/stolen:goroutines",
      "Goroutines that were taken from another P's queue.", kUint64, true},
     SumOverPs<&P::stolen>},
    {{"/parkour/stacks/cold:stacks",
      "Stacks without memory. Costs a microsecond for each stack.", kUint64,
      false},
     [](Snapshot* s) {
       return Number(static_cast<uint64_t>(s->Stacks().cold));
     }},
    {{"/parkour/stacks/free:stacks",
      "Stacks with memory and without a goroutine. Costs a microsecond for "
      "each stack.",
      kUint64, false},
     [](Snapshot* s) {
       return Number(static_cast<uint64_t>(s->Stacks().free));
     }},
    {{"/parkour/stacks/live:stacks",
      "Stacks of goroutines. Costs a microsecond for each stack.", kUint64,
      false},
     [](Snapshot* s) {
       return Number(static_cast<uint64_t>(s->Stacks().live));
     }},
    {{"/parkour/stacks/near-overflows:goroutines",
      "Goroutines that came within 10 % of their stack's guard.", kUint64,
      true},
     [](Snapshot* s) { return Number(s->Scavenger().near_overflows); }},
    {{"/parkour/stacks/reserved:bytes",
      "Address space of stacks. Costs a microsecond for each stack.", kUint64,
      false},
     [](Snapshot* s) { return Number(s->Stacks().reserved_bytes); }},
    {{"/parkour/stacks/resident:bytes",
      "Memory of stacks. Costs a microsecond for each stack.", kUint64, false},
     [](Snapshot* s) { return Number(s->Stacks().resident_bytes); }},
    {{"/sched/gomaxprocs:threads", "The current GOMAXPROCS setting.", kUint64,
      false},
     [](Snapshot*) {
       return Number(static_cast<uint64_t>(sched.gomaxprocs.load()));
     }},
    {{"/sched/goroutines:goroutines", "Goroutines that exist.", kUint64, false},
     [](Snapshot*) { return Number(static_cast<uint64_t>(NumGoroutine())); }},
    {{"/sched/latencies:seconds",
      "How long goroutines were runnable before they ran; one in 64.",
      kHistogram, true},
     Latencies,
     LatenciesSum},
    {{"/sched/pauses/stopping/other:seconds",
      "How long it took to stop all goroutines.", kHistogram, true},
     [](Snapshot*) { return HistogramOf(counts.pauses_stopping); },
     [] {
       return static_cast<double>(counts.pauses_stopping.Sum()) / kSecond;
     }},
    {{"/sched/pauses/total/other:seconds",
      "How long all goroutines were stopped, from the wish to stop them on.",
      kHistogram, true},
     [](Snapshot*) { return HistogramOf(counts.pauses_total); },
     [] { return static_cast<double>(counts.pauses_total.Sum()) / kSecond; }},
    {{"/sched/threads/total:threads",
      "Threads that the runtime has, sleeping ones included.", kUint64, false},
     [](Snapshot*) { return Number(static_cast<uint64_t>(mcount())); }},
    {{"/sync/mutex/wait/total:seconds",
      "Time that goroutines were blocked on a Mutex or an RWMutex, estimated "
      "from one in 64.",
      kFloat64, true},
     [](Snapshot*) {
       return Seconds(counts.mutex_wait_ns.load(base::kRelaxed));
     }},
};

}  // namespace

std::span<const Metric> Table() { return kTable; }

// Hogs run beside the Ps, so that more may be used than there was: then idle
// stands still until the Ps' time has caught up.
const CpuClasses& Snapshot::Cpu() {
  if (cpu_.has_value()) return *cpu_;
  static base::Atomic<int64_t> last_idle{0};
  const int64_t used = cpuTime();
  const int64_t scavenge = std::min(Scavenger().busy_ns, used);
  int64_t idle = procsTime() - used;
  int64_t last = last_idle.load(base::kRelaxed);
  while (idle > last && !last_idle.compare_exchange_weak(
                            last, idle, base::kRelaxed, base::kRelaxed)) {
  }
  idle = std::max(idle, last);
  cpu_ = {idle, used - scavenge, scavenge};
  return *cpu_;
}

const StackStats& Snapshot::Stacks() {
  if (!stacks_.has_value()) stacks_ = ReadStackStats();
  return *stacks_;
}

const ScavengeCounts& Snapshot::Scavenger() {
  if (!scavenger_.has_value()) scavenger_ = ReadScavengeCounts();
  return *scavenger_;
}

}  // namespace parkour::runtime::metrics
