// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/traceback.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "parkour/base/frame_names.h"
#include "parkour/base/symbolize.h"
#include "parkour/runtime/waitreason.h"

namespace parkour::runtime {
namespace {

using base::SourceFrame;

// Without the parameters, of which nothing is known but that there are some.
std::string_view ShortName(std::string_view name) {
  const std::string_view bare = base::WithoutArguments(name);
  if (bare == "operator()") return "{lambda}";
  if (bare.find("::") == bare.npos) name = bare;
  if (name.ends_with("()")) name.remove_suffix(2);
  return name;
}

// Who asks for a dump is not what is looked for in it.
bool IsInternal(const SourceFrame& f) {
  return base::IsInternalFrame(f.function, f.file, f.inlined) ||
         std::string_view(f.function).starts_with("parkour::runtime::Stack(");
}

// Not worth a line.
bool IsHidden(const SourceFrame& f) {
  return (f.inlined && base::IsStandardFrame(f.function, f.file)) ||
         IsInternal(f);
}

// What stands between a program's own function and the lock it takes.
bool IsLibrary(const SourceFrame& f) {
  const std::string_view name = f.function, file = f.file;
  return base::IsStandardFrame(name, file) ||
         name.starts_with("parkour::sync::") ||
         name.starts_with("parkour::runtime::") ||
         file.find("parkour/sync/") != file.npos || IsInternal(f);
}

bool IsThrow(std::string_view name) {
  return name == "__cxa_throw" || name == "__cxa_rethrow" ||
         name.starts_with("std::rethrow_exception");
}

// Text that stops at the end of its buffer.
template <size_t kSize>
class Line {
 public:
  void Put(std::string_view text) {
    const size_t n = std::min(text.size(), kSize - size_);
    std::memcpy(text_ + size_, text.data(), n);
    size_ += n;
  }
  void PutNumber(const char* format, unsigned long n) {
    char text[32];
    std::snprintf(text, sizeof(text), format, n);
    Put(text);
  }
  void PutPlace(const SourceFrame& f) {
    Put(*f.file == '\0' ? "?" : base::ShortFile(f.file));
    PutNumber(":%lu", static_cast<unsigned long>(f.line));
  }
  std::string_view text() const { return {text_, size_}; }
  bool empty() const { return size_ == 0; }

