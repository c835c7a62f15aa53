// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// chan.h: typed channels.
//
//   Chan<int> jobs = MakeChan<int>();            // unbuffered
//   go([=] {
//     for (int i = 0; i < 3; ++i) jobs.Send(i);
//     jobs.Close();
//   });
//   for (int job : jobs) Work(job);              // until closed and empty
//
//   Chan<std::string> words = MakeChan<std::string>(16);
//   std::optional<std::string> w = words.Recv(); // nullopt: closed and empty
//
// A Chan is a handle: copies share one channel, methods are const. It goes with
// its last handle. A default-constructed Chan is Go's nil: Send and Recv block
// forever, TrySend and TryRecv never succeed.
//
// A SendChan can only send and close, a RecvChan only receive; a Chan converts
// to both, so a signature tells who does what, and the compiler holds to it:
//
//   void Produce(SendChan<int> out);             // Go: out chan<- int
//   void Consume(RecvChan<int> in);              // Go: in <-chan int
//
// Requires:   T moves without throwing; its move and the destructor of what was
//             moved run under the channel's lock and call nothing of Parkour.
//             To name a Chan<T>, T need not be complete.
// Guarantees: values arrive in the order in which they were sent; waiting
//             receivers and senders are served in their order; no allocation
//             after MakeChan.
// Memory:     a Send happens before the Recv that gets its value; the k-th Recv
//             of a channel of capacity C before the (k+C)-th Send returns; a
//             Close before a Recv that returns because of it.
// Blocking:   Send and Recv park the goroutine (a plain thread sleeps); the
//             other methods return at once.
// Misuse:     Send on a closed channel, Close of a closed or nil one, a size
//             below zero: a panic in Go's words, which ends the process with
//             status 2.
// See:        docs/GUARANTEES.md; Go: src/runtime/chan.go

#ifndef PARKOUR_CHAN_CHAN_H_
#define PARKOUR_CHAN_CHAN_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "parkour/chan/hchan.h"

namespace parkour {

namespace internal {

template <typename T>
inline constexpr ElemType kElemType = {
    sizeof(T), alignof(T),
    [](void* dst, void* src) { new (dst) T(std::move(*static_cast<T*>(src))); },
    [](void* elem) { std::destroy_at(static_cast<T*>(elem)); },
    std::is_trivially_copyable_v<T>};

// What a case without a function of its own does.
struct Nothing {
  void operator()() const {}
};

template <typename T, typename F>
class RecvCase;
template <typename T, typename F>
class SendCase;

// Where a value is received before it is known whether there will be one.
template <typename T>
class RecvSlot {
 public:
  void* storage() { return &raw_; }
  std::optional<T> Take() {
    T* const value = std::launder(reinterpret_cast<T*>(&raw_));
    std::optional<T> result(std::move(*value));
    std::destroy_at(value);
    return result;
  }

 private:
  alignas(T) unsigned char raw_[sizeof(T)];
};

}  // namespace internal

// The value of channels that carry only the fact that something happened.
struct Unit {
  friend bool operator==(Unit, Unit) = default;
};

// What may be done through a handle.
enum class ChanDir { kBoth, kSend, kRecv };

template <typename T, ChanDir dir = ChanDir::kBoth>
class Chan {
  static_assert(!std::is_reference_v<T> && !std::is_const_v<T>);
  static constexpr bool kSends = dir != ChanDir::kRecv;
  static constexpr bool kReceives = dir != ChanDir::kSend;

 public:
  using value_type = T;

  Chan() = default;
  Chan(const Chan& other) : c_(other.c_) { internal::chanref(c_); }
  Chan(Chan&& other) noexcept : c_(std::exchange(other.c_, nullptr)) {}
  Chan& operator=(Chan other) noexcept {
    std::swap(c_, other.c_);
    return *this;
  }
  // A SendChan or a RecvChan of a Chan; there is no way back.
  template <ChanDir from>
  Chan(Chan<T, from> other) noexcept
      requires(from == ChanDir::kBoth && dir != ChanDir::kBoth)
      : c_(std::exchange(other.c_, nullptr)) {}
  ~Chan() { internal::chanunref(c_); }

