// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/dial_addrs.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "parkour/base/clock.h"
#include "parkour/base/error.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/net/sock_posix.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/timer.h"

namespace parkour::net::internal {
namespace {

absl::Status DialError(const DialPlan& plan, const Addr& remote,
                       const absl::Status& inner) {
  const auto text = [](const Addr& addr) {
    return addr.IsNil() ? std::string() : addr.String();
  };
  return base::MakeOpError("dial", plan.network, text(plan.local), text(remote),
                           inner);
}

// How one side of a race has ended.
struct Outcome {
  absl::Status error{};
  Conn conn{};  // if there is no error
  bool primary = false;
};

// A race between two lists, on the stack of the caller, who waits for the first
// success or for both failures, then cancels who still runs and waits for its
// end: what the user's hooks refer to may be gone after that.
struct Race {
  const DialPlan& plan;
  // Each racer sends once, and never waits for it.
  Chan<std::shared_ptr<Outcome>> results =
      MakeChan<std::shared_ptr<Outcome>>(2);
  sync::WaitGroup racers{};
};

void StartRacer(Race* race, const context::Context& ctx, const AddrList& addrs,
                bool primary) {
  race->racers.Go([race, ctx, &addrs, primary] {
    absl::StatusOr<Conn> conn = DialSerial(race->plan, ctx, addrs);
    const auto outcome = std::make_shared<Outcome>();
    outcome->error = conn.status();
    outcome->primary = primary;
    if (conn.ok()) outcome->conn = *std::move(conn);
    race->results.Send(outcome);
  });
}

// Ends what still runs; nobody wants its connection.
void EndRace(Race* race, const context::CancelFunc& cancel) {
  cancel();
  race->racers.Wait();
  while (const auto late = race->results.TryRecv()) {
    if ((*late)->error.ok()) (*late)->conn.Close().IgnoreError();
  }
}

}  // namespace

int64_t PartialDeadline(int64_t now, int64_t deadline, size_t addresses) {
  if (deadline == 0) return 0;
  if (deadline <= now) return -1;
  constexpr int64_t kSaneMinimum = 2000000000;
  const int64_t left = deadline - now;
  const int64_t share = std::max(left / static_cast<int64_t>(addresses),
                                 std::min(left, kSaneMinimum));
  return now + share;
}

absl::StatusOr<Conn> DialSerial(const DialPlan& plan,
                                const context::Context& ctx,
                                const AddrList& addrs) {
  absl::Status first;
  for (size_t i = 0; i < addrs.size(); ++i) {
    if (const absl::Status err = ctx.Err(); !err.ok()) {
      return DialError(plan, addrs[i], MapContextError(err));
    }
    const int64_t partial =
        PartialDeadline(base::nanotime(), plan.deadline, addrs.size() - i);
    absl::StatusOr<Conn> conn = partial < 0
                                    ? base::ErrDeadlineExceeded()
                                    : plan.dial_one(ctx, addrs[i], partial);
    if (conn.ok()) return conn;
    if (first.ok()) first = DialError(plan, addrs[i], conn.status());
    if (partial < 0) break;
  }
  return first;
}

absl::StatusOr<Conn> DialParallel(const DialPlan& plan,
                                  const context::Context& ctx,
                                  const AddrList& primaries,
                                  const AddrList& fallbacks,
                                  absl::Duration delay) {
  if (fallbacks.empty()) return DialSerial(plan, ctx, primaries);
  Race race{.plan = plan};
  const auto [race_ctx, cancel] = context::WithCancel(ctx);
  StartRacer(&race, race_ctx, primaries, /*primary=*/true);
  const time::Timer timer = time::NewTimer(delay);
  bool started = false;
  const auto start_fallbacks = [&, &race_ctx = race_ctx] {
    started = true;
    StartRacer(&race, race_ctx, fallbacks, /*primary=*/false);
  };
  std::shared_ptr<Outcome> last;
  absl::Status primary_error;
  bool done = false;
  int failures = 0;
  const auto take = [&](std::optional<std::shared_ptr<Outcome>> outcome) {
    if (!outcome.has_value()) return;  // nobody closes it
    last = *outcome;
    done = last->error.ok() || ++failures == 2;
    if (last->primary) primary_error = last->error;
    if (!done && !started) {
      timer.Stop();
      start_fallbacks();
    }
  };
  while (!done) {
    Select(race.results.OnRecv(take), timer.C.OnRecv(start_fallbacks));
  }
  timer.Stop();
  EndRace(&race, cancel);
  if (failures == 2) return primary_error;
  return last->conn;
}

}  // namespace parkour::net::internal
