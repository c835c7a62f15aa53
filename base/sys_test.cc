// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/sys.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>

#include "gtest/gtest.h"

namespace parkour::base::sys {
namespace {

constexpr size_t kPage = 4096;

// Linux has what advice in bulk needs, and nobody forbids it: there, it must
// work.
bool HasBulkAdvice() {
  utsname name;
  int major = 0, minor = 0;
  if (syscall(SYS_process_madvise, -1, nullptr, 0, 0, 0) < 0 &&
      (errno == EPERM || errno == ENOSYS)) {
    return false;
  }
  return uname(&name) == 0 &&
         std::sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
         (major > 6 || (major == 6 && minor >= 15));
}

// Eight pages that nobody has touched; ranges name the first of each two.
class BulkTest : public ::testing::Test {
 protected:
  BulkTest() {
    int error = 0;
    at_ = static_cast<char*>(Reserve(8 * kPage, &error));
    NoHugePages(at_, 8 * kPage);
    for (size_t i = 0; i < 4; ++i) ranges_[i] = {at_ + 2 * i * kPage, kPage};
  }
  ~BulkTest() override { Unmap(at_, 8 * kPage); }

  char* at_;
  Range ranges_[4];
};

TEST_F(BulkTest, Populate) {
  if (!HasBulkAdvice()) GTEST_SKIP() << "before Linux 6.15, or refused";
  ASSERT_NE(at_, nullptr);
  Populate(ranges_, 4);
  unsigned char present[8] = {};
  ASSERT_EQ(Resident(at_, 8 * kPage, present), 0);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(present[i] & 1, i % 2 == 0) << i;
}

using BulkDeathTest = BulkTest;

TEST_F(BulkDeathTest, GuardInstallAll) {
  if (!HasBulkAdvice()) GTEST_SKIP() << "before Linux 6.15, or refused";
  ASSERT_NE(at_, nullptr);
  EXPECT_EQ(GuardInstallAll(ranges_, 4), 4u);
  for (int i = 0; i < 8; ++i) {
    volatile char* const page = at_ + i * kPage;
    if (i % 2 == 0) {
      EXPECT_DEATH(*page = 1, "") << i;
    } else {
      *page = 1;
    }
  }
}

// What comes after a range that cannot be guarded is not; the first ones are.
TEST_F(BulkTest, SaysHowFarItGot) {
  if (!HasBulkAdvice()) GTEST_SKIP() << "before Linux 6.15, or refused";
  ASSERT_NE(at_, nullptr);
  ASSERT_EQ(Unmap(at_ + 4 * kPage, kPage), 0);
  EXPECT_EQ(GuardInstallAll(ranges_, 4), 2u);
}

}  // namespace
}  // namespace parkour::base::sys
