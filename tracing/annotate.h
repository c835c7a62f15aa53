// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// annotate.h: what the program itself has to say in a trace: tasks, which span
// goroutines, regions of one goroutine's code, and messages.
//
//   auto [ctx, task] = trace::NewTask(parent, "request");
//   trace::WithRegion(ctx, "parse", [&] { request = Parse(body); });
//   trace::Log(ctx, "user", request.user);
//   task.End();                                   // or at the end of its life
//
// Guarantees: nothing is recorded, and next to nothing done, while no trace and
//             no flight recorder runs. Names are cut at 1,024 bytes.
// Blocking:   no. Safe from any thread; a plain thread's own events are not
//             recorded, for it is no goroutine.
// See:        Go: src/runtime/trace/annotation.go

#ifndef PARKOUR_TRACING_ANNOTATE_H_
#define PARKOUR_TRACING_ANNOTATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "parkour/context/context.h"

namespace parkour::trace {

// Some piece of work with a beginning and an end, in one goroutine or many.
class Task {
 public:
  Task() = default;
  Task(Task&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  Task& operator=(Task&& other) noexcept;
  ~Task() { End(); }

  // Once counts.
  void End();

 private:
  friend std::pair<context::Context, Task> NewTask(const context::Context&,
                                                   std::string_view);
  explicit Task(uint64_t id) : id_(id) {}

  uint64_t id_ = 0;
};

// A task of this type, a part of the one that ctx belongs to; everything that
// is done with the context returned belongs to it.
std::pair<context::Context, Task> NewTask(const context::Context& ctx,
                                          std::string_view type);

// From here to End, at the latest to the end of its life, in this goroutine.
// Regions of a goroutine nest: the end of one that is not the innermost is left
// out of the trace.
class [[nodiscard]] Region {
 public:
  Region(Region&& other) noexcept
      : open_(std::exchange(other.open_, false)),
        task_(other.task_),
        type_(std::move(other.type_)) {}
  Region& operator=(Region&&) = delete;
  ~Region() { End(); }

  void End();

 private:
  friend Region StartRegion(const context::Context&, std::string_view);
  Region() = default;

  bool open_ = false;
  uint64_t task_ = 0;
  std::string type_;
};

Region StartRegion(const context::Context& ctx, std::string_view type);

// Calls fn() in a region.
template <typename F>
decltype(auto) WithRegion(const context::Context& ctx, std::string_view type,
                          F&& fn) {
  const Region region = StartRegion(ctx, type);
  return std::forward<F>(fn)();
}

// A message of some category.
void Log(const context::Context& ctx, std::string_view category,
         std::string_view message);

}  // namespace parkour::trace

#endif  // PARKOUR_TRACING_ANNOTATE_H_
