// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// While the world is stopped no goroutine runs runtime code: a parked one
// stays on its stack, even if it is made runnable meanwhile. Goroutines that
// compute without a P, or block in the kernel, go on; their stacks are in
// motion and are left alone.

#include "parkour/pprof/collect.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/stackwalk.h"
#include "parkour/runtime/start.h"

namespace parkour::runtime::pprof {
namespace {

constexpr int kUsualDepth = 16;

struct Goroutine {
  const char* state;
  char name[GName::kMax + 1];
  bool walked;
  size_t begin;  // of its stack
  size_t end;
};

// What is read while the world is stopped; all the rest comes later.
struct Snapshot {
  const G* self;
  std::vector<Goroutine> goroutines;
  std::vector<uintptr_t> pcs;
};

// Without a P: it has given it up for a system call, or it was taken from it
// while it computed.
const char* StateWithoutP(const G* gp) {
  const M* const m = gp->m.load(base::kRelaxed);
  const bool computes =
      m != nullptr && (m->attention.load(base::kRelaxed) & kAttnSyscall) == 0;
  return computes ? "running" : "syscall";
}

const char* StateOf(const G* gp, GStatus status) {
  switch (status) {
    case kGrunnable:
      return "runnable";
    case kGrunning:
      return "running";
    case kGsyscall:
      return StateWithoutP(gp);
    default:
      break;
  }
  const char* const reason =
      WaitReasonString(gp->waitreason.load(base::kRelaxed));
  return *reason != '\0' ? reason : "waiting";
}

void Look(G* gp, void* arg) {
  auto* const s = static_cast<Snapshot*>(arg);
  const GStatus status = readgstatus(gp);
  if (status == kGidle || status == kGdead || gp == s->self) return;
  Goroutine g{StateOf(gp, status), {}, false, s->pcs.size(), 0};
  gp->name.Read(g.name);
  if (status == kGwaiting || status == kGrunnable) {
    uintptr_t pcs[kMaxProfileStack];
    int n = walkParked(gp, pcs, kMaxProfileStack);
    // It has not run yet: what it will run.
    if (n == 0) pcs[n++] = reinterpret_cast<uintptr_t>(gp->run) + 1;
    s->pcs.insert(s->pcs.end(), pcs, pcs + n);
    g.walked = true;
  }
  g.end = s->pcs.size();
  s->goroutines.push_back(g);
}

// The caller, if it is a goroutine.
void LookAtSelf(Snapshot* s) {
  if (s->self == nullptr) return;
  Goroutine g{"running", {}, true, s->pcs.size(), 0};
  s->self->name.Read(g.name);
  uintptr_t pcs[kMaxProfileStack];
  const int n = walkOwn(s->self, pcs, kMaxProfileStack);
  s->pcs.insert(s->pcs.end(), pcs, pcs + n);
  g.end = s->pcs.size();
  s->goroutines.push_back(g);
}

Snapshot Look() {
  ensureStarted();
  Snapshot s{};
  const auto n = static_cast<size_t>(NumGoroutine());
  s.goroutines.reserve(n + n / 8 + 1);
  s.pcs.reserve((n + n / 8 + 1) * kUsualDepth);
  if (worldEnded()) {
    ForEachG(Look, &s);
    return s;
  }
  stopTheWorld();
  G* const gp = getm()->curg;
  if (gp != nullptr && !gp->proxy) s.self = gp;
  LookAtSelf(&s);
  ForEachG(Look, &s);
  startTheWorld();
  return s;
}

bool MoreFrequent(const Sample& a, const Sample& b) {
  return a.count > b.count;
}

}  // namespace

std::vector<Sample> CollectGoroutines(Symbols* symbols) {
  const Snapshot s = Look();
  using Key = std::tuple<std::vector<uintptr_t>, std::string, std::string>;
  std::map<Key, Sample> samples;
  for (const Goroutine& g : s.goroutines) {
    std::vector<uintptr_t> pcs(s.pcs.begin() + static_cast<ptrdiff_t>(g.begin),
                               s.pcs.begin() + static_cast<ptrdiff_t>(g.end));
    Sample& sample = samples[{pcs, g.state, g.name}];
    if (++sample.count > 1) continue;
    if (!g.walked) sample.note = "running on other thread; stack unavailable";
    sample.pcs = std::move(pcs);
    if (g.name[0] != '\0') sample.labels.emplace_back("name", g.name);
    sample.labels.emplace_back("state", g.state);
  }
  std::vector<Sample> all;
  for (auto& [key, sample] : samples) {
    symbols->Trim(&sample.pcs);
    all.push_back(std::move(sample));
  }
  std::stable_sort(all.begin(), all.end(), MoreFrequent);
  return all;
}

std::vector<Sample> CollectThreads() {
  Sample sample;
  sample.count = NumThread();
  sample.note = "not recorded";
  return {sample};
}

std::vector<Sample> CollectWaits(const std::vector<WaitRecord>& records,
                                 Symbols* symbols) {
  std::vector<Sample> all;
  for (const WaitRecord& r : records) {
    Sample sample;
    sample.pcs = r.pcs;
    symbols->Trim(&sample.pcs);
    if (r.pcs.empty()) sample.note = r.lost ? "lost" : "plain threads";
    sample.count = std::llround(r.count);
    sample.ns = std::llround(r.ns);
    all.push_back(std::move(sample));
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const Sample& a, const Sample& b) { return a.ns > b.ns; });
  return all;
}

}  // namespace parkour::runtime::pprof
