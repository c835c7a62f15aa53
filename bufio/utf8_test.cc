// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bufio/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

using namespace parkour::bufio::internal;

namespace {

TEST(Utf8, EveryRuneThereAndBack) {
  for (char32_t r = 0; r <= kMaxRune; ++r) {
    if (r >= 0xD800 && r <= 0xDFFF) continue;
    char buf[kUTFMax];
    const size_t n = EncodeRune(r, buf);
    const std::string_view text(buf, n);
    const Decoded d = DecodeRune(text);
    ASSERT_EQ(static_cast<uint32_t>(d.rune), static_cast<uint32_t>(r));
    ASSERT_EQ(d.size, n);
    ASSERT_EQ(n, r < 0x80 ? 1u : r < 0x800 ? 2u : r < 0x10000 ? 3u : 4u);
    for (size_t cut = 0; cut < n; ++cut) {
      ASSERT_FALSE(FullRune(text.substr(0, cut)));
    }
    ASSERT_TRUE(FullRune(text));
  }
}

TEST(Utf8, WhatIsNone) {
  for (const std::string_view bad : {
           "\x80", "\xBF", "\xC0\x80", "\xC1\xBF",          // overlong, 2
           "\xE0\x80\x80", "\xE0\x9F\xBF",                  // overlong, 3
           "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",          // overlong, 4
           "\xED\xA0\x80", "\xED\xBF\xBF",                  // surrogates
           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",  // too large
           "\xE6\x97.", "\xE6.", "\xF0\x90\x80.", "\xC3.",  // broken off
       }) {
    const Decoded d = DecodeRune(bad);
    EXPECT_EQ(static_cast<uint32_t>(d.rune), uint32_t{0xFFFD});
    EXPECT_EQ(d.size, 1u);
    EXPECT_TRUE(FullRune(bad)) << "an error is whole";
  }
  EXPECT_EQ(DecodeRune("").size, 0u);
  EXPECT_EQ(DecodeRune("\xE6\x97").size, 1u) << "unfinished";
}

TEST(Utf8, EncodesNoneAsTheReplacement) {
  for (const uint32_t r : {0xD800u, 0xDFFFu, 0x110000u, 0xFFFFFFFFu}) {
    char buf[kUTFMax];
    EXPECT_EQ(std::string(buf, EncodeRune(char32_t{r}, buf)), "\uFFFD");
  }
}

}  // namespace