  // Sends `value`; returns when a receiver has it or the buffer does.
  void Send(T value) const requires kSends {
    internal::chansend(c_, std::addressof(value), /*block=*/true);
  }

  // As Send, if it can be done without waiting; otherwise false, and `value` is
  // not touched. A closed channel is a panic here, too.
  bool TrySend(T&& value) const requires kSends {
    return internal::chansend(c_, std::addressof(value), /*block=*/false);
  }
  bool TrySend(const T& value) const requires kSends {
    T copy(value);
    return internal::chansend(c_, std::addressof(copy), /*block=*/false);
  }

  // The next value; nullopt once the channel is closed and empty.
  std::optional<T> Recv() const requires kReceives {
    return Receive(/*block=*/true);
  }

  // As Recv, without waiting; nullopt also if there is nothing just now.
  std::optional<T> TryRecv() const requires kReceives {
    return Receive(/*block=*/false);
  }

  // No more values will be sent. Receivers get what is buffered, then nullopt.
  void Close() const requires kSends { internal::closechan(c_); }

  // How many values are buffered, and how many may be; 0 for a nil channel.
  size_t Len() const { return internal::chanlen(c_); }
  size_t Cap() const { return internal::chancap(c_); }

  // Cases for Select (select.h). fn takes a std::optional<T> (nullopt: closed),
  // or nothing.
  template <typename F>
  internal::RecvCase<T, std::decay_t<F>> OnRecv(
      F&& fn) const requires kReceives {
    return {*this, std::forward<F>(fn)};
  }
  template <typename F = internal::Nothing>
  internal::SendCase<T, std::decay_t<F>> OnSend(
      T value, F&& fn = F()) const requires kSends {
    return {*this, std::move(value), std::forward<F>(fn)};
  }

  // The untyped channel, for Select.
  internal::Hchan* core() const { return c_; }

  // Two handles are equal if they share a channel.
  friend bool operator==(const Chan& a, const Chan& b) { return a.c_ == b.c_; }
  explicit operator bool() const { return c_ != nullptr; }

  // Receives until the channel is closed: for (T v : ch).
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = T*;
    using reference = T&;

    explicit Iterator(const Chan* ch) : ch_(ch), value_(ch->Recv()) {}
    T& operator*() { return *value_; }
    T* operator->() { return &*value_; }
    Iterator& operator++() {
      value_.reset();
      if (std::optional<T> v = ch_->Recv()) value_.emplace(std::move(*v));
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return !value_; }

   private:
    const Chan* ch_;
    std::optional<T> value_;
  };
  Iterator begin() const requires kReceives { return Iterator(this); }
  std::default_sentinel_t end() const requires kReceives { return {}; }

 private:
  template <typename U, ChanDir any>
  friend class Chan;
  template <typename U>
  friend Chan<U> MakeChan(int64_t size);

  explicit Chan(internal::Hchan* c) : c_(c) {}

  std::optional<T> Receive(bool block) const {
    internal::RecvSlot<T> slot;
    if (internal::chanrecv(c_, slot.storage(), block) !=
        internal::RecvResult::kValue) {
      return std::nullopt;
    }
    return slot.Take();
  }

  internal::Hchan* c_ = nullptr;
};

template <typename T>
using SendChan = Chan<T, ChanDir::kSend>;
template <typename T>
using RecvChan = Chan<T, ChanDir::kRecv>;

// A channel that buffers up to `size` values; 0: a Send waits for its Recv.
template <typename T>
Chan<T> MakeChan(int64_t size = 0) {
  static_assert(std::is_nothrow_move_constructible_v<T>,
                "a channel's element must move without throwing: its move runs "
                "under the channel's lock (wrap it in a std::unique_ptr)");
  return Chan<T>(internal::makechan(&internal::kElemType<T>, size));
}

}  // namespace parkour

#endif  // PARKOUR_CHAN_CHAN_H_
