// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Names to addresses: who is asked, who waits for whom, and what ends it.

#include "parkour/net/resolver.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parkour/net/testing.h"
#include "parkour/poll/testing.h"

namespace parkour::net {
namespace {

using poll::testing::Eventually;
using poll::testing::InGoroutine;
using testing::Fake;
using Code = absl::StatusCode;
using Strings = std::vector<std::string>;

class ResolverTest : public poll::testing::LeakTest {};

const context::Context& Bg() {
  static const auto& background = *new context::Context(context::Background());
  return background;
}

constexpr char kHosts[] =
    "127.0.0.1 localhost\n"
    "::1 localhost\n"
    "192.0.2.9 Nine.Example nine\n";

TEST_F(ResolverTest, LiteralsAndFilesNeedNoThread) {
  InGoroutine([] {
    Fake fake(kHosts);
    EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "192.0.2.1"),
              Strings{"192.0.2.1"});
    EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "::FFFF:192.0.2.1"),
              Strings{"::FFFF:192.0.2.1"});
    EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "fe80::1%lo"),
              Strings{"fe80::1%lo"});
    EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "NINE.example"),
              Strings{"192.0.2.9"});
    EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "nine"), Strings{"192.0.2.9"});
    EXPECT_EQ(*fake.resolver.LookupAddr(Bg(), "192.0.2.9"),
              (Strings{"Nine.Example.", "nine"}));
    EXPECT_EQ(*fake.resolver.LookupCNAME(Bg(), "nine"), "nine.example.");
    EXPECT_EQ(fake.resolver.LookupHost(Bg(), "localhost")->size(), 2u);
    // Whether the file knows it or not.
    Fake empty("");
    const auto local = empty.resolver.LookupHost(Bg(), "LocalHost.");
    ASSERT_TRUE(local.ok()) << local.status();
    EXPECT_EQ(local->size(), 2u);
    EXPECT_EQ(empty.system->calls() + fake.system->calls(), 0);
  });
}

TEST_F(ResolverTest, NamesThatAreNoneAreNotAskedFor) {
  InGoroutine([] {
    Fake fake(kHosts);
    const std::string long_label(64, 'a');
    for (const std::string& name :
         {std::string(""), std::string("a..b"), std::string("-a"),
          std::string("a b"), std::string("127.1"), std::string("0x7f.1"),
          std::string("010.0.0.1"), std::string("192.0.2.256"),
          std::string("1.2.3.4%lo"), std::string("fe80::1%"),
          std::string("a\0b", 3), std::string("nine\0", 5),
          std::string("b\xc3\xbc"), long_label, std::string(255, 'a')}) {
      const absl::Status err = fake.resolver.LookupHost(Bg(), name).status();
      EXPECT_EQ(err.message(), "lookup " + name + ": no such host");
      EXPECT_EQ(err.code(), Code::kNotFound);
      const std::optional<DNSError> e = DNSErrorOf(err);
      ASSERT_TRUE(e.has_value()) << name;
      EXPECT_TRUE(e->IsNotFound);
      EXPECT_EQ(e->Name, name);
    }
    EXPECT_EQ(fake.system->calls(), 0);
  });
}

TEST_F(ResolverTest, TheSystemAnswers) {
  InGoroutine([] {
    Fake fake(kHosts);
    fake.system->Set("a.example", {"192.0.2.1", "2001:db8::1", "192.0.2.2"});
    EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "a.example"),
              (Strings{"192.0.2.1", "2001:db8::1", "192.0.2.2"}));
    EXPECT_EQ(*fake.resolver.LookupIP(Bg(), "ip6", "a.example"),
              std::vector<IP>{ParseIP("2001:db8::1")});
    EXPECT_EQ(fake.resolver.LookupIP(Bg(), "ip4", "a.example")->size(), 2u);
    EXPECT_EQ(fake.resolver.LookupIP(Bg(), "ip6", "nine").status().message(),
              "address nine: no suitable address found");
    EXPECT_EQ(fake.resolver.LookupIP(Bg(), "tcp", "nine").status().message(),
              "unknown network tcp");
    EXPECT_EQ(*fake.resolver.LookupCNAME(Bg(), "a.example"),
              "canonical.a.example.");
    fake.system->SetName("192.0.2.1", "a.example.");
    EXPECT_EQ(*fake.resolver.LookupAddr(Bg(), "192.0.2.1"),
              Strings{"a.example."});
    EXPECT_EQ(fake.resolver.LookupAddr(Bg(), "192.0.2.2").status().message(),
              "lookup 192.0.2.2: no such host");
    const absl::Status bad = fake.resolver.LookupAddr(Bg(), "a").status();
    EXPECT_EQ(bad.message(), "lookup a: unrecognized address");
    EXPECT_EQ(bad.code(), Code::kInvalidArgument);
  });
}

