// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tracing/annotate.h"

#include "parkour/base/atomic.h"
#include "parkour/runtime/tracer.h"
#include "parkour/trace/annotation.h"

namespace parkour::trace {
namespace {

constexpr context::Key<uint64_t> kTask("trace task");

uint64_t TaskOf(const context::Context& ctx) {
  const uint64_t* const task = ctx.Value(kTask);
  return task == nullptr ? 0 : *task;
}

void Emit(Event event, uint64_t task, uint64_t parent, std::string_view name,
          std::string_view value = {}) {
  if (!On()) return;
  runtime::tracer::Annotate(event, EncodeAnnotation(task, parent, name, value));
}

}  // namespace

std::pair<context::Context, Task> NewTask(const context::Context& ctx,
                                          std::string_view type) {
  static base::Atomic<uint64_t> last{0};
  const uint64_t id = last.fetch_add(1, base::kRelaxed) + 1;
  Emit(Event::kTaskBegin, id, TaskOf(ctx), type);
  return {context::WithValue(ctx, kTask, id), Task(id)};
}

Task& Task::operator=(Task&& other) noexcept {
  if (this != &other) {
    End();
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

void Task::End() {
  if (id_ != 0) Emit(Event::kTaskEnd, std::exchange(id_, 0), 0, {});
}

Region StartRegion(const context::Context& ctx, std::string_view type) {
  Region region;
  if (!On()) return region;
  region.open_ = true;
  region.task_ = TaskOf(ctx);
  region.type_ = type;
  Emit(Event::kRegionBegin, region.task_, 0, region.type_);
  return region;
}

void Region::End() {
  if (std::exchange(open_, false)) Emit(Event::kRegionEnd, task_, 0, type_);
}

void Log(const context::Context& ctx, std::string_view category,
         std::string_view message) {
  if (On()) Emit(Event::kLog, TaskOf(ctx), 0, category, message);
}

}  // namespace parkour::trace
