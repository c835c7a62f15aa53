// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/go_format.h"

#include <algorithm>

namespace parkour::trace {
namespace {

// What the readers take: payload of a batch, bytes of a string, frames.
constexpr size_t kMaxPayload = 65536;
constexpr size_t kMaxEvent = 128;
constexpr size_t kMaxString = 1024;
constexpr size_t kMaxFrames = 128;

constexpr uint8_t kEventBatch = 1;
constexpr uint8_t kStacks = 2;
constexpr uint8_t kStackEntry = 3;
constexpr uint8_t kStrings = 4;
constexpr uint8_t kStringEntry = 5;
constexpr uint8_t kFrequency = 8;

void Put(std::string* out, uint64_t n) {
  while (n >= 0x80) {
    out->push_back(static_cast<char>(n | 0x80));
    n >>= 7;
  }
  out->push_back(static_cast<char>(n));
}

}  // namespace

GoGeneration::GoGeneration(uint64_t number, uint64_t ticks_per_second)
    : number_(number), ticks_per_second_(ticks_per_second) {}

void GoGeneration::Batch(uint64_t m, uint64_t ticks, std::string_view payload) {
  batches_.push_back(static_cast<char>(kEventBatch));
  Put(&batches_, number_);
  Put(&batches_, m);
  Put(&batches_, ticks);
  Put(&batches_, payload.size());
  batches_.append(payload);
}

void GoGeneration::Flush(uint64_t m, Buffer* buffer) {
  if (buffer->payload.empty()) return;
  Batch(m, buffer->begin, buffer->payload);
  buffer->payload.clear();
}

void GoGeneration::Event(uint64_t m, uint64_t ticks, GoEvent type,
                         std::initializer_list<uint64_t> args) {
  Buffer& b = buffers_[m];
  if (b.payload.size() > kMaxPayload - kMaxEvent) Flush(m, &b);
  ticks = std::max(ticks, b.last);
  first_ticks_ = std::min(first_ticks_, ticks);
  if (b.payload.empty()) b.begin = b.last = ticks;
  b.payload.push_back(static_cast<char>(type));
  Put(&b.payload, ticks - b.last);
  for (const uint64_t arg : args) Put(&b.payload, arg);
  b.last = ticks;
}

uint64_t GoGeneration::String(std::string_view s) {
  s = s.substr(0, kMaxString);
  if (s.empty()) return 0;
  const auto [it, is_new] =
      strings_.try_emplace(std::string(s), strings_.size() + 1);
  if (is_new) {
    std::string entry(1, static_cast<char>(kStringEntry));
    Put(&entry, it->second);
    Put(&entry, s.size());
    entry.append(s);
    string_entries_.push_back(std::move(entry));
  }
  return it->second;
}

uint64_t GoGeneration::Stack(const std::vector<GoFrame>& frames) {
  if (frames.empty()) return 0;
  const size_t n = std::min(frames.size(), kMaxFrames);
  std::string body;
  Put(&body, n);
  for (size_t i = 0; i < n; ++i) {
    Put(&body, frames[i].pc);
    Put(&body, String(frames[i].function));
    Put(&body, String(frames[i].file));
    Put(&body, frames[i].line);
  }
  const auto [it, is_new] = stacks_.try_emplace(body, stacks_.size() + 1);
  if (is_new) {
    std::string entry(1, static_cast<char>(kStackEntry));
    Put(&entry, it->second);
    stack_entries_.push_back(entry + body);
  }
  return it->second;
}

void GoGeneration::Table(uint8_t kind,
                         const std::vector<std::string>& entries) {
  std::string payload;
  for (const std::string& entry : entries) {
    if (payload.size() + entry.size() > kMaxPayload - 1) {
      Batch(kNoM, first_ticks_, payload);
      payload.clear();
    }
    if (payload.empty()) payload.push_back(static_cast<char>(kind));
    payload += entry;
  }
  if (!payload.empty()) Batch(kNoM, first_ticks_, payload);
}

std::string GoGeneration::Finish() {
  for (auto& [m, buffer] : buffers_) Flush(m, &buffer);
  if (first_ticks_ == ~uint64_t{0}) first_ticks_ = 0;
  Table(kStrings, string_entries_);
  Table(kStacks, stack_entries_);
  std::string frequency(1, static_cast<char>(kFrequency));
  Put(&frequency, ticks_per_second_);
  Batch(kNoM, first_ticks_, frequency);
  return std::move(batches_);
}

}  // namespace parkour::trace
