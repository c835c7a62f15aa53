// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// What /etc/hosts and /etc/services may hold.

#include <string>
#include <vector>

#include "parkour/net/hosts.h"
#include "parkour/net/services.h"
#include "parkour/net/textfile.h"
#include "parkour/tests/fuzz/target.h"

namespace parkour::tests {

const char kFuzzCorpus[] = "tables";
const char kFuzzTokens[] =
    "127.0.0.1 ::1 fe80::1%lo0 # \t \n \r\n localhost A.B. . /tcp /udp 80/tcp "
    "65536/tcp -1/udp http";

namespace {

void Hosts(std::string_view text) {
  const net::HostsTable table(text);
  net::ForEachLine(text, [&](const auto& fields) {
    for (const std::string_view field : fields) {
      if (const auto* host = table.FindHost(field)) {
        Require(!host->addrs.empty(), "a name has addresses");
        Require(!host->canonical.empty(), "a name has a canonical name");
        for (const std::string& addr : host->addrs) {
          Require(table.FindAddr(addr) != nullptr, "and these have names");
        }
      }
      if (const auto* names = table.FindAddr(field)) {
        Require(!names->empty(), "an address has names");
        for (const std::string& name : *names) {
          Require(table.FindHost(name) != nullptr, "and these addresses");
        }
      }
    }
  });
}

void Ports(std::string_view text) {
  net::Services services;
  services.Add(text);
  net::ForEachLine(text, [&](const auto& fields) {
    for (const std::string_view field : fields) {
      for (const char* protocol : {"tcp", "udp"}) {
        const std::optional<int> port = services.Find(protocol, field);
        Require(!port || (*port >= 0 && *port <= 65535), "a port is 16 bits");
      }
    }
  });
  Require(services.Find("tcp", "http") == 80, "what is known stays");
}

}  // namespace

void FuzzOne(std::string_view text) {
  Hosts(text);
  Ports(text);
}

}  // namespace parkour::tests
