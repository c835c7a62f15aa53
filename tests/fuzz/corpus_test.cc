// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A fuzz target as an ordinary test: the corpus as it is, then with random
// changes. An input that ends the process is printed in hexadecimal.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/sanitizer.h"
#include "parkour/tests/campaign/campaign.h"
#include "parkour/tests/child/child.h"
#include "parkour/tests/fuzz/target.h"

namespace parkour::tests {
namespace {

constexpr int kChanged = PARKOUR_ASAN || PARKOUR_TSAN ? 1000 : 20000;
constexpr size_t kMaxSize = 16 << 10;

const std::string* trying = nullptr;

void ShowInput(int signal) {
  static constexpr char kDigits[] = "0123456789abcdef";
  static constexpr char kHead[] = "\ninput, in hexadecimal: ";
  (void)!write(2, kHead, sizeof(kHead) - 1);
  for (const char c : *trying) {
    const auto b = static_cast<unsigned char>(c);
    const char two[] = {kDigits[b >> 4], kDigits[b & 15]};
    (void)!write(2, two, sizeof(two));
  }
  (void)!write(2, "\n", 1);
  ::signal(signal, SIG_DFL);
  raise(signal);
}

void Try(const std::string& input) {
  trying = &input;
  static const bool installed = [] {
    for (const int s : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
      ::signal(s, ShowInput);
    }
    return true;
  }();
  EXPECT_TRUE(installed);
  FuzzOne(input);
}

std::vector<std::string> Corpus() {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;
  const std::string folder =
      Runfile(std::string("tests/fuzz/corpus/") + kFuzzCorpus);
  for (const fs::directory_entry& e : fs::directory_iterator(folder)) {
    paths.push_back(e.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in),
                        std::istreambuf_iterator<char>());
  }
  return inputs;
}

class Changer {
 public:
  explicit Changer(const std::vector<std::string>& corpus) : corpus_(corpus) {
    const std::string_view all = kFuzzTokens;
    for (size_t at = 0; at < all.size();) {
      const size_t end = std::min(all.find(' ', at), all.size());
      tokens_.emplace_back(all.substr(at, end - at));
      at = end + 1;
    }
  }

  std::string Next(uint64_t seed) {
    random_.seed(seed);
    std::string s = Any(corpus_);
    for (size_t n = 1 + Below(4); n > 0; --n) Change(&s);
    if (s.size() > kMaxSize) s.resize(kMaxSize);
    return s;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  const std::string& Any(const std::vector<std::string>& of) {
    return of[Below(of.size())];
  }

  void Change(std::string* s) {
    const size_t at = Below(s->size() + 1);
    const size_t len = std::min(1 + Below(8), s->size() - at);
    switch (Below(7)) {
      case 0:
        if (at < s->size()) (*s)[at] = static_cast<char>(random_());
        break;
      case 1:  // small numbers are more often something
        if (at < s->size()) (*s)[at] = static_cast<char>(Below(50));
        break;
      case 2:
        s->erase(at, len);
        break;
      case 3:
        s->insert(at, s->substr(Below(s->size() + 1), 1 + Below(16)));
        break;
      case 4: {
        const std::string& other = Any(corpus_);
        s->replace(at, s->npos, other.substr(Below(other.size() + 1)));
        break;
      }
      case 5:
        s->insert(at, 1, static_cast<char>(random_()));
        break;
      default:
        if (!tokens_.empty()) s->insert(at, Any(tokens_));
    }
  }

  const std::vector<std::string>& corpus_;
  std::vector<std::string> tokens_;
  std::mt19937_64 random_;
};

TEST(Fuzz, CorpusAndChanges) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_FALSE(corpus.empty());
  for (const std::string& input : corpus) Try(input);
  Changer changer(corpus);
  Campaign campaign(kChanged);
  while (campaign.Next()) Try(changer.Next(campaign.seed()));
}

}  // namespace
}  // namespace parkour::tests
