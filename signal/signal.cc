// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Who is notified of what. One lock over it all, held while signals are handed
// out: nothing is sent on a channel that has left the list.
//
// Go: src/os/signal/signal.go

#include "parkour/signal/signal.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sched.h"
#include "parkour/signal/sigqueue.h"
#include "parkour/sync/scoped_lock.h"

namespace parkour::signal {
namespace {

struct Subscriber {
  SendChan<int> ch;
  uint64_t signals;
};

class Registry {
 public:
  void Add(const SendChan<int>& ch, uint64_t signals) {
    sync::MutexLock lock(&mu_);
    if (!std::exchange(started_, true)) StartQueue(Deliver);
    auto it = Find(&subscribers_, ch);
    if (it == subscribers_.end()) {
      it = subscribers_.insert(it, {ch, 0});
      runtime::sched.external_wakers.fetch_add(1, base::kAcqRel);
    }
    it->signals |= signals;
    for (int s = 1; s <= kMaxSignal; ++s) {
      if (signals & Bit(s)) SetOwner(s, Owner::kQueue);
    }
    WakeQueue();
  }

  // While it is in stopping_ it gets what came before the end.
  void Remove(const SendChan<int>& ch) {
    bool mine = false;
    {
      sync::MutexLock lock(&mu_);
      const auto it = Find(&subscribers_, ch);
      if (it == subscribers_.end()) {
        // Perhaps somebody else is stopping it: then it has all when we return.
        if (Find(&stopping_, ch) == stopping_.end()) return;
      } else {
        const uint64_t signals = it->signals;
        mine = true;
        stopping_.push_back(std::move(*it));
        subscribers_.erase(it);
        GiveUp(signals);
      }
    }
    AwaitHandlers();
    Deliver();
    if (!mine) return;
    sync::MutexLock lock(&mu_);
    stopping_.erase(Find(&stopping_, ch));
    runtime::sched.external_wakers.fetch_sub(1, base::kAcqRel);
  }

  void Cancel(uint64_t signals, Owner owner) {
    sync::MutexLock lock(&mu_);
    for (Subscriber& s : subscribers_) s.signals &= ~signals;
    const auto silent =
        std::remove_if(subscribers_.begin(), subscribers_.end(),
                       [](const Subscriber& s) { return s.signals == 0; });
    runtime::sched.external_wakers.fetch_sub(
        static_cast<int32_t>(subscribers_.end() - silent), base::kAcqRel);
    subscribers_.erase(silent, subscribers_.end());
    for (int s = 1; s <= kMaxSignal; ++s) {
      if (signals & Bit(s)) SetOwner(s, owner);
    }
    WakeQueue();
  }

  static Registry& Get() {
    static Registry* const registry = new Registry;
    return *registry;
  }

 private:
  using List = std::vector<Subscriber>;

  static List::iterator Find(List* list, const SendChan<int>& ch) {
    return std::find_if(list->begin(), list->end(),
                        [&](const Subscriber& s) { return s.ch == ch; });
  }

  static void Deliver() {
    Registry& r = Get();
    sync::MutexLock lock(&r.mu_);
    const uint64_t pending = TakePending();
    for (int s = 1; pending != 0 && s <= kMaxSignal; ++s) {
      if (!(pending & Bit(s))) continue;
      for (const Subscriber& subscriber : r.subscribers_) {
        if (subscriber.signals & Bit(s)) subscriber.ch.TrySend(s);
      }
      for (const Subscriber& subscriber : r.stopping_) {
        if (!(subscriber.signals & Bit(s))) continue;
        // Not twice, if it has been notified anew meanwhile.
        const auto again = Find(&r.subscribers_, subscriber.ch);
        if (again == r.subscribers_.end() || !(again->signals & Bit(s))) {
          subscriber.ch.TrySend(s);
        }
      }
    }
  }

  // Those that nobody else wants.
  void GiveUp(uint64_t signals) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    for (const Subscriber& s : subscribers_) signals &= ~s.signals;
    for (int s = 1; s <= kMaxSignal; ++s) {
      if (signals & Bit(s)) SetOwner(s, Owner::kHost);
    }
    WakeQueue();
  }

  sync::Mutex mu_;
  bool started_ ABSL_GUARDED_BY(mu_) = false;
  List subscribers_ ABSL_GUARDED_BY(mu_);
  List stopping_ ABSL_GUARDED_BY(mu_);
};

uint64_t SetOf(const std::vector<int>& signals) {
  if (signals.empty()) return kAllSignals;
  uint64_t set = 0;
  for (int s : signals) {
    if (s >= 1 && s <= kMaxSignal) set |= Bit(s);
  }
  return set & kAllSignals;
}

}  // namespace

void Notify(const SendChan<int>& ch, const std::vector<int>& signals) {
  if (!ch) base::Panic("os/signal: Notify using nil channel");
  Registry::Get().Add(ch, SetOf(signals));
}

void Stop(const SendChan<int>& ch) { Registry::Get().Remove(ch); }

void Ignore(const std::vector<int>& signals) {
  Registry::Get().Cancel(SetOf(signals), Owner::kNobody);
}

void Reset(const std::vector<int>& signals) {
  Registry::Get().Cancel(SetOf(signals), Owner::kHost);
}

bool Ignored(int signal) {
  struct sigaction now;
  return sigaction(signal, nullptr, &now) == 0 &&
         !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_IGN;
}

NotifyContextResult NotifyContext(const context::Context& parent,
                                  const std::vector<int>& signals) {
  auto [ctx, cancel] = context::WithCancel(parent);
  const Chan<int> ch = MakeChan<int>(1);
  Notify(ch, signals);
  if (ctx.Err().ok()) {
    go({.name = "signal.NotifyContext"}, [ch, ctx = ctx, cancel = cancel] {
      Select(ch.OnRecv([&] { cancel(); }), ctx.Done().OnRecv([] {}));
    });
  }
  std::string name = "signal.NotifyContext(" + parent.String();
  for (size_t i = 0; i < signals.size(); ++i) {
    absl::StrAppend(&name, i == 0 ? ", [" : " ", Name(signals[i]));
  }
  name += signals.empty() ? ")" : "])";
  return {context::internal::Named(ctx, std::move(name)),
          [cancel = cancel, ch] {
            cancel();
            Stop(ch);
          }};
}

std::string Name(int signal) {
  // Go's words: syscall/zerrors_linux_amd64.go.
  static constexpr const char* kNames[] = {
      nullptr,
      "hangup",
      "interrupt",
      "quit",
      "illegal instruction",
      "trace/breakpoint trap",
      "aborted",
      "bus error",
      "floating point exception",
      "killed",
      "user defined signal 1",
      "segmentation fault",
      "user defined signal 2",
      "broken pipe",
      "alarm clock",
      "terminated",
      "stack fault",
      "child exited",
      "continued",
      "stopped (signal)",
      "stopped",
      "stopped (tty input)",
      "stopped (tty output)",
      "urgent I/O condition",
      "CPU time limit exceeded",
      "file size limit exceeded",
      "virtual timer expired",
      "profiling timer expired",
      "window changed",
      "I/O possible",
      "power failure",
      "bad system call",
  };
  if (signal >= 1 && signal < static_cast<int>(std::size(kNames))) {
    return kNames[signal];
  }
  return absl::StrCat("signal ", signal);
}

}  // namespace parkour::signal
