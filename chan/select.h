// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// select.h: waits on several channel operations; exactly one takes effect.
//
//   int taken = Select(
//       words.OnRecv([&](std::optional<std::string> w) { ... }),
//       out.OnSend(7, [&] { ++sent; }),
//       time::After(absl::Seconds(1)).OnRecv([&] { ... }));
//
//   Select(words.OnRecv([&](auto w) { ... }),
//          Default([&] { ... }));         // so this does not wait
//
// If several are ready one of them is chosen at random. The chosen case's
// function runs after the operation, in the caller, without any lock; Select
// returns the position of the case among the arguments. A case on a nil channel
// is never ready; Select() without cases blocks forever.
//
// SelectCases does the same for a number of cases known only at run time.
//
// Requires:   at most one Default.
// Guarantees: the functions may do anything, also throw. Select itself does not
//             allocate (SelectCases does). A value that was not sent stays
//             untouched and is destroyed with its case.
// Blocking:   parks the goroutine (a plain thread sleeps) unless there is a
//             Default.
// Misuse:     a send on a closed channel, if that case is chosen, is a panic in
//             Go's words.
// See:        Go: "Select statements", reflect.Select

#ifndef PARKOUR_CHAN_SELECT_H_
#define PARKOUR_CHAN_SELECT_H_

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "parkour/chan/chan.h"
#include "parkour/chan/selectgo.h"

namespace parkour {
namespace internal {

template <typename T, typename F>
class RecvCase {
 public:
  static constexpr bool kIsDefault = false;
  RecvCase(RecvChan<T> ch, F fn) : ch_(std::move(ch)), fn_(std::move(fn)) {}

  Scase Untyped() {
    Scase k;
    k.c = ch_.core();
    k.elem = slot_.storage();
    return k;
  }

  void Run(bool received) {
    std::optional<T> value;
    if (received) value.emplace(*slot_.Take());
    if constexpr (std::is_invocable_v<F&, std::optional<T>>) {
      fn_(std::move(value));
    } else {
      fn_();
    }
  }

 private:
  RecvChan<T> ch_;
  F fn_;
  RecvSlot<T> slot_;
};

template <typename T, typename F>
class SendCase {
 public:
  static constexpr bool kIsDefault = false;
  SendCase(SendChan<T> ch, T value, F fn)
      : ch_(std::move(ch)), value_(std::move(value)), fn_(std::move(fn)) {}

  Scase Untyped() {
    Scase k;
    k.c = ch_.core();
    k.elem = std::addressof(value_);
    k.send = true;
    return k;
  }

  void Run(bool) { fn_(); }

  const T& value() const { return value_; }

 private:
  SendChan<T> ch_;
  T value_;
  F fn_;
};

template <typename F>
class DefaultCase {
 public:
  static constexpr bool kIsDefault = true;
  explicit DefaultCase(F fn) : fn_(std::move(fn)) {}
  Scase Untyped() { return Scase(); }
  void Run(bool) { fn_(); }

 private:
  F fn_;
};

}  // namespace internal

// The case that is taken when no other is ready. At most one per Select.
template <typename F = internal::Nothing>
internal::DefaultCase<std::decay_t<F>> Default(F&& fn = F()) {
  return internal::DefaultCase<std::decay_t<F>>(std::forward<F>(fn));
}

template <typename... Cases>
int Select(Cases&&... cases) {
  constexpr int n = sizeof...(Cases);
  constexpr int defaults = (0 + ... + int{std::decay_t<Cases>::kIsDefault});
  static_assert(defaults <= 1, "a Select has at most one Default");
  std::array<internal::Scase, n + 1> untyped = {cases.Untyped()...};
  std::array<uint16_t, 2 * n + 1> order;
  auto [index, received] =
      internal::selectgo(untyped.data(), order.data(), n, defaults == 0);
  if (index < 0) {
    int i = 0;
    ((std::decay_t<Cases>::kIsDefault ? void(index = i++) : void(++i)), ...);
  }
  int i = 0;
  ((i++ == index ? cases.Run(received) : void()), ...);
  return index;
}

// One case of a SelectCases: made of what Select takes, of any channel's type.
class SelectCase {
 public:
  template <typename Case>
  requires requires(Case k) { std::decay_t<Case>::kIsDefault; }
  SelectCase(Case&& k)  // NOLINT: a case is a case
      : impl_(
            std::make_unique<Impl<std::decay_t<Case>>>(std::forward<Case>(k))) {
  }

 private:
  friend int SelectCases(std::span<SelectCase> cases);

  struct Any {
    virtual ~Any() = default;
    virtual bool IsDefault() const = 0;
    virtual internal::Scase Untyped() = 0;
    virtual void Run(bool received) = 0;
  };
  template <typename Case>
  struct Impl : Any {
    explicit Impl(Case k) : k_(std::move(k)) {}
    bool IsDefault() const override { return Case::kIsDefault; }
    internal::Scase Untyped() override { return k_.Untyped(); }
    void Run(bool received) override { k_.Run(received); }
    Case k_;
  };

  // Sends a copy, if there can be one: the case may be used again.
  template <typename T, typename F>
  requires std::copy_constructible<T>
  struct Impl<internal::SendCase<T, F>> : Any {
    explicit Impl(internal::SendCase<T, F> k) : k_(std::move(k)) {}
    bool IsDefault() const override { return false; }
    internal::Scase Untyped() override {
      internal::Scase untyped = k_.Untyped();
      untyped.elem = std::addressof(copy_.emplace(k_.value()));
      return untyped;
    }
    void Run(bool received) override { k_.Run(received); }
    internal::SendCase<T, F> k_;
    std::optional<T> copy_;
  };

  std::unique_ptr<Any> impl_;
};

// As Select; the position is the index in `cases`. The cases may be used again,
// but for a send whose value cannot be copied: that was moved when it was
// taken.
int SelectCases(std::span<SelectCase> cases);

}  // namespace parkour

#endif  // PARKOUR_CHAN_SELECT_H_
