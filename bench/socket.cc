// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace parkour::bench {
namespace {

constexpr int kPerSource = 20000;

sockaddr* Raw(sockaddr_in* address) {
  return reinterpret_cast<sockaddr*>(address);
}

sockaddr_in Loopback(uint32_t host, uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

sockaddr_in Parse(const std::string& text) {
  const size_t colon = text.rfind(':');
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) !=
          1) {
    errno = EINVAL;
    Die("address " + text);
  }
  address.sin_port =
      htons(static_cast<uint16_t>(std::atoi(text.c_str() + colon + 1)));
  return address;
}

}  // namespace

void Die(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

int Listen() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) Die("socket");
  sockaddr_in address = Loopback(INADDR_LOOPBACK, 0);
  if (bind(fd, Raw(&address), sizeof(address)) != 0) Die("bind");
  if (listen(fd, SOMAXCONN) != 0) Die("listen");
  return fd;
}

std::string AddressOf(int listener) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  if (getsockname(listener, Raw(&address), &size) != 0) Die("getsockname");
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

int Connect(const std::string& address, int i) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) Die("socket");
  if (i >= kPerSource) {
    // The port is chosen by connect, which knows the peer.
    const int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    sockaddr_in source = Loopback(INADDR_LOOPBACK + i / kPerSource, 0);
    if (bind(fd, Raw(&source), sizeof(source)) != 0) Die("bind");
  }
  sockaddr_in peer = Parse(address);
  if (connect(fd, Raw(&peer), sizeof(peer)) != 0) Die("connect " + address);
  SetNoDelay(fd);
  return fd;
}

void SetNoDelay(int fd) {
  const int on = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
    Die("setsockopt TCP_NODELAY");
  }
}

}  // namespace parkour::bench
