// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/load.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "parkour/bench/socket.h"

namespace parkour::bench {
namespace {

constexpr int kEvents = 256;
// How soon a change of phase is seen when no answer comes.
constexpr int kTickMs = 10;

int64_t Nanoseconds(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return int64_t{t.tv_sec} * 1000000000 + t.tv_nsec;
}

int64_t Now() { return Nanoseconds(CLOCK_MONOTONIC); }

struct Connection {
  int fd = -1;  // -1: lost
  int sent = 0;
  int received = 0;
  uint8_t number = 0;  // of the request; its i-th byte is number + i
  int64_t begin = 0;
};

}  // namespace

class LoadThread {
 public:
  LoadThread(const LoadOptions& options, int first, int connections);
  ~LoadThread();

  void Run(const std::atomic<Phase>& phase);
  void AddTo(LoadResult* result) const;

 private:
  void Begin(Connection* c, int64_t now);
  void Open(Connection* c);
  void Watch(Connection* c, uint32_t events);
  bool Send(Connection* c);
  void OnEvent(Connection* c);
  void Lose(Connection* c);
  void StartCounting();
  void StopCounting();

  const LoadOptions options_;
  const int bytes_;
  int epoll_;
  int next_;  // connection
  std::vector<Connection> connections_;
  std::vector<char> in_;
  std::vector<char> out_;  // 0, 1, 2 ...: message n begins at its n-th byte
  bool counting_ = false;
  int64_t begin_ = 0, begin_cpu_ = 0;
  int64_t wall_ = 0, cpu_ = 0, oldest_ = 0;
  int64_t errors_ = 0;
  Histogram latency_;
};

LoadThread::LoadThread(const LoadOptions& options, int first, int connections)
    : options_(options),
      bytes_(options.bytes),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      next_(first),
      connections_(connections),
      in_(options.bytes),
      out_(options.bytes + 256) {
  if (epoll_ < 0) Die("epoll_create1");
  for (size_t i = 0; i < out_.size(); ++i) out_[i] = static_cast<char>(i);
  if (options.churn) return;
  for (Connection& c : connections_) {
    Open(&c);
    Watch(&c, EPOLLOUT);
  }
}

void LoadThread::Open(Connection* c) {
  c->fd = Connect(options_.address, next_++);
}

void LoadThread::Watch(Connection* c, uint32_t events) {
  epoll_event event = {};
  event.events = events | EPOLLIN | EPOLLRDHUP | EPOLLET;
  event.data.ptr = c;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, c->fd, &event) != 0) Die("epoll_ctl");
}

LoadThread::~LoadThread() {
  for (const Connection& c : connections_) {
    if (c.fd >= 0) close(c.fd);
  }
  close(epoll_);
}

void LoadThread::Run(const std::atomic<Phase>& phase) {
  for (Connection& c : connections_) Begin(&c, Now());
  epoll_event events[kEvents];
  for (;;) {
    const Phase now = phase.load(std::memory_order_relaxed);
    if (now == Phase::kCount && !counting_) StartCounting();
    if (now == Phase::kStop) break;
    const int n = epoll_wait(epoll_, events, kEvents, kTickMs);
    if (n < 0 && errno != EINTR) Die("epoll_wait");
    for (int i = 0; i < n; ++i) {
      OnEvent(static_cast<Connection*>(events[i].data.ptr));
    }
  }
  StopCounting();
}

void LoadThread::StartCounting() {
  counting_ = true;
  begin_ = Now();
  begin_cpu_ = Nanoseconds(CLOCK_THREAD_CPUTIME_ID);
}

void LoadThread::StopCounting() {
  if (!counting_) StartCounting();  // it was shorter than a tick
  const int64_t now = Now();
  wall_ = std::max<int64_t>(now - begin_, 1);
  cpu_ = Nanoseconds(CLOCK_THREAD_CPUTIME_ID) - begin_cpu_;
  for (const Connection& c : connections_) {
    if (c.fd >= 0) oldest_ = std::max(oldest_, now - c.begin);
  }
}

void LoadThread::Begin(Connection* c, int64_t now) {
  ++c->number;
  c->sent = c->received = 0;
  c->begin = now;
  if (options_.churn) Open(c);
  if (!Send(c)) return Lose(c);
  // After the message: a socket that has room is no news.
  if (options_.churn) Watch(c, c->sent < bytes_ ? EPOLLOUT : EPOLLIN);
}

// Sends what fits; false if the connection is lost.
bool LoadThread::Send(Connection* c) {
  while (c->sent < bytes_) {
    const ssize_t n = send(c->fd, out_.data() + c->number + c->sent,
                           bytes_ - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN;
    c->sent += static_cast<int>(n);
  }
  return true;
}

void LoadThread::OnEvent(Connection* c) {
  if (c->fd < 0) return;
  if (!Send(c)) return Lose(c);
  const ssize_t n = recv(c->fd, in_.data(), bytes_ - c->received, MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0 ||
      std::memcmp(in_.data(), out_.data() + c->number + c->received, n) != 0) {
    return Lose(c);
  }
  // Less than was asked for: the socket is empty, and more will be an event.
  c->received += static_cast<int>(n);
  if (c->received < bytes_) return;
  const int64_t now = Now();
  if (counting_) latency_.Add(now - c->begin);
  if (options_.churn) close(c->fd);
  Begin(c, now);
}

void LoadThread::Lose(Connection* c) {
  ++errors_;
  close(c->fd);
  c->fd = -1;
}

void LoadThread::AddTo(LoadResult* result) const {
  const double seconds = static_cast<double>(wall_) / 1e9;
  result->latency.Merge(latency_);
  result->per_second += static_cast<double>(latency_.count()) / seconds;
  result->seconds = std::max(result->seconds, seconds);
  result->cpu = std::max(
      result->cpu, static_cast<double>(cpu_) / static_cast<double>(wall_));
  result->oldest_ns = std::max(result->oldest_ns, oldest_);
  result->errors += errors_;
}

Load::Load(const LoadOptions& options) {
  int first = 0;
  for (int i = 0; i < options.threads; ++i) {
    const int end = options.connections * (i + 1) / options.threads;
    loads_.push_back(std::make_unique<LoadThread>(options, first, end - first));
    first = end;
  }
}

Load::~Load() = default;

void Load::Start() {
  for (const auto& load : loads_) {
    threads_.emplace_back([this, &load] { load->Run(phase_); });
  }
}

void Load::Count() { phase_ = Phase::kCount; }

LoadResult Load::Stop() {
  phase_ = Phase::kStop;
  for (std::thread& thread : threads_) thread.join();
  LoadResult result;
  for (const auto& load : loads_) load->AddTo(&result);
  return result;
}

}  // namespace parkour::bench
