// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/local.h"

#include <vector>

#include "parkour/base/check.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/proc.h"

namespace parkour::runtime {

// Of one goroutine; nobody else touches it.
struct Locals {
  std::vector<internal::LocalBox*> by_slot;
  internal::LocalBox* newest = nullptr;
};

namespace {

// Not inside the runtime: nothing that belongs to the M or the P is used, and
// the goroutine stays on its M while it does not call anything that parks.
G* self() {
  M* m = getm();
  if (m == nullptr) {
    RuntimeScope in;
    m = getm();
  }
  G* const gp = m->curg;
  if (gp == nullptr) base::Fatal("runtime.Local used outside a goroutine");
  return gp;
}

}  // namespace

// A destructor may use Locals, even make new ones, and may park.
void destroyLocals(G* gp) {
  while (internal::LocalBox* const box = gp->locals->newest) {
    gp->locals->newest = box->next;
    gp->locals->by_slot[box->slot] = nullptr;
    box->destroy(box);
  }
  delete gp->locals;
  gp->locals = nullptr;
}

}  // namespace parkour::runtime

namespace parkour::internal {

using runtime::G;
using runtime::Locals;

LocalBox* FindLocal(uint32_t slot) {
  const Locals* const locals = runtime::self()->locals;
  if (locals == nullptr || slot >= locals->by_slot.size()) return nullptr;
  return locals->by_slot[slot];
}

void AddLocal(uint32_t slot, LocalBox* box) {
  G* const gp = runtime::self();
  if (gp->locals == nullptr) gp->locals = new Locals;
  Locals* const locals = gp->locals;
  if (slot >= locals->by_slot.size()) locals->by_slot.resize(slot + 1);
  if (locals->by_slot[slot] != nullptr) {
    base::Fatal("runtime.Local: making a value used the same Local");
  }
  box->slot = slot;
  box->next = locals->newest;
  locals->newest = box;
  locals->by_slot[slot] = box;
}

uint32_t LocalSlot(base::Atomic<uint32_t>* slot) {
  static base::Atomic<uint32_t> last{0};
  const uint32_t known = slot->load(base::kRelaxed);
  if (known != 0) return known;
  const uint32_t mine = last.fetch_add(1, base::kRelaxed) + 1;
  uint32_t expected = 0;
  return slot->compare_exchange_strong(expected, mine, base::kRelaxed)
             ? mine
             : expected;
}

}  // namespace parkour::internal
