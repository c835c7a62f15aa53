// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// mutants.h: what a model's test asserts: the model passes its search, and
// every change that makes it wrong is noticed.
//
// The changes are of two kinds. Named ones stand in the model or are asked for
// by its stand-ins: if (!Mutant("no re-check")) .... The others are made by the
// harness, for every atomic operation that the search reached, in the product's
// code as well as in the model's: its order weakened by one step, a store or a
// fence left out, a read-modify-write torn into a load and a store. One that
// survives says that the model does not need the operation to be as strong as
// it is. Such survivors are listed by the test, each with its reason, and the
// list must be exact.
//
//   CheckModel<RunqModel>({.name = "runq",
//                          .named = {"no re-check"},
//                          .redundant = {{"get cas acquire -> relaxed",
//                                         "only the owner writes tail_"}}});

#ifndef PARKOUR_TESTS_MODEL_MUTANTS_H_
#define PARKOUR_TESTS_MODEL_MUTANTS_H_

#include <map>
#include <string>
#include <vector>

#include "parkour/tests/model/explorer.h"

namespace parkour::model {

// Reasons why an operation may be weaker than it is, or is not seen to matter.
inline constexpr char kOneWord[] =
    "one location decides, and its modification order is enough";
inline constexpr char kLocked[] =
    "a lock, or another operation of the same thread, orders it as well";
inline constexpr char kFuture[] =
    "keeps an earlier load from seeing a later store, which is not modelled "
    "(load buffering)";
inline constexpr char kRetried[] =
    "a stale value fails the compare-exchange, and is read again";
inline constexpr char kFenced[] = "the barrier beside it orders it";
inline constexpr char kOwner[] = "only this thread writes it at this point";
inline constexpr char kHint[] = "a hint: being wrong costs time only";

struct Suite {
  std::string name;
  Options options = {};
  std::vector<std::string> named = {};

  // The survivors by name, each with its reason.
  std::map<std::string, std::string> redundant = {};
};

// All mutations of the given operations, with names of the form
// "function operation[#n] what".
std::vector<Mutation> MutationsOf(std::vector<AtomicSite> sites);

// Fails the current test if the scenarios do not keep what the suite says, and
// prints a line for the table in README.md. A mutant is killed if any scenario
// fails.
void CheckModels(const std::vector<ModelType>& scenarios, const Suite& suite);

template <typename... M>
void CheckModel(const Suite& suite) {
  CheckModels({TypeOf<M>()...}, suite);
}

}  // namespace parkour::model

#endif  // PARKOUR_TESTS_MODEL_MUTANTS_H_
