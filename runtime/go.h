// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// go.h: goroutines: starting them, and what the runtime lets you ask and set.
//
//   parkour::go([conn] { Serve(conn); });
//   parkour::go(Serve, std::move(conn));
//   parkour::go({.stack_size = 1 << 20, .name = "parser"}, Parse, text);
//
// A goroutine is a function that runs beside its caller on a stack of its own,
// 256 KiB of address space of which only what is touched costs memory. There is
// no handle: use a channel or a sync::WaitGroup to hear of its end.
//
// Guarantees: go(f) happens before f runs. Arguments are copied or moved, as by
//             std::thread; f's and their destructors run in the goroutine. A
//             small closure is moved once more, to the stack, unless its move
//             may throw. One of up to 4 KiB costs no allocation.
//             An exception that escapes f ends the process with a report.
// Blocking:   go() does not park. Safe from any thread, plain ones included;
//             the first use starts the runtime.
// Beware:     any call into Parkour may continue on another thread: take no
//             reference to a thread_local across one, hold no std::mutex.
// See:        docs/GUARANTEES.md; Go: the go statement, package runtime

#ifndef PARKOUR_RUNTIME_GO_H_
#define PARKOUR_RUNTIME_GO_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "parkour/base/sanitizer.h"

namespace parkour {

struct GoOptions {
  // Address space for the stack in bytes, guard included, rounded up to a power
  // of two between 64 KiB and 1 GiB; 0: 256 KiB.
  size_t stack_size = 0;
  // Shown in dumps; the first 31 bytes, copied. Empty: none.
  std::string_view name = {};
};

namespace runtime {
struct G;
}  // namespace runtime

namespace internal {

// When a goroutine gets its stack: kLater is when it first runs, with a closure
// that moves there from a small place of its own (runtime/newborn.h).
enum class Stack { kNow, kLater };

// A goroutine in the making, with room for its closure.
class Spawn {
 public:
  Spawn(const GoOptions& options, size_t size, size_t align, void (*run)(void*),
        void* created_at, Stack stack);
  ~Spawn();  // gives back what it took unless Start was called
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  const absl::Status& status() const { return status_; }
  void* closure() const;
  // The closure is complete; from here on the goroutine may run.
  void Start();
  void StartMain();  // as goroutine 1

 private:
  runtime::G* gp_ = nullptr;
  absl::Status status_;
};

// go, of a closure whose bytes are all there is to it.
void GoBytes(void (*run)(void*), const void* closure, size_t size,
             void* created_at);

[[noreturn]] void GoFailed(const absl::Status& status);
[[noreturn]] void GoNil();

inline constexpr size_t kLargestInlineClosure = 4096;
inline constexpr size_t kLargestNewbornClosure = 48;
inline constexpr size_t kNewbornClosureAlign = 16;

// It may lie with a newborn, and move to the stack when it runs.
template <typename Closure>
inline constexpr bool kMovesToStack =
    sizeof(Closure) <= kLargestNewbornClosure &&
    alignof(Closure) <=
        kNewbornClosureAlign&& std::is_nothrow_move_constructible_v<Closure>;

template <typename Part>
inline constexpr bool kIsBytesPart =
    std::is_trivially_copy_constructible_v<Part>&&
        std::is_trivially_move_constructible_v<Part>&&
            std::is_trivially_destructible_v<Part>;

// Of a closure of these parts its bytes are all there is. (No tuple is
// trivially copyable.)
template <typename... Parts>
inline constexpr bool kIsBytes = kMovesToStack<std::tuple<Parts...>> &&
                                 (kIsBytesPart<Parts> && ...);

// The calling goroutine's closure has left where it was made.
void ClosureMoved();

template <typename Closure>
void Invoke(Closure* closure) {
  std::apply(
      [](auto& f, auto&... args) {
        std::invoke(std::move(f), std::move(args)...);
      },
      *closure);
}

template <typename Closure>
PARKOUR_REAL_STACK void RunClosure(void* p) {
  auto* const made = static_cast<Closure*>(p);
  if constexpr (kMovesToStack<Closure>) {
    Closure closure(std::move(*made));
    std::destroy_at(made);
    ClosureMoved();
    Invoke(&closure);
  } else {
    struct Owned {
      Closure* closure;
      ~Owned() { std::destroy_at(closure); }
    } owned{made};
    Invoke(made);
  }
}

template <typename Closure>
void RunBytesClosure(void* p) {
  Invoke(static_cast<Closure*>(p));
}

template <typename Closure>
void RunBoxedClosure(void* p) {
  std::unique_ptr<Closure> owned(*static_cast<Closure**>(p));
  Invoke(owned.get());
}

template <typename F>
bool IsNilFunction(const F& f) {
  if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>) {
    return f == nullptr;
  } else if constexpr (requires {
                         typename F::result_type;
                         f == nullptr;
                       }) {
    return f == nullptr;  // std::function
  } else {
    return false;
  }
}

template <typename F, typename... Args>
[[gnu::noinline]] absl::Status TryGo(Stack stack, const GoOptions& options,
                                     void* created_at, F&& f, Args&&... args) {
  using Closure = std::tuple<std::decay_t<F>, std::decay_t<Args>...>;
  if (IsNilFunction(f)) GoNil();
  if constexpr (sizeof(Closure) <= kLargestInlineClosure) {
    if (!kMovesToStack<Closure>) stack = Stack::kNow;
    Spawn spawn(options, sizeof(Closure), alignof(Closure), RunClosure<Closure>,
                created_at, stack);
    if (!spawn.status().ok()) return spawn.status();
    new (spawn.closure())
        Closure(std::forward<F>(f), std::forward<Args>(args)...);
    spawn.Start();
  } else {
    auto box = std::make_unique<Closure>(std::forward<F>(f),
                                         std::forward<Args>(args)...);
    Spawn spawn(options, sizeof(Closure*), alignof(Closure*),
                RunBoxedClosure<Closure>, created_at, Stack::kNow);
    if (!spawn.status().ok()) return spawn.status();
    new (spawn.closure()) Closure*(box.release());
    spawn.Start();
  }
  return absl::OkStatus();
}

}  // namespace internal

