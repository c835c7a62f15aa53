// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/flags.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace parkour::bench {

Flags::Flags(int argc, char** argv) : program_(argv[0]) {
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const size_t begin = arg.find_first_not_of('-');
    if (begin != 1 && begin != 2) {
      ok_ = false;
      continue;
    }
    const size_t equals = arg.find('=');
    if (equals != std::string::npos) {
      given_[arg.substr(begin, equals - begin)] = arg.substr(equals + 1);
    } else if (i + 1 < argc) {
      given_[arg.substr(begin)] = argv[++i];
    } else {
      ok_ = false;
    }
  }
}

std::string Flags::String(const std::string& name, const std::string& value,
                          const char* help) {
  usage_ += "  -" + name + "=" + value + "\n        " + help + "\n";
  const auto it = given_.find(name);
  if (it == given_.end()) return value;
  const std::string text = it->second;
  given_.erase(it);
  return text;
}

int64_t Flags::Int(const std::string& name, int64_t value, const char* help) {
  const std::string text = String(name, std::to_string(value), help);
  ok_ &= absl::SimpleAtoi(text, &value);
  return value;
}

double Flags::Float(const std::string& name, double value, const char* help) {
  const std::string text = String(name, std::to_string(value), help);
  ok_ &= absl::SimpleAtod(text, &value);
  return value;
}

void Flags::Finish() const {
  if (ok_ && given_.empty()) return;
  for (const auto& [name, text] : given_) {
    std::fprintf(stderr, "no such flag: -%s=%s\n", name.c_str(), text.c_str());
  }
  std::fprintf(stderr, "usage of %s:\n%s", program_.c_str(), usage_.c_str());
  std::exit(2);
}

}  // namespace parkour::bench
