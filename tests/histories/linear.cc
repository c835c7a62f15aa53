// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/histories/linear.h"

#include <algorithm>
#include <cstdio>
#include <unordered_set>

namespace parkour::tests {
namespace {

// The state and the set of taken operations, in one.
struct Position {
  std::vector<uint64_t> taken;
  Spec::State state;
  friend bool operator==(const Position&, const Position&) = default;
};

struct PositionHash {
  size_t operator()(const Position& p) const {
    uint64_t h = 0x9E3779B97F4A7C15u;
    const auto mix = [&h](uint64_t v) {
      h = (h ^ v) * 0xFF51AFD7ED558CCDu;
      h ^= h >> 32;
    };
    for (const uint64_t w : p.taken) mix(w);
    for (const int64_t w : p.state) mix(static_cast<uint64_t>(w));
    return h;
  }
};

class Search {
 public:
  Search(const Spec& spec, const History& history, int64_t max_steps)
      : spec_(spec), history_(history), left_(max_steps) {
    now_.taken.resize((history.size() + 63) / 64);
    now_.state = spec.Initial();
    best_.taken = now_.taken;
    best_.state = now_.state;
  }

  Verdict Run() {
    if (From(0)) return Verdict::kLinearizable;
    return left_ <= 0 ? Verdict::kUndecided : Verdict::kNot;
  }

  int64_t steps() const { return steps_; }

  std::string Explain() const {
    std::string text;
    char line[160];
    for (size_t i = 0; i < history_.size(); ++i) {
      const Op& op = history_[i];
      std::snprintf(line, sizeof(line), "%s %5ld..%-5ld client %d: %s\n",
                    Taken(best_, i) ? "  " : "??", static_cast<long>(op.call),
                    static_cast<long>(op.ret), op.client,
                    spec_.Show(op).c_str());
      text += line;
    }
    text += "state after the longest explanation:";
    for (const int64_t v : best_.state) text += " " + std::to_string(v);
    return text + "\n";
  }

 private:
  static bool Taken(const Position& p, size_t i) {
    return (p.taken[i / 64] >> i % 64 & 1) != 0;
  }
  void Flip(size_t i) { now_.taken[i / 64] ^= uint64_t{1} << i % 64; }

  // The operations that may come next, the one that returns first at the front:
  // histories are mostly explained by the order of returns.
  std::vector<size_t> Candidates() const {
    int64_t first_return = INT64_MAX;
    std::vector<size_t> found;
    for (size_t i = 0; i < history_.size(); ++i) {
      if (history_[i].call > first_return) break;  // they are sorted by call
      if (Taken(now_, i)) continue;
      first_return = std::min(first_return, history_[i].ret);
      found.push_back(i);
    }
    std::erase_if(found,
                  [&](size_t i) { return history_[i].call > first_return; });
    std::sort(found.begin(), found.end(), [&](size_t a, size_t b) {
      return history_[a].ret < history_[b].ret;
    });
    return found;
  }

  // Whether everything that is not taken can be explained from here. The depth
  // is the number of operations taken.
  bool From(size_t depth) {
    if (depth == history_.size()) return true;
    if (--left_ <= 0) return false;
    ++steps_;
    if (depth > best_depth_) {
      best_depth_ = depth;
      best_ = now_;
    }
    const std::vector<size_t> next = Candidates();
    const Spec::State before = now_.state;
    for (const size_t i : next) {
      if (spec_.Step(history_[i], history_, &now_.state)) {
        Flip(i);
        if (Fresh() && From(depth + 1)) return true;
        Flip(i);
      }
      now_.state = before;
      for (const size_t j : next) {
        if (history_[i].client == history_[j].client) continue;
        if (spec_.StepTogether(history_[i], history_[j], &now_.state)) {
          Flip(i);
          Flip(j);
          if (Fresh() && From(depth + 2)) return true;
          Flip(i);
          Flip(j);
        }
        now_.state = before;
      }
    }
    return false;
  }

  // False if the search has been here before, in vain.
  bool Fresh() { return seen_.insert(now_).second; }

  const Spec& spec_;
  const History& history_;
  Position now_;
  Position best_;
  size_t best_depth_ = 0;
  std::unordered_set<Position, PositionHash> seen_;
  int64_t left_;
  int64_t steps_ = 0;
};

}  // namespace

Judgement Judge(const Spec& spec, const History& history, int64_t max_steps) {
  Search search(spec, history, max_steps);
  Judgement judgement;
  judgement.verdict = search.Run();
  judgement.steps = search.steps();
  if (judgement.verdict != Verdict::kLinearizable) {
    judgement.explanation = search.Explain();
  }
  return judgement;
}

}  // namespace parkour::tests
