// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/services.h"

#include <charconv>
#include <utility>

#include "parkour/net/dnsname.h"
#include "parkour/net/textfile.h"

namespace parkour::net {
namespace {

struct Service {
  std::string_view key;
  int port;
};

// The names that work without /etc/services (IANA).
constexpr Service kBuiltIn[] = {
    {"tcp/domain", 53},       {"tcp/ftp", 21},    {"tcp/ftps", 990},
    {"tcp/gopher", 70},       {"tcp/http", 80},   {"tcp/https", 443},
    {"tcp/imap2", 143},       {"tcp/imap3", 220}, {"tcp/imaps", 993},
    {"tcp/pop3", 110},        {"tcp/pop3s", 995}, {"tcp/smtp", 25},
    {"tcp/submissions", 465}, {"tcp/ssh", 22},    {"tcp/telnet", 23},
    {"udp/domain", 53},
};

std::string Key(std::string_view protocol, std::string_view name) {
  std::string key(protocol);
  key += '/';
  key += LowerASCII(name);
  return key;
}

}  // namespace

Services::Services() {
  for (const Service& s : kBuiltIn) ports_.emplace(s.key, s.port);
}

void Services::Add(std::string_view text) {
  ForEachLine(text, [this](const auto& fields) {
    if (fields.size() < 2) return;
    int port = 0;
    const std::string_view where = fields[1];
    const char* const end = where.data() + where.size();
    const auto [ptr, error] = std::from_chars(where.data(), end, port);
    if (error != std::errc() || ptr == end || *ptr != '/' || port <= 0 ||
        port > 65535) {
      return;
    }
    const std::string_view protocol(ptr + 1,
                                    static_cast<size_t>(end - ptr - 1));
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i != 1) ports_.emplace(Key(protocol, fields[i]), port);
    }
  });
}

std::optional<int> Services::Find(std::string_view protocol,
                                  std::string_view name) const {
  // A '/' would begin another protocol's name.
  if (name.find('/') != std::string_view::npos) return std::nullopt;
  const auto it = ports_.find(Key(protocol, name));
  if (it == ports_.end()) return std::nullopt;
  return it->second;
}

// Never destroyed: goroutines may ask while the process exits.
const Services& SystemServices() {
  static const Services& services = *[] {
    auto* const s = new Services;
    std::string text;
    if (ReadTextFile("/etc/services", &text) == 0) s->Add(text);
    return s;
  }();
  return services;
}

}  // namespace parkour::net
