// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The hosts file: when it is read, and what it may contain.

#include "parkour/net/hosts.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "parkour/net/addr.h"
#include "parkour/net/ipaddr.h"
#include "parkour/net/test_util.h"
#include "parkour/net/testing.h"

namespace parkour::net {
namespace {

using testing::TempFile;

constexpr int64_t kSecond = 1000000000;

std::string First(HostsFile* file, std::string_view name) {
  const auto table = file->Table();
  const HostsTable::Host* host = table->FindHost(name);
  return host == nullptr ? "" : host->addrs.front();
}

// Takes everybody's right to read a file, and from this thread those to read it
// all the same, which root has.
class RefusedOpen {
 public:
  explicit RefusedOpen(const std::string& path) {
    EXPECT_EQ(chmod(path.c_str(), 0), 0) << path;
    EXPECT_EQ(syscall(SYS_capget, &head_, before_), 0);
    __user_cap_data_struct less[2] = {before_[0], before_[1]};
    less[0].effective &=
        ~((1u << CAP_DAC_OVERRIDE) | (1u << CAP_DAC_READ_SEARCH));
    EXPECT_EQ(syscall(SYS_capset, &head_, less), 0);
    EXPECT_EQ(open(path.c_str(), O_RDONLY | O_CLOEXEC), -1);
  }
  ~RefusedOpen() { syscall(SYS_capset, &head_, before_); }
  RefusedOpen(const RefusedOpen&) = delete;
  RefusedOpen& operator=(const RefusedOpen&) = delete;

 private:
  __user_cap_header_struct head_{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct before_[2] = {};
};

TEST(HostsFile, IsReadAgainWhenChangedAndFiveSecondsOld) {
  TempFile text("192.0.2.1 a\n");
  int64_t now = 100;
  HostsFile file(text.path(), [&now] { return now; });
  EXPECT_EQ(First(&file, "a"), "192.0.2.1");
  text.Write("192.0.2.22 a\n");  // another size
  now += 5 * kSecond - 1;
  EXPECT_EQ(First(&file, "a"), "192.0.2.1");
  now += 1;
  EXPECT_EQ(First(&file, "a"), "192.0.2.22");
  // Unchanged: the same table.
  const auto table = file.Table();
  now += 6 * kSecond;
  EXPECT_EQ(file.Table(), table);
}

TEST(HostsFile, ThatIsNotThere) {
  TempFile text("192.0.2.1 a\n");
  int64_t now = 100;
  HostsFile file(text.path(), [&now] { return now; });
  unlink(text.path().c_str());
  EXPECT_EQ(First(&file, "a"), "");
  text.Write("192.0.2.1 a\n");
  now += 5 * kSecond;
  EXPECT_EQ(First(&file, "a"), "192.0.2.1");
  unlink(text.path().c_str());
  EXPECT_EQ(First(&file, "a"), "192.0.2.1");
  now += 5 * kSecond;
  EXPECT_EQ(First(&file, "a"), "");
  // Old tables live on in the hands of those who have them.
}

// As one that is not there, though its name can be seen.
TEST(HostsFile, ThatMayNotBeRead) {
  TempFile text("192.0.2.1 a\n");
  int64_t now = 100;
  HostsFile file(text.path(), [&now] { return now; });
  EXPECT_EQ(First(&file, "a"), "192.0.2.1");
  text.Write("192.0.2.22 a\n");
  const RefusedOpen refused(text.path());
  now += 5 * kSecond;
  EXPECT_EQ(First(&file, "a"), "");
}

TEST(HostsFile, NonsenseIsSkipped) {
  const HostsTable table(
      "\n\n   \n#192.0.2.1 commented\n192.0.2.1#glued\n"
      "not-an-address name\n192.0.2.256 name\n192.0.2.2\n"
      "\t192.0.2.3\tTab\r\n"
      "192.0.2.4 a # b\n"
      "fe80::1%eth0 zoned\n"
      "fe80::1% nozone\n"
      "192.0.2.5 last");
  EXPECT_EQ(table.FindHost("commented"), nullptr);
  EXPECT_EQ(table.FindHost("#glued"), nullptr);
  EXPECT_EQ(table.FindHost("name"), nullptr);
  EXPECT_EQ(table.FindHost("b"), nullptr);
  EXPECT_EQ(table.FindHost("nozone"), nullptr);
  EXPECT_EQ(table.FindHost(""), nullptr);
  EXPECT_EQ(table.FindAddr("192.0.2.2"), nullptr);
  EXPECT_EQ(table.FindAddr(""), nullptr);
  ASSERT_NE(table.FindHost("TAB"), nullptr);
  EXPECT_EQ(table.FindHost("tab.")->addrs.front(), "192.0.2.3");
  EXPECT_EQ(table.FindHost("zoned")->addrs.front(), "fe80::1%eth0");
  EXPECT_EQ(table.FindAddr("fe80:0::1%eth0")->front(), "zoned");
  EXPECT_EQ(table.FindHost("last")->addrs.front(), "192.0.2.5");
  EXPECT_TRUE(HostsTable("").empty());
}

// Whatever the bytes: no crash, and whatever is an address is one.
TEST(HostsFile, RandomBytes) {
  constexpr char kAlphabet[] = "1.2: \t\n#ab:f%\0-\r";
  testing::Sequence random;
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (uint32_t i = random.Below(300); i > 0; --i) {
      text += kAlphabet[random.Below(sizeof(kAlphabet) - 1)];
      if (random.Below(8) == 0) text += "1.2.1.2 ";
      if (random.Below(8) == 0) text += "::1 a\n";
    }
    const HostsTable table(text);
    for (const char* name : {"a", "b", "ab", ".", "1"}) {
      const HostsTable::Host* host = table.FindHost(name);
      if (host == nullptr) continue;
      ASSERT_FALSE(host->addrs.empty());
      for (const std::string& addr : host->addrs) {
        ASSERT_FALSE(ParseIPZone(addr).ip.empty()) << addr;
        ASSERT_NE(table.FindAddr(addr), nullptr) << addr;
      }
    }
  }
}

}  // namespace
}  // namespace parkour::net
