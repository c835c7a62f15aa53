// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/error.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <string.h>

#include <set>
#include <string>

#include "absl/strings/cord.h"

namespace parkour::base {
namespace {

using Code = absl::StatusCode;

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

TEST(ErrnoStatus, CodesAndTexts) {
  const struct {
    int err;
    Code code;
    const char* text;
  } kCases[] = {
      {ECONNREFUSED, Code::kUnavailable, "connection refused"},
      {ECONNRESET, Code::kUnavailable, "connection reset by peer"},
      {ECONNABORTED, Code::kUnavailable, "software caused connection abort"},
      {EPIPE, Code::kUnavailable, "broken pipe"},
      {ENETUNREACH, Code::kUnavailable, "network is unreachable"},
      {EHOSTUNREACH, Code::kUnavailable, "no route to host"},
      {ETIMEDOUT, Code::kDeadlineExceeded, "connection timed out"},
      {EADDRINUSE, Code::kAlreadyExists, "address already in use"},
      {EADDRNOTAVAIL, Code::kUnavailable, "cannot assign requested address"},
      {EMFILE, Code::kResourceExhausted, "too many open files"},
      {ENFILE, Code::kResourceExhausted, "too many open files in system"},
      {ENOBUFS, Code::kResourceExhausted, "no buffer space available"},
      {ENOMEM, Code::kResourceExhausted, "cannot allocate memory"},
      {EACCES, Code::kPermissionDenied, "permission denied"},
      {EPERM, Code::kPermissionDenied, "operation not permitted"},
      {ENOENT, Code::kNotFound, "no such file or directory"},
      {EINVAL, Code::kInvalidArgument, "invalid argument"},
      {EBADF, Code::kFailedPrecondition, "bad file descriptor"},
      {ENOTCONN, Code::kFailedPrecondition,
       "transport endpoint is not connected"},
      {EAFNOSUPPORT, Code::kUnimplemented,
       "address family not supported by protocol"},
      {EAGAIN, Code::kUnavailable, "resource temporarily unavailable"},
      {ENOTSOCK, Code::kInvalidArgument, "socket operation on non-socket"},
      // Not in the table.
      {ESRCH, Code::kNotFound, "no such process"},
      {EREMCHG, Code::kUnknown, "remote address changed"},
      {EADV, Code::kUnknown, "advertise error"},
      {EDOTDOT, Code::kUnknown, "RFS specific error"},
      {ELIBSCN, Code::kUnknown, ".lib section in a.out corrupted"},
      {98765, Code::kUnknown, "errno 98765"},
      {-1, Code::kUnknown, "errno -1"},
  };
  for (const auto& c : kCases) {
    const absl::Status bare = ErrnoStatus(c.err);
    EXPECT_EQ(Text(bare), c.text);
    EXPECT_EQ(bare.code(), c.code) << c.text;
    EXPECT_EQ(ErrnoOf(bare), c.err) << c.text;
    const absl::Status named = ErrnoStatus(c.err, "connect");
    EXPECT_EQ(Text(named), std::string("connect: ") + c.text);
    EXPECT_EQ(named.code(), c.code) << c.text;
    EXPECT_EQ(ErrnoOf(named), c.err) << c.text;
    EXPECT_EQ(OpErrorOf(named)->syscall, "connect");
    EXPECT_EQ(OpErrorOf(named)->text, Text(named));
    EXPECT_EQ(OpErrorOf(named)->op, "");
  }
}

TEST(ErrnoStatus, ZeroIsOk) {
  EXPECT_TRUE(ErrnoStatus(0).ok());
  EXPECT_TRUE(ErrnoStatus(0, "read").ok());
}

// Go's texts and the libc's are one list but for the first letter.
TEST(ErrnoStatus, AllErrnosHaveTheKernelsText) {
  for (int err = 1; err <= 133; ++err) {
    const char* libc = strerrordesc_np(err);
    if (libc == nullptr) continue;
    const std::string text = Text(ErrnoStatus(err));
    EXPECT_STRCASEEQ(text.c_str(), libc);
    EXPECT_EQ(text.substr(1), libc + 1);
    EXPECT_FALSE(isupper(text[0]) && islower(text[1])) << text;
    EXPECT_FALSE(ErrnoStatus(err).ok()) << text;
  }
}

TEST(ErrnoStatus, TimeoutAndTemporary) {
  const std::set<int> kTimeouts = {EAGAIN, EWOULDBLOCK, ETIMEDOUT};
  const std::set<int> kTemporary = {EAGAIN, ETIMEDOUT, EINTR, EMFILE, ENFILE};
  const std::set<int> kTemporaryOnAccept = {ECONNRESET, ECONNABORTED};
  for (int err = 1; err <= 133; ++err) {
    const absl::Status status = ErrnoStatus(err, "x");
    EXPECT_EQ(IsTimeout(status), kTimeouts.contains(err)) << status;
    EXPECT_EQ(IsTemporary(status), kTemporary.contains(err)) << status;
    EXPECT_FALSE(IsClosed(status)) << status;
    const absl::Status read = MakeOpError("read", "tcp", "a", "b", status);
    EXPECT_EQ(IsTimeout(read), kTimeouts.contains(err)) << read;
    EXPECT_EQ(IsTemporary(read), kTemporary.contains(err)) << read;
    const absl::Status accept = MakeOpError("accept", "tcp", "", "b", status);
    EXPECT_EQ(IsTimeout(accept), kTimeouts.contains(err)) << accept;
    EXPECT_EQ(IsTemporary(accept),
              kTemporary.contains(err) || kTemporaryOnAccept.contains(err))
        << accept;
  }
}

TEST(MakeOpError, Text) {
  const absl::Status inner = ErrnoStatus(ECONNRESET, "read");
  const struct {
    const char *op, *net, *source, *addr, *text;
  } kCases[] = {
      {"read", "tcp", "1.2.3.4:5", "[::1]:6", "read tcp 1.2.3.4:5->[::1]:6: "},
      {"dial", "tcp", "", "127.0.0.1:1", "dial tcp 127.0.0.1:1: "},
      {"write", "unix", "@a", "", "write unix @a: "},
      {"listen", "tcp", "", "", "listen tcp: "},
      {"close", "", "", "", "close: "},
      {"accept", "", "a", "b", "accept a->b: "},
      {"", "tcp", "", "", "tcp: "},
      {"", "", "", "", ""},
  };
  for (const auto& c : kCases) {
    const absl::Status status =
        MakeOpError(c.op, c.net, c.source, c.addr, inner);
    EXPECT_EQ(Text(status), c.text + Text(inner));
    EXPECT_EQ(status.code(), inner.code());
    const std::optional<OpError> error = OpErrorOf(status);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->op, c.op);
    EXPECT_EQ(error->net, c.net);
    EXPECT_EQ(error->source, c.source);
    EXPECT_EQ(error->addr, c.addr);
    EXPECT_EQ(error->syscall, "read");
    EXPECT_EQ(error->err, ECONNRESET);
    EXPECT_EQ(error->text, "read: connection reset by peer");
  }
}

TEST(MakeOpError, TheWordsOfTheManual) {
  EXPECT_EQ(Text(MakeOpError("dial", "tcp", "", "127.0.0.1:1",
                             ErrnoStatus(ECONNREFUSED, "connect"))),
            "dial tcp 127.0.0.1:1: connect: connection refused");
  EXPECT_EQ(Text(MakeOpError("read", "tcp", "127.0.0.1:41234",
                             "127.0.0.1:40001", ErrDeadlineExceeded())),
            "read tcp 127.0.0.1:41234->127.0.0.1:40001: i/o timeout");
  EXPECT_EQ(Text(MakeOpError("accept", "tcp", "", "[::]:80", ErrNetClosing())),
            "accept tcp [::]:80: use of closed network connection");
  EXPECT_EQ(Text(MakeOpError("listen", "tcp", "", "",
                             ErrAddr("99999", "invalid port"))),
            "listen tcp: address 99999: invalid port");
}

TEST(MakeOpError, OkStaysOk) {
  EXPECT_TRUE(MakeOpError("read", "tcp", "", "", absl::OkStatus()).ok());
}

TEST(MakeOpError, PredicatesSeeThroughNesting) {
  absl::Status closed = ErrNetClosing();
  absl::Status file = ErrFileClosing();
  absl::Status timeout = ErrDeadlineExceeded();
  absl::Status refused = ErrnoStatus(ECONNREFUSED, "connect");
  absl::Status aborted = MakeOpError("accept", "tcp", "", "",
                                     ErrnoStatus(ECONNABORTED, "accept4"));
  for (int depth = 0; depth < 4; ++depth) {
    EXPECT_TRUE(IsClosed(closed) && IsClosed(file));
    EXPECT_FALSE(IsTimeout(closed) || IsTemporary(closed));
    EXPECT_EQ(closed.code(), Code::kFailedPrecondition);
    EXPECT_TRUE(IsTimeout(timeout) && IsTemporary(timeout));
    EXPECT_FALSE(IsClosed(timeout));
    EXPECT_EQ(timeout.code(), Code::kDeadlineExceeded);
    EXPECT_EQ(ErrnoOf(timeout), 0);
    EXPECT_EQ(ErrnoOf(refused), ECONNREFUSED);
    EXPECT_FALSE(IsTimeout(refused) || IsTemporary(refused));
    EXPECT_TRUE(IsTemporary(aborted));
    EXPECT_FALSE(IsTimeout(aborted));
    for (absl::Status* s : {&closed, &file, &timeout, &refused, &aborted}) {
      *s = MakeOpError("read", "tcp", "a", "b", *s);
    }
  }
  EXPECT_EQ(OpErrorOf(MakeOpError("proxy", "", "", "", refused))->text,
            Text(refused));
}

TEST(MakeOpError, ForeignStatuses) {
  const absl::Status missing = absl::NotFoundError("lookup x: no such host");
  EXPECT_FALSE(OpErrorOf(missing).has_value());
  EXPECT_EQ(ErrnoOf(missing), 0);
  const absl::Status dial = MakeOpError("dial", "tcp", "", "", missing);
  EXPECT_EQ(dial.code(), Code::kNotFound);
  EXPECT_EQ(OpErrorOf(dial)->text, "lookup x: no such host");

  // Go: context.DeadlineExceeded is a timeout and temporary.
  const absl::Status late = absl::DeadlineExceededError("late");
  EXPECT_TRUE(IsTimeout(late) && IsTemporary(late));
  const absl::Status wrapped = MakeOpError("dial", "tcp", "", "", late);
  EXPECT_TRUE(IsTimeout(wrapped) && IsTemporary(wrapped));
  EXPECT_FALSE(IsTimeout(absl::CancelledError("x")));
  EXPECT_FALSE(IsTimeout(absl::OkStatus()) || IsTemporary(absl::OkStatus()) ||
               IsClosed(absl::OkStatus()));
  EXPECT_FALSE(OpErrorOf(absl::OkStatus()).has_value());

  // Other payloads travel with it.
  absl::Status tagged = absl::UnknownError("boom");
  tagged.SetPayload("example.com/tag", absl::Cord("7"));
  const absl::Status read = MakeOpError("read", "tcp", "", "", tagged);
  const auto payload = read.GetPayload("example.com/tag");
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(*payload, "7");
}

TEST(OpErrorOf, TextSurvivesWordsInFront) {
  const absl::Status status =
      MakeOpError("read", "tcp", "a", "b", ErrNetClosing());
  absl::Status annotated(status.code(), "backend 3: " + Text(status));
  status.ForEachPayload(
      [&annotated](absl::string_view url, const absl::Cord& payload) {
        annotated.SetPayload(url, payload);
      });
  EXPECT_EQ(OpErrorOf(annotated)->text, "use of closed network connection");
  EXPECT_TRUE(IsClosed(annotated));
}

TEST(OpErrorOf, HostileFields) {
  const std::string kFields[] = {"a;closed;b=1%",
                                 "%25",
                                 "%3B;%",
                                 "op=x;net=y;timeout",
                                 "=",
                                 ";;;",
                                 std::string("\0/run/x\0;", 9),
                                 std::string(100000, ';')};
  for (const std::string& field : kFields) {
    const absl::Status inner = absl::UnknownError(field);
    const absl::Status status = MakeOpError(field, field, field, field, inner);
    const std::optional<OpError> error = OpErrorOf(status);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->op, field);
    EXPECT_EQ(error->net, field);
    EXPECT_EQ(error->source, field);
    EXPECT_EQ(error->addr, field);
    EXPECT_EQ(error->text, field);
    EXPECT_FALSE(error->closed || error->timeout || error->temporary);
    EXPECT_EQ(OpErrorOf(ErrnoStatus(EIO, field))->syscall, field);
  }
}