 private:
  char text_[kSize];
  size_t size_ = 0;
};

// Names of templates can be as long as they like.
constexpr size_t kLongestName = 400;
constexpr size_t kLongestText = 4096;

void PutFrame(const SourceFrame& f, std::string_view after_name, uintptr_t pc,
              Line<kLongestText>* text) {
  text->Put(ShortName(f.function).substr(0, kLongestName));
  text->Put("(...)");
  text->Put(after_name);
  text->Put("\n\t");
  text->PutPlace(f);
  if (f.inlined) return;
  text->PutNumber(" +0x%lx", f.offset);
  // Whoever has the symbols can look it up.
  if (*f.file == '\0') text->PutNumber(" pc=0x%lx", pc);
}

}  // namespace

TracebackLevel tracebackLevel() {
  const char* const text = std::getenv("GOTRACEBACK");
  if (text == nullptr || *text == '\0') return {};
  const std::string_view level = text;
  if (level == "none" || level == "0") return {.none = true};
  if (level == "single") return {};
  const bool crash = level == "crash";
  return {.all = true,
          .system = crash || level == "system" || level == "2",
          .crash = crash};
}

FramePrinter::Words FramePrinter::LookUp(uintptr_t pc) {
  struct Building {
    Line<kLongestText> text;
    uintptr_t pc;
    bool system;
    bool own = false;
    bool throws = false;
    size_t offset = 0;
  } b = {};
  b.pc = pc;
  b.system = system_;
  base::Symbolize(
      pc,
      [](const SourceFrame& f, void* arg) {
        auto* const b = static_cast<Building*>(arg);
        if (!f.inlined) {
          b->throws = IsThrow(f.function);
          b->offset = f.offset;
        }
        b->own = b->own || !IsLibrary(f);
        if (!b->system && IsHidden(f)) return;
        if (!b->text.empty()) b->text.Put("\n");
        PutFrame(f, "", b->pc, &b->text);
      },
      &b);
  const std::string_view text = memory_->Copy(b.text.text());
  return {pc,          b.offset == 0 ? 0 : pc - b.offset,
          text.data(), static_cast<uint32_t>(text.size()),
          b.own,       b.throws};
}

bool FramePrinter::Grow() {
  const size_t room = std::max<size_t>(1024, 2 * room_);
  Words* const table = memory_->New<Words>(room);
  if (table == nullptr) return false;
  for (size_t i = 0; i < room_; ++i) {
    if (table_[i].pc == 0) continue;
    size_t at = table_[i].pc * 0x9E3779B97F4A7C15u % room;
    while (table[at].pc != 0) at = (at + 1) % room;
    table[at] = table_[i];
  }
  table_ = table;
  room_ = room;
  return true;
}

const FramePrinter::Words& FramePrinter::At(uintptr_t pc) {
  if (2 * used_ >= room_ && !Grow()) {
    if (last_.pc != pc) last_ = LookUp(pc);
    return last_;
  }
  size_t at = pc * 0x9E3779B97F4A7C15u % room_;
  while (table_[at].pc != 0 && table_[at].pc != pc) at = (at + 1) % room_;
  if (table_[at].pc == 0) {
    table_[at] = LookUp(pc);
    ++used_;
  }
  return table_[at];
}

void FramePrinter::PrintFrames(std::span<const StackFrame> frames,
                               DumpText* out) {
  for (size_t i = 0; i < frames.size(); ++i) {
    const Words& words = At(frames[i].pc);
    if (words.size == 0) continue;
    out->Put({words.text, words.size});
    if (addresses_) {
      const uintptr_t sp = frames[i].sp;
      out->Print(" fp=0x%lx sp=0x%lx pc=0x%lx",
                 i + 1 < frames.size() ? frames[i + 1].sp : sp, sp,
                 frames[i].pc);
    }
    out->Put("\n");
  }
}

void FramePrinter::Print(std::span<const StackFrame> frames, int elided,
                         bool reporter, DumpText* out) {
  // The reporter of an exception and the language's library.
  constexpr size_t kFarthest = 12;
  for (size_t i = 0; reporter && !system_ && i < frames.size(); ++i) {
    if (i == kFarthest) break;
    if (!At(frames[i].pc).throws) continue;
    frames = frames.subspan(i + 1);
    break;
  }
  if (elided == 0) {
    PrintFrames(frames, out);
    return;
  }
  const size_t inner = frames.size() - StackTrace::kOuter;
  PrintFrames(frames.first(inner), out);
  out->Print("...%d frames elided...\n", elided);
  PrintFrames(frames.subspan(inner), out);
}

void FramePrinter::PrintCreator(uintptr_t pc, uint64_t goid, DumpText* out) {
  struct Creator {
    Line<kLongestText> text;
    char in[48];
    uintptr_t pc;
  } c = {};
  c.pc = pc;
  std::snprintf(c.in, sizeof(c.in), " in goroutine %lu", goid);
  base::Symbolize(
      pc,
      [](const SourceFrame& f, void* arg) {
        auto* const c = static_cast<Creator*>(arg);
        if (!c->text.empty() || (f.inlined && IsHidden(f))) return;
        PutFrame(f, c->in, c->pc, &c->text);
      },
      &c);
  out->Put("created by ");
  out->Put(c.text.text());
  out->Put("\n");
}

void FramePrinter::PrintPlace(uintptr_t pc, const char* before, DumpText* out) {
  if (!IsOwn(pc)) return;
  out->Put(before);
  Line<kLongestText> text;
  base::Symbolize(
      pc,
      [](const SourceFrame& f, void* arg) {
        auto* const text = static_cast<Line<kLongestText>*>(arg);
        if (!text->empty() || IsLibrary(f)) return;
        text->Put(ShortName(f.function).substr(0, kLongestName));
        text->Put(" (");
        text->PutPlace(f);
        text->Put(")");
      },
      &text);
  out->Put(text.text());
}

std::string FunctionName(uintptr_t pc) {
  std::string name;
  base::Symbolize(
      pc - 1,
      [](const SourceFrame& f, void* arg) {
        // The last: the function that has code of its own.
        *static_cast<std::string*>(arg) = f.function;
      },
      &name);
  return name;
}

const char* WaitReasonString(WaitReason reason) {
  static constexpr const char* kNames[] = {
      "",
      "IO wait",
      "chan receive",
      "chan receive (nil chan)",
      "chan send",
      "chan send (nil chan)",
      "select",
      "select (no cases)",
      "semacquire",
      "sleep",
      "sync.Cond.Wait",
      "sync.Mutex.Lock",
      "sync.RWMutex.RLock",
      "sync.RWMutex.Lock",
      "sync.WaitGroup.Wait",
      "panicwait",
  };
  static_assert(sizeof(kNames) / sizeof(*kNames) == kWaitReasons);
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace parkour::runtime
