// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// gobuf_switch.h: gobufSwitch, for the few functions that it is part of.
//
// It is inlined into them, and they into what parks: the processor predicts
// where a function returns to by where it was called from, and after a switch
// each return is one that it has predicted for another goroutine. Every level
// of calls between a channel's operation and the jump costs such a mistake.

#ifndef PARKOUR_RUNTIME_GOBUF_SWITCH_H_
#define PARKOUR_RUNTIME_GOBUF_SWITCH_H_

#include <boost/context/detail/fcontext.hpp>

#include "parkour/runtime/gobuf.h"

namespace parkour::runtime {

// Travels with the jump. It lies in the frame of the gobufSwitch that leaves,
// which stays intact at least until the other side has read it.
struct Crossing {
  Gobuf* from;
  Gobuf* to;
};

// Leaves `from`, continues `to`. `eh` is the calling thread's exception state.
// `dying`: nobody will come back to `from`.
#if PARKOUR_ASAN || PARKOUR_TSAN
void gobufSwitch(Gobuf* from, Gobuf* to, EhGlobals* eh, bool dying = false);
#else
__attribute__((always_inline)) inline void gobufSwitch(Gobuf* from, Gobuf* to,
                                                       EhGlobals* eh,
                                                       bool = false) {
  from->fp = __builtin_frame_address(0);
  from->eh = *eh;
  *eh = to->eh;
  Crossing out{from, to};
  const boost::context::detail::transfer_t in =
      boost::context::detail::jump_fcontext(to->sp, &out);
  // Running again, perhaps on another thread. `from` is this context's own
  // record; whoever jumped here is saved where its crossing says.
  static_cast<const Crossing*>(in.data)->from->sp = in.fctx;
}
#endif

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_GOBUF_SWITCH_H_
