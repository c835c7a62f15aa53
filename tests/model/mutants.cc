// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/model/mutants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <set>

namespace parkour::model {
namespace {

const char* Name(OpKind kind) {
  switch (kind) {
    case OpKind::kLoad:
      return "load";
    case OpKind::kStore:
      return "store";
    case OpKind::kRmw:
      return "rmw";
    case OpKind::kCas:
      return "cas";
    case OpKind::kFence:
      return "fence";
    case OpKind::kBarrier:
      return "membarrier";
    default:
      return "?";
  }
}

const char* Name(Order order) {
  switch (order) {
    case Order::relaxed:
      return "relaxed";
    case Order::release:
      return "release";
    case Order::acq_rel:
      return "acq_rel";
    case Order::seq_cst:
      return "seq_cst";
    default:
      return "acquire";
  }
}

// Without template arguments, which compilers spell as they like.
std::string Name(const AtomicSite& s) {
  const std::string function = s.site.function;
  return function.substr(0, function.find('<')) + " " + Name(s.kind);
}

// The next weaker orders of an operation.
std::vector<Order> Weaker(Order order, OpKind kind) {
  switch (order) {
    case Order::seq_cst:
      if (kind == OpKind::kLoad) return {Order::acquire};
      if (kind == OpKind::kStore) return {Order::release};
      return {Order::acq_rel};
    case Order::acq_rel:
      return {Order::acquire, Order::release};
    case Order::relaxed:
      return {};
    default:
      return {Order::relaxed};
  }
}

std::vector<Mutation> Of(const AtomicSite& s, const std::string& name) {
  std::vector<Mutation> out;
  const auto add = [&](Mutation::Kind kind, const std::string& what,
                       Order order) {
    out.push_back({kind, name + " " + what, s, order});
  };
  if (s.kind == OpKind::kFence || s.kind == OpKind::kBarrier) {
    add(Mutation::kSkip, "left out", s.order);
    return out;
  }
  for (const Order o : Weaker(s.order, s.kind)) {
    add(Mutation::kOrder, std::string(Name(s.order)) + " -> " + Name(o), o);
  }
  if (s.kind == OpKind::kStore) add(Mutation::kSkip, "left out", s.order);
  if (s.kind == OpKind::kRmw || s.kind == OpKind::kCas) {
    add(Mutation::kSplit, "torn", s.order);
  }
  if (s.kind == OpKind::kCas) {
    for (const Order o : Weaker(s.failure, OpKind::kLoad)) {
      add(Mutation::kFailureOrder,
          std::string("failing ") + Name(s.failure) + " -> " + Name(o), o);
    }
  }
  return out;
}

double Seconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace

std::vector<Mutation> MutationsOf(std::vector<AtomicSite> sites) {
  std::sort(sites.begin(), sites.end(),
            [](const AtomicSite& a, const AtomicSite& b) {
              const int file = std::strcmp(a.site.file, b.site.file);
              return file != 0 ? file < 0 : a.site.line < b.site.line;
            });
  std::map<std::string, int> count;
  for (const AtomicSite& s : sites) {
    ++count[Name(s)];
  }
  std::vector<Mutation> out;
  std::map<std::string, int> seen;
  for (const AtomicSite& s : sites) {
    std::string name = Name(s);
    if (count[name] > 1) {
      const int n = ++seen[name];
      name += "#" + std::to_string(n);
    }
    for (Mutation& m : Of(s, name)) out.push_back(std::move(m));
  }
  return out;
}

namespace {

// Searches the unchanged scenarios; collects the operations that they reach.
void CheckCorrect(const std::vector<ModelType>& scenarios, const Suite& suite,
                  std::vector<AtomicSite>* sites) {
  for (const ModelType& type : scenarios) {
    const auto start = std::chrono::steady_clock::now();
    const Result r = Run(type, suite.options);
    std::printf("%-10s %8lu executions, %6lu pruned, %9lu steps, %5.2f s\n",
                suite.name.c_str(), r.executions, r.pruned, r.steps,
                Seconds(std::chrono::steady_clock::now() - start));
    ASSERT_FALSE(r.failed) << r.trace;
    ASSERT_TRUE(r.complete) << "the search was cut short";
    ASSERT_GT(r.executions, 1u);
    for (const AtomicSite& s : r.sites) {
      const auto same = [&s](const AtomicSite& o) {
        return s.kind == o.kind && s.site.line == o.site.line &&
               std::strcmp(s.site.file, o.site.file) == 0;
      };
      if (std::none_of(sites->begin(), sites->end(), same)) {
        sites->push_back(s);
      }
    }
  }
}

// Whether any scenario notices the mutation.
bool Killed(const std::vector<ModelType>& scenarios, Options options,
            const Mutation& mutation) {
  options.mutation = mutation;
  uint64_t executions = 0;
  Result r;
  for (const ModelType& type : scenarios) {
    r = Run(type, options);
    executions += r.executions + r.pruned;
    EXPECT_TRUE(r.failed || r.complete) << mutation.name;
    if (r.failed) break;
  }
  std::printf("  %-9s %-46s %8lu  %s\n", r.failed ? "killed" : "SURVIVES",
              mutation.name.c_str(), executions, r.failure.c_str());
  std::fflush(stdout);
  return r.failed;
}

}  // namespace

void CheckModels(const std::vector<ModelType>& scenarios, const Suite& suite) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<AtomicSite> sites;
  CheckCorrect(scenarios, suite, &sites);
  if (testing::Test::HasFatalFailure()) return;
  std::vector<Mutation> mutations = MutationsOf(sites);
  for (const std::string& name : suite.named) {
    mutations.push_back({Mutation::kNamed, name, {}, Order::relaxed});
  }
  std::set<std::string> survivors;
  for (const Mutation& m : mutations) {
    if (!Killed(scenarios, suite.options, m)) survivors.insert(m.name);
  }
  for (const std::string& s : survivors) {
    EXPECT_TRUE(suite.redundant.count(s))
        << "not noticed: " << s << "\nEither the model is too weak, or the "
        << "operation may be weaker; say which.";
  }
  for (const auto& [name, reason] : suite.redundant) {
    EXPECT_TRUE(survivors.count(name)) << "is needed after all: " << name;
  }
  std::printf("%-10s %zu of %zu mutants killed, %zu of them named, %.1f s\n",
              suite.name.c_str(), mutations.size() - survivors.size(),
              mutations.size(), suite.named.size(),
              Seconds(std::chrono::steady_clock::now() - start));
}

}  // namespace parkour::model
