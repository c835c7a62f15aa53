// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/dump_text.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "parkour/base/sys.h"

namespace parkour::runtime {
namespace {

constexpr size_t kChunk = size_t{1} << 20;
constexpr size_t kAlign = 16;

}  // namespace

DumpMemory::~DumpMemory() {
  while (Chunk* const c = chunks_) {
    chunks_ = c->next;
    base::sys::Unmap(c, c->size);
  }
}

void* DumpMemory::Take(size_t bytes) {
  bytes = (bytes + kAlign - 1) / kAlign * kAlign;
  if (bytes > left_) {
    int error;
    const size_t size = std::max(kChunk, bytes + sizeof(Chunk));
    auto* const c = static_cast<Chunk*>(base::sys::Reserve(size, &error));
    if (c == nullptr) return nullptr;
    *c = {chunks_, size};
    chunks_ = c;
    at_ = reinterpret_cast<char*>(c + 1);
    left_ = size - sizeof(Chunk);
  }
  void* const p = at_;
  at_ += bytes;
  left_ -= bytes;
  return p;
}

std::string_view DumpMemory::Copy(std::string_view text) {
  char* const p = New<char>(text.size() + 1);
  if (p == nullptr) return "";
  std::memcpy(p, text.data(), text.size());
  return {p, text.size()};
}

DumpText::DumpText(DumpMemory* memory, Taker take, void* arg)
    : buffer_(memory->New<char>(kSize)), take_(take), arg_(arg) {}

void DumpText::Put(std::string_view text) {
  if (buffer_ == nullptr || text.size() > kSize) {
    Flush();
    take_(text, arg_);
    return;
  }
  if (text.size() > kSize - used_) Flush();
  std::memcpy(buffer_ + used_, text.data(), text.size());
  used_ += text.size();
}

void DumpText::Print(const char* format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  const int n = std::vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  if (n > 0) Put({text, std::min<size_t>(static_cast<size_t>(n), 255)});
}

void DumpText::Flush() {
  if (used_ > 0) take_({buffer_, used_}, arg_);
  used_ = 0;
}

}  // namespace parkour::runtime
