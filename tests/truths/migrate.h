// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// migrate.h: going on on another thread, for certain.
//
//   ProcsScope procs(1);
//   RunInGoroutine([] {
//     const int before = base::ThreadId();
//     Migrate();
//     EXPECT_NE(base::ThreadId(), before);
//   });
//
// base::ThreadId asks the kernel. std::this_thread::get_id would not do: its
// result is a constant to the compiler, which may use the one from before.

#ifndef PARKOUR_TESTS_TRUTHS_MIGRATE_H_
#define PARKOUR_TESTS_TRUTHS_MIGRATE_H_

#include "parkour/base/check.h"
#include "parkour/base/thread.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/test_util.h"

namespace parkour::truths {

// Returns on another thread than `from`. (Every call into the runtime may
// change the thread, so this may have happened already.) With one P everything
// runs on one thread until a goroutine that is locked to it blocks. REQUIRES:
// one P, in a goroutine.
inline void MigrateFrom(int from) {
  for (int i = 0; base::ThreadId() == from; ++i) {
    PARKOUR_CHECK(i < 10000);
    Chan<Unit> here = MakeChan<Unit>();
    Chan<Unit> back = MakeChan<Unit>();
    go([=] {
      if (base::ThreadId() == from) runtime::LockOSThread();
      here.Send({});
      back.Recv();  // sits on the thread until the migrant runs elsewhere
      runtime::UnlockOSThread();
    });
    here.Recv();
    back.Send({});
  }
}

inline void Migrate() { MigrateFrom(base::ThreadId()); }

}  // namespace parkour::truths

#endif  // PARKOUR_TESTS_TRUTHS_MIGRATE_H_
