// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/cpus.h"

#include <sched.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "parkour/runtime/go.h"

namespace parkour::runtime {
namespace {

namespace fs = std::filesystem;

// A directory that looks like the root of a machine.
class FakeRoot : public ::testing::Test {
 protected:
  FakeRoot()
      : root_(::testing::TempDir() + "/root_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~FakeRoot() override { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const fs::path full = root_ + path;
    fs::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }
  void Cgroup(const std::string& text) { Write("/proc/self/cgroup", text); }
  void V2(const std::string& group, const std::string& max) {
    Write("/sys/fs/cgroup" + group + "/cpu.max", max);
  }
  void V1(const std::string& group, int64_t quota, int64_t period) {
    const std::string dir = "/sys/fs/cgroup/cpu" + group;
    Write(dir + "/cpu.cfs_quota_us", std::to_string(quota) + "\n");
    Write(dir + "/cpu.cfs_period_us", std::to_string(period) + "\n");
  }
  int Cpus() { return CgroupCpus(root_); }

 private:
  const std::string root_;
};

TEST_F(FakeRoot, NothingThere) { EXPECT_EQ(Cpus(), 0); }

TEST_F(FakeRoot, NoQuotaFiles) {
  Cgroup("0::/user.slice/session.scope\n");
  EXPECT_EQ(Cpus(), 0);
}

TEST_F(FakeRoot, V2NoLimit) {
  Cgroup("0::/\n");
  V2("", "max 100000\n");
  EXPECT_EQ(Cpus(), 0);
}

TEST_F(FakeRoot, V2RoundsUp) {
  Cgroup("0::/\n");
  V2("", "150000 100000\n");
  EXPECT_EQ(Cpus(), 2);
  V2("", "200000 100000\n");
  EXPECT_EQ(Cpus(), 2);
  V2("", "200001 100000\n");
  EXPECT_EQ(Cpus(), 3);
  V2("", "1000 100000\n");
  EXPECT_EQ(Cpus(), 1);
}

// Found by tests/fuzz: the sum of both was rounded up past the largest number.
TEST_F(FakeRoot, V2HugeQuota) {
  Cgroup("0::/\n");
  V2("", "9223372036854775807 100\n");
  EXPECT_EQ(Cpus(), 1 << 20);
  V2("", "9223372036854775807 9223372036854775807\n");
  EXPECT_EQ(Cpus(), 1);
}

TEST_F(FakeRoot, V2SmallestOfTheParentsCounts) {
  Cgroup("0::/a/b/c\n");
  V2("/a/b/c", "max 100000\n");
  V2("/a/b", "600000 100000\n");
  V2("/a", "300000 100000\n");
  EXPECT_EQ(Cpus(), 3);
  V2("/a/b/c", "200000 100000\n");
  EXPECT_EQ(Cpus(), 2);
  V2("", "100000 100000\n");
  EXPECT_EQ(Cpus(), 1);
}

TEST_F(FakeRoot, V2Garbage) {
  Cgroup("0::/a\n");
  for (const char* text : {"", "\n", "max", "x y", "100000", "100000 0",
                           "-5 100000", "100000 -5"}) {
    V2("/a", text);
    EXPECT_EQ(Cpus(), 0) << text;
  }
}

TEST_F(FakeRoot, CgroupFileWithoutNewline) {
  Cgroup("0::/a");
  V2("/a", "200000 100000");
  EXPECT_EQ(Cpus(), 2);
}

TEST_F(FakeRoot, V1) {
  Cgroup(
      "12:memory:/docker/x\n"
      "4:cpu,cpuacct:/docker/x\n"
      "1:name=systemd:/docker/x\n"
      "0::/docker/x\n");
  EXPECT_EQ(Cpus(), 0);
  V1("/docker/x", -1, 100000);
  EXPECT_EQ(Cpus(), 0);
  V1("/docker/x", 250000, 100000);
  EXPECT_EQ(Cpus(), 3);
  V1("/docker", 100000, 100000);
  EXPECT_EQ(Cpus(), 1);
}

// Inside a container the group's path is that of the host, and only the
// mount's root can be seen.
TEST_F(FakeRoot, V1MountedFromTheContainersGroup) {
  Cgroup("4:cpu,cpuacct:/docker/0123\n");
  V1("", 200000, 100000);
  EXPECT_EQ(Cpus(), 2);
}

TEST_F(FakeRoot, V1ControllersInOtherOrder) {
  Cgroup(
      "9:cpuset:/docker/x\n"
      "4:cpuacct,cpu:/docker/x\n");
  V1("/docker/x", 200000, 100000);
  EXPECT_EQ(Cpus(), 2);
}

TEST_F(FakeRoot, V1CpuAlone) {
  Cgroup(
      "9:cpuset:/\n"
      "5:cpuacct:/other\n"
      "3:cpu:/docker/x\n");
  V1("/docker/x", 200000, 100000);
  EXPECT_EQ(Cpus(), 2);
}

TEST_F(FakeRoot, V1OtherControllersDoNotCount) {
  Cgroup("9:cpuset,x:/docker/x\n");
  V1("/docker/x", 200000, 100000);
  EXPECT_EQ(Cpus(), 0);
}

TEST(DefaultProcs, Table) {
  struct {
    const char* env;
    int affinity;
    int quota;
    int want;
  } const kTable[] = {
      {nullptr, 8, 0, 8}, {nullptr, 8, 2, 2}, {nullptr, 2, 8, 2},
      {nullptr, 1, 0, 1}, {"4", 8, 2, 4},     {"16", 8, 2, 16},
      {"0", 8, 2, 2},     {"-3", 8, 0, 8},    {"", 8, 0, 8},
      {"abc", 8, 0, 8},   {"4x", 8, 0, 8},    {"4.5", 8, 0, 8},
      {"0x10", 8, 0, 8},  {"007", 8, 0, 7},   {"1", 8, 0, 1},
  };
  for (const auto& t : kTable) {
    EXPECT_EQ(DefaultProcs(t.env, t.affinity, t.quota), t.want)
        << (t.env == nullptr ? "(null)" : t.env);
  }
  EXPECT_GE(DefaultProcs("99999999999999999999", 8, 0), 1024);
}

TEST(AffinityCpus, FollowsTheMask) {
  EXPECT_GE(AffinityCpus(), 1);
  EXPECT_EQ(NumCPU(), AffinityCpus());
  int narrowed = 0;
  std::thread([&] {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    if (sched_setaffinity(0, sizeof(set), &set) == 0) {
      narrowed = AffinityCpus();
    }
  }).join();
  EXPECT_EQ(narrowed, 1);
}

}  // namespace
}  // namespace parkour::runtime