// Somebody else's bytes under our URL must not do harm.
TEST(OpErrorOf, HostilePayload) {
  const std::string kPayloads[] = {"",
                                   "errno=",
                                   "errno=x",
                                   "errno=99999999999999999999",
                                   "=;=;;",
                                   "op",
                                   "timeout=no",
                                   std::string("\xff\0\x01;op=", 7),
                                   std::string(1 << 20, '%'),
                                   "errno=-5;%;%2;%3B"};
  for (const std::string& payload : kPayloads) {
    absl::Status status = absl::UnknownError("x");
    status.SetPayload("parkour.dev/error", absl::Cord(payload));
    ASSERT_TRUE(OpErrorOf(status).has_value());
    ErrnoOf(status);
    IsTimeout(status);
    EXPECT_EQ(OpErrorOf(MakeOpError("a", "b", "c", "d", status))->text, "x");
  }
}

TEST(Constants, CodesAndTexts) {
  const struct {
    absl::Status status;
    Code code;
    const char* text;
    bool closed, timeout;
  } kCases[] = {
      {ErrNetClosing(), Code::kFailedPrecondition,
       "use of closed network connection", true, false},
      {ErrFileClosing(), Code::kFailedPrecondition, "use of closed file", true,
       false},
      {ErrDeadlineExceeded(), Code::kDeadlineExceeded, "i/o timeout", false,
       true},
      {ErrNotPollable(), Code::kFailedPrecondition, "not pollable", false,
       false},
      {ErrUnknownNetwork("tcp5"), Code::kInvalidArgument,
       "unknown network tcp5", false, false},
      {ErrUnknownNetwork(""), Code::kInvalidArgument, "unknown network ", false,
       false},
      {ErrAddr("[::1", "missing ']' in address"), Code::kInvalidArgument,
       "address [::1: missing ']' in address", false, false},
      {ErrAddr("", "missing port in address"), Code::kInvalidArgument,
       "missing port in address", false, false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Text(c.status), c.text);
    EXPECT_EQ(c.status.code(), c.code) << c.text;
    EXPECT_EQ(IsClosed(c.status), c.closed) << c.text;
    EXPECT_EQ(IsTimeout(c.status), c.timeout) << c.text;
    EXPECT_EQ(IsTemporary(c.status), c.timeout) << c.text;
    EXPECT_EQ(ErrnoOf(c.status), 0) << c.text;
  }
  EXPECT_EQ(ErrNetClosing(), ErrNetClosing());
  EXPECT_NE(ErrNetClosing(), ErrFileClosing());
}

TEST(ToString, PayloadIsReadable) {
  EXPECT_EQ(MakeOpError("dial", "tcp", "", "127.0.0.1:1",
                        ErrnoStatus(ECONNREFUSED, "connect"))
                .ToString(),
            "UNAVAILABLE: dial tcp 127.0.0.1:1: connect: connection refused "
            "[parkour.dev/error='op=dial;net=tcp;addr=127.0.0.1:1;"
            "syscall=connect;errno=111']");
}

}  // namespace
}  // namespace parkour::base