TEST_F(ResolverTest, Errors) {
  InGoroutine([] {
    Fake fake(kHosts);
    const struct {
      int eai, err;
      std::string why;
      Code code;
      bool temporary, not_found;
    } cases[] = {
        {EAI_NONAME, 0, "no such host", Code::kNotFound, false, true},
        {EAI_NODATA, 0, "no such host", Code::kNotFound, false, true},
        {EAI_AGAIN, 0, gai_strerror(EAI_AGAIN), Code::kUnavailable, true,
         false},
        {EAI_FAIL, 0, gai_strerror(EAI_FAIL), Code::kInternal, false, false},
        {EAI_SYSTEM, 0, "too many open files", Code::kResourceExhausted, true,
         false},
        {EAI_SYSTEM, EACCES, "permission denied", Code::kPermissionDenied,
         false, false},
    };
    for (const auto& c : cases) {
      fake.system->Fail("x.example", c.eai, c.err);
      const absl::Status err =
          fake.resolver.LookupHost(Bg(), "x.example").status();
      EXPECT_EQ(err.message(), "lookup x.example: " + c.why);
      EXPECT_EQ(err.code(), c.code);
      EXPECT_EQ(base::IsTemporary(err), c.temporary) << err;
      EXPECT_FALSE(base::IsTimeout(err));
      const absl::Status dial = base::MakeOpError("dial", "tcp", "", "", err);
      const std::optional<DNSError> e = DNSErrorOf(dial);
      ASSERT_TRUE(e.has_value());
      EXPECT_EQ(e->Err, c.why);
      EXPECT_EQ(e->IsTemporary, c.temporary);
      EXPECT_EQ(e->IsNotFound, c.not_found);
    }
  });
}

// Many ask the same: one thread. Other questions are not held up.
TEST_F(ResolverTest, EqualQuestionsAreOne) {
  InGoroutine([] {
    Fake fake(kHosts);
    fake.system->Set("a.example", {"192.0.2.1"});
    fake.system->Set("b.example", {"192.0.2.2"});
    fake.system->Block("a.example");
    const int64_t before = runtime::NumGoroutine();
    sync::WaitGroup wg;
    for (int i = 0; i < 20; ++i) {
      wg.Go([&] {
        EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "a.example"),
                  Strings{"192.0.2.1"});
      });
    }
    // Twenty that wait, and the one that asks for them.
    ASSERT_TRUE(Eventually([&] {
      return fake.system->inside() == 1 &&
             runtime::NumGoroutine() == before + 21;
    }));
    EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "b.example"),
              Strings{"192.0.2.2"});
    EXPECT_EQ(fake.system->calls(), 2);
    // Of one family is another question.
    fake.system->Unblock("a.example");
    wg.Wait();
    EXPECT_TRUE(fake.resolver.LookupIP(Bg(), "ip4", "a.example").ok());
    EXPECT_GE(fake.system->calls(), 3);
  });
}

TEST_F(ResolverTest, CancelReturnsAtOnceAndTheThreadGoesOn) {
  InGoroutine([] {
    Fake fake(kHosts);
    fake.system->Set("a.example", {"192.0.2.1"});
    fake.system->Block("a.example");
    const auto [ctx, cancel] = context::WithCancel(Bg());
    sync::WaitGroup wg;
    wg.Go([&, &ctx = ctx] {
      const absl::Status err =
          fake.resolver.LookupHost(ctx, "a.example").status();
      EXPECT_EQ(err.message(), "lookup a.example: operation was canceled");
      EXPECT_EQ(err.code(), Code::kCancelled);
      EXPECT_FALSE(base::IsTimeout(err));
    });
    ASSERT_TRUE(Eventually([&] { return fake.system->inside() == 1; }));
    cancel();
    wg.Wait();
    EXPECT_EQ(fake.system->inside(), 1);
    // An ended context does not even ask.
    EXPECT_EQ(fake.resolver.LookupHost(ctx, "b.example").status().message(),
              "lookup b.example: operation was canceled");
    EXPECT_EQ(fake.system->calls(), 1);
    EXPECT_TRUE(fake.resolver.LookupHost(ctx, "nine").ok());
    fake.system->Unblock("a.example");
    EXPECT_TRUE(Eventually([&] { return fake.system->inside() == 0; }));
  });
}

TEST_F(ResolverTest, DeadlineIsATimeout) {
  InGoroutine([] {
    Fake fake(kHosts);
    fake.system->Block("a.example");
    const auto [ctx, cancel] =
        context::WithTimeout(Bg(), absl::Milliseconds(5));
    const absl::Status err =
        fake.resolver.LookupHost(ctx, "a.example").status();
    EXPECT_EQ(err.message(), "lookup a.example: i/o timeout");
    EXPECT_EQ(err.code(), Code::kDeadlineExceeded);
    EXPECT_TRUE(base::IsTimeout(err));
    EXPECT_TRUE(DNSErrorOf(err)->IsTimeout);
    cancel();
    fake.system->Unblock("a.example");
  });
}