// Runs f(args...) in a new goroutine. Ends the process with `fatal error:` and
// the name of the limit when no stack can be had; TryGo reports it instead.
// Go: "The go statement".
template <typename F, typename... Args>
requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
[[gnu::noinline]] void go(const GoOptions& options, F&& f, Args&&... args) {
  const absl::Status status = internal::TryGo(
      internal::Stack::kLater, options, __builtin_return_address(0),
      std::forward<F>(f), std::forward<Args>(args)...);
  if (!status.ok()) internal::GoFailed(status);
}

template <typename F, typename... Args>
requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
[[gnu::noinline]] void go(F&& f, Args&&... args) {
  using Closure = std::tuple<std::decay_t<F>, std::decay_t<Args>...>;
  if constexpr (internal::kIsBytes<std::decay_t<F>, std::decay_t<Args>...>) {
    if (internal::IsNilFunction(f)) internal::GoNil();
    const Closure closure(std::forward<F>(f), std::forward<Args>(args)...);
    internal::GoBytes(internal::RunBytesClosure<Closure>, &closure,
                      sizeof(closure), __builtin_return_address(0));
  } else {
    const absl::Status status = internal::TryGo(
        internal::Stack::kLater, GoOptions(), __builtin_return_address(0),
        std::forward<F>(f), std::forward<Args>(args)...);
    if (!status.ok()) internal::GoFailed(status);
  }
}

namespace runtime {

// As go(), but a stack that cannot be had is kResourceExhausted, and nothing
// was started. (go's goroutines get theirs when they first run.)
template <typename F, typename... Args>
requires std::invocable<std::decay_t<F>, std::decay_t<Args>...> absl::Status
TryGo(const GoOptions& options, F&& f, Args&&... args) {
  return internal::TryGo(internal::Stack::kNow, options,
                         __builtin_return_address(0), std::forward<F>(f),
                         std::forward<Args>(args)...);
}

// Lets other goroutines run; the caller queues up behind all that are runnable.
// Go: runtime.Gosched.
void Gosched();

// Ends the calling goroutine after running the destructors of its frames. Works
// by a private exception: a catch (...) that does not rethrow it is a fatal
// error. In a plain thread it is fatal too. Go: runtime.Goexit.
[[noreturn]] void Goexit();

// Sets how many Ps there are, and returns how many there were; n <= 0 only
// asks. Stops all goroutines for a moment. Go: runtime.GOMAXPROCS.
int GOMAXPROCS(int n);

// CPUs this process may use: the affinity mask. Go: runtime.NumCPU.
int NumCPU();

// Goroutines that exist. Go: runtime.NumGoroutine.
int64_t NumGoroutine();

// Threads that run goroutines, sleeping ones included, and sysmon.
int64_t NumThread();

// Ties the calling goroutine to its current thread: nobody else runs there, and
// it runs nowhere else, until it has called UnlockOSThread as often. A
// goroutine that ends while locked takes its thread with it. No effect in a
// plain thread. Go: runtime.LockOSThread.
void LockOSThread();
void UnlockOSThread();

}  // namespace runtime
}  // namespace parkour

#endif  // PARKOUR_RUNTIME_GO_H_
