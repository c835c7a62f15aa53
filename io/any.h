// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// any.h: what a class that keeps a reader or writer keeps it in.
//
//   class LineCounter {
//    public:
//     explicit LineCounter(io::AnyReader r) : r_(std::move(r)) {}
//     ...
//
//    private:
//     io::AnyReader r_;
//   };
//
//   LineCounter a(conn);                     // keeps a handle: conn may go
//   LineCounter b(io::LimitReader(conn, 9)); // keeps the temporary
//   LineCounter c(my_reader);                // refers to my_reader
//
// What is kept depends on what is given:
//   a temporary      is moved in and owned;
//   a handle         (copyable, its methods are const, not polymorphic: such as
//                    net::Conn) is copied, as Go copies a pointer;
//   another object   is referred to, and must outlive the AnyReader;
//   a ReaderRef      is referred through.
// AnyReader, AnyWriter, AnyReaderAt and AnyWriterAt are ReaderRef and so on
// that own. Move-only. Up to three words are kept without allocation. A
// default-constructed one is Go's nil: its use is a panic in Go's words.
//
// Blocking:      no. Thread-safety: the object's.
// See:           Go: a struct field of an interface type

#ifndef PARKOUR_IO_ANY_H_
#define PARKOUR_IO_ANY_H_

#include <concepts>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "parkour/io/ref.h"

namespace parkour::io {
namespace internal {

// Whether an object that is not a temporary is copied.
template <typename T, typename RefType>
inline constexpr bool kIsHandle =
    std::is_copy_constructible_v<T> && !std::is_polymorphic_v<T> &&
    std::is_constructible_v<RefType, const T&>;

template <typename RefType>
class Kept : public RefType {
 public:
  Kept() = default;
  Kept(const RefType& ref) : RefType(ref) {}  // NOLINT: implicit

  template <typename T>
  requires(!std::derived_from<std::remove_cvref_t<T>, RefType> &&
           std::is_constructible_v<RefType, std::remove_cvref_t<T>&>)
      Kept(T&& object) {  // NOLINT: implicit
    using Object = std::remove_cvref_t<T>;
    if constexpr (!std::is_lvalue_reference_v<T> ||
                  kIsHandle<Object, RefType>) {
      Keep<Object>(std::forward<T>(object));
    } else {
      static_cast<RefType&>(*this) = RefType(object);
    }
  }

  Kept(Kept&& other) noexcept { Take(&other); }
  Kept& operator=(Kept&& other) noexcept {
    if (this != &other) {
      Drop();
      Take(&other);
    }
    return *this;
  }
  ~Kept() { Drop(); }

 private:
  // How to move and destroy what is owned; null: nothing is.
  struct Ops {
    void* (*move)(void* from, void* to) noexcept;
    void (*destroy)(void* object) noexcept;
  };
  static constexpr size_t kInlineSize = 3 * sizeof(void*);

  template <typename T>
  static constexpr bool kInline =
      sizeof(T) <= kInlineSize &&
      alignof(T) <= alignof(void*) && std::is_nothrow_move_constructible_v<T>;

  template <typename T>
  static constexpr Ops kInlineOps = {
      [](void* from, void* to) noexcept -> void* {
        T* const old = static_cast<T*>(from);
        T* const moved = new (to) T(std::move(*old));
        std::destroy_at(old);
        return moved;
      },
      [](void* object) noexcept { std::destroy_at(static_cast<T*>(object)); }};

  template <typename T>
  static constexpr Ops kHeapOps = {
      [](void* from, void*) noexcept -> void* { return from; },
      [](void* object) noexcept { delete static_cast<T*>(object); }};

  template <typename T, typename U>
  void Keep(U&& object) {
    T* kept = nullptr;
    if constexpr (kInline<T>) {
      kept = new (storage_) T(std::forward<U>(object));
      ops_ = &kInlineOps<T>;
    } else {
      kept = new T(std::forward<U>(object));
      ops_ = &kHeapOps<T>;
    }
    static_cast<RefType&>(*this) = RefType(*kept);
  }

  void Take(Kept* other) noexcept {
    static_cast<RefType&>(*this) = *other;
    ops_ = std::exchange(other->ops_, nullptr);
    if (ops_ != nullptr) {
      this->object_ = ops_->move(this->object_, storage_);
    }
    static_cast<RefType&>(*other) = RefType();
  }

  void Drop() noexcept {
    if (ops_ != nullptr) ops_->destroy(this->object_);
    ops_ = nullptr;
  }

  const Ops* ops_ = nullptr;
  alignas(void*) unsigned char storage_[kInlineSize];
};

}  // namespace internal

using AnyReader = internal::Kept<ReaderRef>;
using AnyWriter = internal::Kept<WriterRef>;
using AnyReaderAt = internal::Kept<ReaderAtRef>;
using AnyWriterAt = internal::Kept<WriterAtRef>;

}  // namespace parkour::io

#endif  // PARKOUR_IO_ANY_H_
