// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The limit: an echo server of one thread and an epoll loop, with as few system
// calls as there can be. Nothing to build upon: one slow request stops them
// all. With -http=1 it answers what ends with an empty line as
// examples/http/hello.cc does, and reads no more of it.

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "parkour/bench/flags.h"
#include "parkour/bench/proc.h"
#include "parkour/bench/socket.h"

namespace parkour::bench {
namespace {

constexpr int kEvents = 512;

constexpr std::string_view kHello =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\n"
    "Hello, World!\n";

struct Peer {
  int fd = -1;
  std::string pending;  // read, and not written yet for want of space
};

class Server {
 public:
  Server(int listener, int64_t buffer, bool http);
  [[noreturn]] void Run();

 private:
  void Accept();
  void Serve(Peer* peer);
  bool Flush(Peer* peer);
  void Watch(int operation, Peer* peer, uint32_t events);
  void Close(Peer* peer);

  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  Peer listener_;
  std::vector<char> buffer_;  // shared: what is read is written at once
  const bool http_;
};

Server::Server(int listener, int64_t buffer, bool http)
    : listener_{listener, {}}, buffer_(buffer), http_(http) {
  if (epoll_ < 0) Die("epoll_create1");
  Watch(EPOLL_CTL_ADD, &listener_, EPOLLIN);
}

void Server::Watch(int operation, Peer* peer, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.ptr = peer;
  if (epoll_ctl(epoll_, operation, peer->fd, &event) != 0) Die("epoll_ctl");
}

void Server::Run() {
  epoll_event events[kEvents];
  for (;;) {
    const int n = epoll_wait(epoll_, events, kEvents, -1);
    if (n < 0 && errno != EINTR) Die("epoll_wait");
    for (int i = 0; i < n; ++i) {
      Peer* const peer = static_cast<Peer*>(events[i].data.ptr);
      if (peer == &listener_) {
        Accept();
      } else if (peer->pending.empty() || Flush(peer)) {
        Serve(peer);
      }
    }
  }
}

void Server::Accept() {
  for (;;) {
    const int fd =
        accept4(listener_.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED)) return;
    if (fd < 0) Die("accept4");
    SetNoDelay(fd);
    Watch(EPOLL_CTL_ADD, new Peer{fd, {}}, EPOLLIN);
  }
}

void Server::Serve(Peer* peer) {
  const ssize_t n = read(peer->fd, buffer_.data(), buffer_.size());
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return Close(peer);
  std::string_view out(buffer_.data(), n);
  if (http_) {
    if (!out.ends_with("\r\n\r\n")) return;
    out = kHello;
  }
  const ssize_t written = send(peer->fd, out.data(), out.size(), MSG_NOSIGNAL);
  if (written == static_cast<ssize_t>(out.size())) return;
  if (written < 0 && errno != EAGAIN) return Close(peer);
  peer->pending.assign(out.substr(written < 0 ? 0 : written));
  Watch(EPOLL_CTL_MOD, peer, EPOLLOUT);
}

// Whether all that was pending is written.
bool Server::Flush(Peer* peer) {
  const ssize_t n =
      send(peer->fd, peer->pending.data(), peer->pending.size(), MSG_NOSIGNAL);
  if (n < 0 && errno == EAGAIN) return false;
  if (n < 0) {
    Close(peer);
    return false;
  }
  peer->pending.erase(0, n);
  if (!peer->pending.empty()) return false;
  Watch(EPOLL_CTL_MOD, peer, EPOLLIN);
  return true;
}

void Server::Close(Peer* peer) {
  close(peer->fd);
  delete peer;
}

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour::bench;
  Flags flags(argc, argv);
  const int64_t buffer = flags.Int("buffer", 4096, "bytes of a read");
  const bool http = flags.Int("http", 0, "1: requests, not echo") != 0;
  flags.Finish();

  const int listener = Listen();
  Server server(listener, buffer, http);
  std::printf("listening on %s\n", AddressOf(listener).c_str());
  std::fflush(stdout);
  // Ends with the program that started it.
  std::thread([] {
    WaitForEndOfInput();
    std::_Exit(0);
  }).detach();
  server.Run();
}
