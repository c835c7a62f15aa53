// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// ref.h: a reference to anything that reads or writes: the parameter type of
// io's and bufio's functions.
//
//   absl::Status Greet(io::WriterRef w) { return w.Write("hello\n").err; }
//
//   absl::Status err = Greet(conn);         // derives from nothing
//   err = Greet(my_writer);                 // derives from io::Writer
//   err = Greet(io::MultiWriter(conn, my_writer));  // a temporary
//
// ReaderRef takes everything with `io::Result Read(std::span<char>)`, WriterRef
// everything with `io::Result Write(std::string_view)`; ReaderAtRef and
// WriterAtRef likewise. Two words, copied freely, no allocation: as
// std::string_view is to strings. To keep a reader, use AnyReader (any.h).
//
// Optional abilities (Go's type assertions): HasWriteTo tells whether the
// object has a WriteTo. It has if its type has such a member, or if it is
// derived from io::WriterTo even though it was passed as an io::Reader&. A type
// that only knows at run time says so with a member `bool HasWriteTo() const`.
//
// Requires:      the object outlives the reference.
// Thread-safety: the object's.
// Misuse:        a default-constructed reference is Go's nil: its use is a
//                panic in Go's words.
// See:           Go: interface values

#ifndef PARKOUR_IO_REF_H_
#define PARKOUR_IO_REF_H_

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include "parkour/io/interfaces.h"
#include "parkour/io/result.h"

namespace parkour::io {

template <typename T>
concept ReaderLike = requires(T& t, std::span<char> p) {
  { t.Read(p) } -> std::convertible_to<Result>;
};
template <typename T>
concept WriterLike = requires(T& t, std::string_view p) {
  { t.Write(p) } -> std::convertible_to<Result>;
};
template <typename T>
concept ReaderAtLike = requires(T& t, std::span<char> p, int64_t off) {
  { t.ReadAt(p, off) } -> std::convertible_to<Result>;
};
template <typename T>
concept WriterAtLike = requires(T& t, std::string_view p, int64_t off) {
  { t.WriteAt(p, off) } -> std::convertible_to<Result>;
};

namespace internal {

[[noreturn]] void NilDereference();

// What a reference knows of its object's type: one table of functions each.
struct ReaderTable {
  template <typename T>
  static constexpr bool kFits = ReaderLike<T>;
  template <typename T>
  static constexpr ReaderTable Make();

  Result (*read)(void* object, std::span<char> p);
  // False if the object has no WriteTo. A null `w` only asks.
  bool (*write_to)(void* object, const WriterRef* w, Result* result);
};

struct WriterTable {
  template <typename T>
  static constexpr bool kFits = WriterLike<T>;
  template <typename T>
  static constexpr WriterTable Make();

  Result (*write)(void* object, std::string_view p);
  bool (*read_from)(void* object, const ReaderRef* r, Result* result);
  bool (*write_string)(void* object, const std::string_view* s, Result* result);
};

struct ReaderAtTable {
  template <typename T>
  static constexpr bool kFits = ReaderAtLike<T>;
  template <typename T>
  static constexpr ReaderAtTable Make() {
    return {[](void* object, std::span<char> p, int64_t off) -> Result {
      return static_cast<T*>(object)->ReadAt(p, off);
    }};
  }

  Result (*read_at)(void* object, std::span<char> p, int64_t off);
};

struct WriterAtTable {
  template <typename T>
  static constexpr bool kFits = WriterAtLike<T>;
  template <typename T>
  static constexpr WriterAtTable Make() {
    return {[](void* object, std::string_view p, int64_t off) -> Result {
      return static_cast<T*>(object)->WriteAt(p, off);
    }};
  }

  Result (*write_at)(void* object, std::string_view p, int64_t off);
};

template <typename Table, typename T>
inline constexpr Table kTable = Table::template Make<T>();

// An object and its table; null: Go's nil.
template <typename Table>
class Ref {
 public:
  Ref() = default;

  explicit operator bool() const { return table_ != nullptr; }

  // The object, if it was passed as a T; otherwise null.
  template <typename T>
  T* As() const {
    if constexpr (Table::template kFits<T>) {
      if (table_ == &kTable<Table, T>) return static_cast<T*>(object_);
    }
    if constexpr (std::is_const_v<T>) return As<std::remove_const_t<T>>();
    return nullptr;
  }

  // Two references are equal if they refer to the same object.
  friend bool operator==(const Ref& a, const Ref& b) {
    return a.object_ == b.object_ && a.table_ == b.table_;
  }

 protected:
  template <typename T>
  explicit Ref(T* object)
      : object_(const_cast<std::remove_const_t<T>*>(object)),
        table_(&kTable<Table, T>) {}

  const Table& table() const {
    if (table_ == nullptr) NilDereference();
    return *table_;
  }

