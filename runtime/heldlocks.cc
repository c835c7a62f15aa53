// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/heldlocks.h"

#if PARKOUR_HELD_LOCKS

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include <cstdio>

#include "parkour/base/atomic.h"
#include "parkour/base/check.h"

namespace parkour::runtime {

struct Held {
  const void* lock;
  const char* what;
};

// More are not noted: their unlocks find nothing, and do nothing.
inline constexpr int kMaxHeld = 32;

struct HeldLocks {
  Held held[kMaxHeld];
  int count;
};

// One symbol, and a global one: gold 1.16 mixes up those that are local to a
// shared object (tests/embed/plugin.cc, built with --config=dbg, died of it).
extern "C" {
__attribute__((tls_model(
    "initial-exec"))) constinit thread_local HeldLocks parkour_held_locks = {};
}

namespace {

// noinline: see getm. Interposed functions run at any time, before main too:
// nothing here allocates or locks.
[[gnu::noinline]] void Note(const void* lock, const char* what) {
  HeldLocks& locks = parkour_held_locks;
  if (locks.count < kMaxHeld) locks.held[locks.count++] = {lock, what};
  asm volatile("" : : : "memory");
}

[[gnu::noinline]] void Forget(const void* lock) {
  HeldLocks& locks = parkour_held_locks;
  for (int i = locks.count - 1; i >= 0; --i) {
    if (locks.held[i].lock != lock) continue;
    locks.held[i] = locks.held[--locks.count];
    break;
  }
  asm volatile("" : : : "memory");
}

[[gnu::noinline]] const Held* Latest() {
  const HeldLocks& locks = parkour_held_locks;
  const Held* latest = locks.count > 0 ? &locks.held[locks.count - 1] : nullptr;
  asm volatile("" : "+r"(latest) : : "memory");
  return latest;
}

// The next definition of a function, libc's.
template <typename F>
class Real {
 public:
  constexpr explicit Real(const char* name) : name_(name) {}
  F* get() {
    F* f = f_.load(base::kRelaxed);
    if (f == nullptr) {
      f = reinterpret_cast<F*>(dlsym(RTLD_NEXT, name_));
      f_.store(f, base::kRelaxed);
    }
    return f;
  }

 private:
  const char* const name_;
  base::Atomic<F*> f_{nullptr};
};

int Locked(int error, const void* lock, const char* what) {
  if (error == 0 || error == EOWNERDEAD) Note(lock, what);
  return error;
}

constexpr char kMutex[] = "std::mutex (pthread mutex";
constexpr char kRwlock[] = "std::shared_mutex (pthread rwlock";

}  // namespace

void checkHeldLocks(const M* m, const G* gp, bool dying) {
  const Held* const latest = Latest();
  if (latest == nullptr || m->lockedg == gp) return;
  char text[128];
  std::snprintf(text, sizeof(text),
                "goroutine %s while holding a %s %p), see docs/CPP_TRAPS.md",
                dying ? "ends" : "parks", latest->what, latest->lock);
  base::Fatal(text);
}

}  // namespace parkour::runtime

// What std::mutex, std::timed_mutex, std::recursive_mutex and
// std::shared_mutex call. Waiting on a condition variable unlocks and locks
// past us, and returns with the mutex held as before.
#define PARKOUR_INTERPOSE(name, params, args, what) \
  extern "C" int name params noexcept {             \
    using namespace parkour::runtime;               \
    static constinit Real<int params> real(#name);  \
    return Locked(real.get() args, lock, what);     \
  }
#define PARKOUR_INTERPOSE_UNLOCK(name, type)       \
  extern "C" int name(type* lock) noexcept {       \
    using namespace parkour::runtime;              \
    static constinit Real<int(type*)> real(#name); \
    Forget(lock);                                  \
    return real.get()(lock);                       \
  }

PARKOUR_INTERPOSE(pthread_mutex_lock, (pthread_mutex_t * lock), (lock), kMutex)
PARKOUR_INTERPOSE(pthread_mutex_trylock, (pthread_mutex_t * lock), (lock),
                  kMutex)
PARKOUR_INTERPOSE(pthread_mutex_timedlock,
                  (pthread_mutex_t * lock, const timespec* until),
                  (lock, until), kMutex)
PARKOUR_INTERPOSE(pthread_mutex_clocklock,
                  (pthread_mutex_t * lock, clockid_t clock,
                   const timespec* until),
                  (lock, clock, until), kMutex)
PARKOUR_INTERPOSE_UNLOCK(pthread_mutex_unlock, pthread_mutex_t)

PARKOUR_INTERPOSE(pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock),
                  kRwlock)
PARKOUR_INTERPOSE(pthread_rwlock_tryrdlock, (pthread_rwlock_t * lock), (lock),
                  kRwlock)
PARKOUR_INTERPOSE(pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock),
                  kRwlock)
PARKOUR_INTERPOSE(pthread_rwlock_trywrlock, (pthread_rwlock_t * lock), (lock),
                  kRwlock)
PARKOUR_INTERPOSE_UNLOCK(pthread_rwlock_unlock, pthread_rwlock_t)

#endif  // PARKOUR_HELD_LOCKS
