// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What a failing execution looks like, and the small public functions.

#include <cstdio>
#include <cstring>

#include "parkour/tests/model/engine.h"

namespace parkour::model {
namespace {

const char* OrderName(Order o) {
  switch (o) {
    case Order::relaxed:
      return "relaxed";
    case Order::consume:
    case Order::acquire:
      return "acquire";
    case Order::release:
      return "release";
    case Order::acq_rel:
      return "acq_rel";
    case Order::seq_cst:
      return "seq_cst";
  }
  return "?";
}

std::string Number(Value v) {
  char text[32];
  const auto n = static_cast<int64_t>(v);
  if (n > -100000 && n < 100000) {
    std::snprintf(text, sizeof(text), "%lld", static_cast<long long>(n));
  } else {
    std::snprintf(text, sizeof(text), "0x%llx",
                  static_cast<unsigned long long>(v));
  }
  return text;
}

const char* Base(const char* file) {
  const char* slash = std::strrchr(file, '/');
  return slash != nullptr ? slash + 1 : file;
}

std::string Age(const LogEntry& e) {
  if (e.age == 0) return "";
  return "  (old: " + std::to_string(e.age) + " newer)";
}

std::string What(const LogEntry& e, const std::string& name) {
  const std::string order = std::string(".") + OrderName(e.op.order);
  switch (e.op.kind) {
    case OpKind::kLoad:
      return "load" + order + " " + name + " = " + Number(e.read) + Age(e);
    case OpKind::kStore:
      return "store" + order + " " + name + " <- " + Number(e.written);
    case OpKind::kRmw:
      return "rmw" + order + " " + name + " " + Number(e.read) + " -> " +
             Number(e.written);
    case OpKind::kCas:
      if (!e.success) {
        return "cas" + order + " " + name + " = " + Number(e.read) + ", fails" +
               Age(e);
      }
      return "cas" + order + " " + name + " " + Number(e.read) + " -> " +
             Number(e.written);
    case OpKind::kFence:
      return "fence.seq_cst";
    case OpKind::kBarrier:
      return "membarrier";
    case OpKind::kLock:
      return "lock L" + std::to_string(e.op.loc);
    case OpKind::kUnlock:
      return "unlock L" + std::to_string(e.op.loc);
    case OpKind::kAwait:
      return "await " + name + " = " + Number(e.read);
    case OpKind::kFutexWait:
      return "futex wait " + name + " = " + Number(e.read) +
             (e.success ? ", sleeps" : ", returns");
    case OpKind::kFutexWake:
      return "futex wake " + name + ", woke " + Number(e.read);
    case OpKind::kRunning:
      return "runs again";
  }
  return "?";
}

}  // namespace

void Engine::Log(Value read, Value written, int age, bool success) {
  if (self_ == kMain) return;
  log_.push_back({self_, pending_[self_], read, written, age, success});
}

void Engine::Say(const std::string& text) {
  LogEntry e;
  e.thread = self_;
  e.text = static_cast<int>(texts_.size());
  texts_.push_back(text);
  log_.push_back(e);
}

std::string Engine::FormatTrace() const {
  std::string out = "interleaving of execution " +
                    std::to_string(result_.executions + result_.pruned + 1) +
                    ":\n";
  int n = 0;
  constexpr int kShown = 120;
  const int skip = static_cast<int>(log_.size()) - kShown;
  for (const LogEntry& e : log_) {
    // Of a livelock the end is enough.
    if (n < skip) {
      ++n;
      continue;
    }
    char head[160];
    if (e.text >= 0) {
      std::snprintf(head, sizeof(head), "       T%d  -- ", e.thread);
      out += head + texts_[static_cast<size_t>(e.text)] + "\n";
      continue;
    }
    const int loc = e.op.loc;
    std::string name;
    if (loc >= 0 && loc < kMaxLocations) {
      name = names_[loc] != nullptr ? names_[loc] : "a" + std::to_string(loc);
    }
    std::string where = std::string(e.op.site.function) + " " +
                        Base(e.op.site.file) + ":" +
                        std::to_string(e.op.site.line);
    if (where.size() < 40) where.resize(40, ' ');
    std::snprintf(head, sizeof(head), "  %4d T%d  %*s%s ", ++n, e.thread,
                  e.thread * 2, "", where.c_str());
    out += head + What(e, name) + "\n";
  }
  return out + "then: " + result_.failure + "\n";
}

Result Run(const ModelType& type, const Options& options) {
  return engine.Run(type, options);
}

void Fail(const std::string& what) { engine.Fail(what); }
int Choose(int n) { return engine.ChooseValue(n); }
void Daemon() { engine.BecomeDaemon(); }
int Self() { return engine.self(); }
void Say(const std::string& text) { engine.Say(text); }

bool Mutant(const char* name) {
  const Mutation& m = engine.options().mutation;
  return m.kind == Mutation::kNamed && m.name == name;
}

void FenceSeqCst(const char* file, int line, const char* function) {
  engine.Fence({file, line, function});
}
void MemBarrier(const char* file, int line, const char* function) {
  engine.MemBarrier({file, line, function});
}

int Lock::Id() {
  if (execution_ != engine.execution()) {
    execution_ = engine.execution();
    id_ = engine.NewLock();
  }
  return id_;
}

void Lock::Acquire(const char* file, int line, const char* function) {
  engine.LockAcquire(Id(), {file, line, function});
}
void Lock::Release(const char* file, int line, const char* function) {
  engine.LockRelease(Id(), {file, line, function});
}

}  // namespace parkour::model