// One who stops waiting does not take the answer from the others.
TEST_F(ResolverTest, CancelOfOneIsNotTheOthers) {
  InGoroutine([] {
    Fake fake(kHosts);
    fake.system->Set("a.example", {"192.0.2.1"});
    fake.system->Block("a.example");
    const int64_t before = runtime::NumGoroutine();
    const auto [ctx, cancel] = context::WithCancel(Bg());
    sync::WaitGroup first;
    first.Go([&, &ctx = ctx] {
      EXPECT_EQ(fake.resolver.LookupHost(ctx, "a.example").status().code(),
                Code::kCancelled);
    });
    ASSERT_TRUE(Eventually([&] { return fake.system->inside() == 1; }));
    sync::WaitGroup second;
    second.Go([&] {
      EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "a.example"),
                Strings{"192.0.2.1"});
    });
    ASSERT_TRUE(
        Eventually([&] { return runtime::NumGoroutine() == before + 3; }));
    // Its name is enough: the second has joined, or will ask anew.
    cancel();
    first.Wait();
    fake.system->Unblock("a.example");
    second.Wait();
  });
}

// After the last has left, the next one asks anew.
TEST_F(ResolverTest, AbandonedQuestionsAreForgotten) {
  InGoroutine([] {
    Fake fake(kHosts);
    fake.system->Set("a.example", {"192.0.2.1"});
    fake.system->Block("a.example");
    const auto [ctx, cancel] = context::WithCancel(Bg());
    sync::WaitGroup wg;
    wg.Go([&, &ctx = ctx] {
      EXPECT_FALSE(fake.resolver.LookupHost(ctx, "a.example").ok());
    });
    ASSERT_TRUE(Eventually([&] { return fake.system->inside() == 1; }));
    cancel();
    wg.Wait();
    sync::WaitGroup again;
    again.Go(
        [&] { EXPECT_TRUE(fake.resolver.LookupHost(Bg(), "a.example").ok()); });
    EXPECT_TRUE(Eventually([&] { return fake.system->inside() == 2; }));
    fake.system->Unblock("a.example");
    again.Wait();
  });
}

// Only so many are in the C library; one that waits for its turn and is
// cancelled never gets there.
TEST_F(ResolverTest, ThreadsAreBounded) {
  InGoroutine([] {
    Fake fake(kHosts, /*threads=*/2);
    sync::WaitGroup wg;
    Strings names;
    for (int i = 0; i < 10; ++i) {
      names.push_back("n" + std::to_string(i) + ".example");
      fake.system->Set(names.back(), {"192.0.2.1"});
      fake.system->Block(names.back());
    }
    const auto [ctx, cancel] = context::WithCancel(Bg());
    for (int i = 0; i < 2; ++i) {
      wg.Go([&, i] {
        EXPECT_TRUE(fake.resolver.LookupHost(Bg(), names[i]).ok());
      });
    }
    ASSERT_TRUE(Eventually([&] { return fake.system->inside() == 2; }));
    for (int i = 2; i < 10; ++i) {
      wg.Go([&, i, &ctx = ctx] {
        const auto got = fake.resolver.LookupHost(i % 2 ? ctx : Bg(), names[i]);
        // Cancelled, unless the answer came before it looked.
        EXPECT_TRUE(got.ok() || (i % 2 == 1 && absl::IsCancelled(got.status())))
            << got.status();
      });
    }
    cancel();
    for (const std::string& name : names) fake.system->Unblock(name);
    wg.Wait();
    EXPECT_LE(fake.system->most(), 2);
  });
}

// While threads are in the C library, goroutines run: with one P, too.
TEST_F(ResolverTest, LookupsHoldNoP) {
  const int before = runtime::GOMAXPROCS(1);
  InGoroutine([] {
    Fake fake(kHosts);
    fake.system->Set("a.example", {"192.0.2.1"});
    fake.system->Block("a.example");
    sync::WaitGroup wg;
    wg.Go(
        [&] { EXPECT_TRUE(fake.resolver.LookupHost(Bg(), "a.example").ok()); });
    ASSERT_TRUE(Eventually([&] { return fake.system->inside() == 1; }));
    fake.system->Unblock("a.example");
    wg.Wait();
  });
  runtime::GOMAXPROCS(before);
}

// A plain thread asks, too.
TEST_F(ResolverTest, FromAPlainThread) {
  Fake fake(kHosts);
  fake.system->Set("a.example", {"192.0.2.1"});
  EXPECT_EQ(*fake.resolver.LookupHost(Bg(), "a.example"), Strings{"192.0.2.1"});
}

// Cancellations against answers, many times: each caller gets one of the two.
TEST_F(ResolverTest, CancelAgainstAnswer) {
  InGoroutine([] {
    Fake fake(kHosts);
    fake.system->Set("a.example", {"192.0.2.1"});
    uint32_t seed = 1;
    for (int round = 0; round < 200; ++round) {
      const auto [ctx, cancel] = context::WithCancel(Bg());
      sync::WaitGroup wg;
      for (int i = 0; i < 4; ++i) {
        wg.Go([&, i, &ctx = ctx] {
          const auto got =
              fake.resolver.LookupHost(i % 2 ? ctx : Bg(), "a.example");
          if (i % 2 == 0 || got.ok()) {
            EXPECT_TRUE(got.ok()) << got.status();
          } else {
            EXPECT_EQ(got.status().code(), Code::kCancelled);
          }
        });
      }
      poll::testing::Jitter(&seed, 20000);
      cancel();
      wg.Wait();
    }
  });
}

}  // namespace
}  // namespace parkour::net
