// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// dump_text.h: what a dump is built with where malloc cannot be trusted: the
// thread that crashed may hold its locks.
//
//   DumpMemory memory;
//   int* const n = memory.New<int>(1000);      // zero; null if there is none
//   DumpText out(&memory, ToStderr, nullptr);
//   out.Print("goroutine %lu\n", goid);
//
// Lifetime: memory goes with its DumpMemory, all at once.
// Blocking: in whoever takes the text.

#ifndef PARKOUR_RUNTIME_DUMP_TEXT_H_
#define PARKOUR_RUNTIME_DUMP_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parkour::runtime {

// Cut from mappings, in order.
class DumpMemory {
 public:
  DumpMemory() = default;
  ~DumpMemory();
  DumpMemory(const DumpMemory&) = delete;
  DumpMemory& operator=(const DumpMemory&) = delete;

  // Null if the system refuses.
  void* Take(size_t bytes);

  template <typename T>
  T* New(size_t n = 1) {
    return static_cast<T*>(Take(n * sizeof(T)));
  }

  // A copy; "" if there is no memory.
  std::string_view Copy(std::string_view text);

 private:
  struct Chunk {
    Chunk* next;
    size_t size;
  };

  Chunk* chunks_ = nullptr;
  char* at_ = nullptr;
  size_t left_ = 0;
};

// A buffer in front of whoever takes the text.
class DumpText {
 public:
  using Taker = void (*)(std::string_view text, void* arg);

  DumpText(DumpMemory* memory, Taker take, void* arg);
  ~DumpText() { Flush(); }
  DumpText(const DumpText&) = delete;
  DumpText& operator=(const DumpText&) = delete;

  void Put(std::string_view text);
  // At most 256 bytes at once.
  void Print(const char* format, ...) __attribute__((format(printf, 2, 3)));
  void Flush();

 private:
  static constexpr size_t kSize = size_t{64} << 10;

  char* const buffer_;  // null: every piece goes out at once
  size_t used_ = 0;
  const Taker take_;
  void* const arg_;
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_DUMP_TEXT_H_