  void* object_ = nullptr;
  const Table* table_ = nullptr;
};

// T, an argument's deduced type, is not a reference already and fits.
template <typename T, typename Table>
concept RefersTo = !std::derived_from<std::remove_cvref_t<T>, Ref<Table>> &&
                   Table::template kFits<std::remove_reference_t<T>>;

}  // namespace internal

class ReaderRef : public internal::Ref<internal::ReaderTable> {
 public:
  ReaderRef() = default;
  template <internal::RefersTo<internal::ReaderTable> T>
  ReaderRef(T&& object) : Ref(std::addressof(object)) {}  // NOLINT: implicit

  Result Read(std::span<char> p) const { return table().read(object_, p); }

  bool HasWriteTo() const {
    return table().write_to(object_, nullptr, nullptr);
  }
  // REQUIRES: HasWriteTo().
  Result WriteTo(WriterRef w) const;
};

class WriterRef : public internal::Ref<internal::WriterTable> {
 public:
  WriterRef() = default;
  template <internal::RefersTo<internal::WriterTable> T>
  WriterRef(T&& object) : Ref(std::addressof(object)) {}  // NOLINT: implicit

  Result Write(std::string_view p) const { return table().write(object_, p); }

  bool HasReadFrom() const {
    return table().read_from(object_, nullptr, nullptr);
  }
  // REQUIRES: HasReadFrom().
  Result ReadFrom(ReaderRef r) const;

  bool HasWriteString() const {
    return table().write_string(object_, nullptr, nullptr);
  }
  // The object's WriteString, or its Write if it has none.
  Result WriteString(std::string_view s) const;
};

class ReaderAtRef : public internal::Ref<internal::ReaderAtTable> {
 public:
  ReaderAtRef() = default;
  template <internal::RefersTo<internal::ReaderAtTable> T>
  ReaderAtRef(T&& object) : Ref(std::addressof(object)) {}  // NOLINT: implicit

  Result ReadAt(std::span<char> p, int64_t off) const {
    return table().read_at(object_, p, off);
  }
};

class WriterAtRef : public internal::Ref<internal::WriterAtTable> {
 public:
  WriterAtRef() = default;
  template <internal::RefersTo<internal::WriterAtTable> T>
  WriterAtRef(T&& object) : Ref(std::addressof(object)) {}  // NOLINT: implicit

  Result WriteAt(std::string_view p, int64_t off) const {
    return table().write_at(object_, p, off);
  }
};

namespace internal {

// The object as another interface that its dynamic type may implement.
template <typename Interface, typename T>
Interface* Assert(T& object) {
  if constexpr (std::is_polymorphic_v<T> && !std::is_const_v<T>) {
    return dynamic_cast<Interface*>(&object);
  } else {
    return nullptr;
  }
}

template <typename T>
bool TryWriteTo(void* object, const WriterRef* w, Result* result) {
  T& t = *static_cast<T*>(object);
  if constexpr (requires { Result(t.WriteTo(*w)); }) {
    if constexpr (requires { t.HasWriteTo(); }) {
      if (!t.HasWriteTo()) return false;
    }
    if (w != nullptr) *result = t.WriteTo(*w);
    return true;
  } else {
    WriterTo* const other = Assert<WriterTo>(t);
    if (other != nullptr && w != nullptr) *result = other->WriteTo(*w);
    return other != nullptr;
  }
}

template <typename T>
bool TryReadFrom(void* object, const ReaderRef* r, Result* result) {
  T& t = *static_cast<T*>(object);
  if constexpr (requires { Result(t.ReadFrom(*r)); }) {
    if constexpr (requires { t.HasReadFrom(); }) {
      if (!t.HasReadFrom()) return false;
    }
    if (r != nullptr) *result = t.ReadFrom(*r);
    return true;
  } else {
    ReaderFrom* const other = Assert<ReaderFrom>(t);
    if (other != nullptr && r != nullptr) *result = other->ReadFrom(*r);
    return other != nullptr;
  }
}

template <typename T>
bool TryWriteString(void* object, const std::string_view* s, Result* result) {
  T& t = *static_cast<T*>(object);
  if constexpr (requires { Result(t.WriteString(*s)); }) {
    if (s != nullptr) *result = t.WriteString(*s);
    return true;
  } else {
    StringWriter* const other = Assert<StringWriter>(t);
    if (other != nullptr && s != nullptr) *result = other->WriteString(*s);
    return other != nullptr;
  }
}

template <typename T>
constexpr ReaderTable ReaderTable::Make() {
  return {[](void* object, std::span<char> p) -> Result {
            return static_cast<T*>(object)->Read(p);
          },
          TryWriteTo<T>};
}

template <typename T>
constexpr WriterTable WriterTable::Make() {
  return {[](void* object, std::string_view p) -> Result {
            return static_cast<T*>(object)->Write(p);
          },
          TryReadFrom<T>, TryWriteString<T>};
}

}  // namespace internal
}  // namespace parkour::io

#endif  // PARKOUR_IO_REF_H_
