// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The payload is text, since absl::Status::ToString prints it:
//
//   op=dial;net=tcp;addr=127.0.0.1:1;syscall=connect;errno=111
//
// Fields at their default are left out; '%' and ';' in a value are written as
// %25 and %3B. OpError::text is not stored: it is what follows the prefix
// that the other fields spell.

#include "parkour/base/error.h"

#include <errno.h>
#include <string.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace parkour::base {
namespace {

constexpr absl::string_view kTypeUrl = "parkour.dev/error";

struct ErrnoEntry {
  int err;
  absl::StatusCode code;
  std::string_view text;
};

// The errnos that network and file code meets, by subject. The texts are those
// of Go on Linux; they are kept here so that they do not depend on the libc.
constexpr ErrnoEntry kErrnos[] = {
    // The peer, and the way to it.
    {ECONNREFUSED, absl::StatusCode::kUnavailable, "connection refused"},
    {ECONNRESET, absl::StatusCode::kUnavailable, "connection reset by peer"},
    {ECONNABORTED, absl::StatusCode::kUnavailable,
     "software caused connection abort"},
    {EPIPE, absl::StatusCode::kUnavailable, "broken pipe"},
    {ENETDOWN, absl::StatusCode::kUnavailable, "network is down"},
    {ENETUNREACH, absl::StatusCode::kUnavailable, "network is unreachable"},
    {ENETRESET, absl::StatusCode::kUnavailable,
     "network dropped connection on reset"},
    {EHOSTDOWN, absl::StatusCode::kUnavailable, "host is down"},
    {EHOSTUNREACH, absl::StatusCode::kUnavailable, "no route to host"},
    {EPROTO, absl::StatusCode::kUnavailable, "protocol error"},
    {ETIMEDOUT, absl::StatusCode::kDeadlineExceeded, "connection timed out"},
    // Addresses. Dialling with all local ports taken gives EADDRNOTAVAIL, as
    // does listening on an address whose interface is not up yet: later, it
    // may work.
    {EADDRINUSE, absl::StatusCode::kAlreadyExists, "address already in use"},
    {EADDRNOTAVAIL, absl::StatusCode::kUnavailable,
     "cannot assign requested address"},
    {EDESTADDRREQ, absl::StatusCode::kInvalidArgument,
     "destination address required"},
    {ENAMETOOLONG, absl::StatusCode::kInvalidArgument, "file name too long"},
    // Not now.
    {EAGAIN, absl::StatusCode::kUnavailable,
     "resource temporarily unavailable"},
    {EINTR, absl::StatusCode::kUnavailable, "interrupted system call"},
    {EBUSY, absl::StatusCode::kUnavailable, "device or resource busy"},
    {EALREADY, absl::StatusCode::kFailedPrecondition,
     "operation already in progress"},
    {EINPROGRESS, absl::StatusCode::kFailedPrecondition,
     "operation now in progress"},
    {ECANCELED, absl::StatusCode::kCancelled, "operation canceled"},
    // Something has run out.
    {EMFILE, absl::StatusCode::kResourceExhausted, "too many open files"},
    {ENFILE, absl::StatusCode::kResourceExhausted,
     "too many open files in system"},
    {ENOBUFS, absl::StatusCode::kResourceExhausted,
     "no buffer space available"},
    {ENOMEM, absl::StatusCode::kResourceExhausted, "cannot allocate memory"},
    {ENOSPC, absl::StatusCode::kResourceExhausted, "no space left on device"},
    {EDQUOT, absl::StatusCode::kResourceExhausted, "disk quota exceeded"},
    // Not allowed, not there, there already.
    {EACCES, absl::StatusCode::kPermissionDenied, "permission denied"},
    {EPERM, absl::StatusCode::kPermissionDenied, "operation not permitted"},
    {EROFS, absl::StatusCode::kPermissionDenied, "read-only file system"},
    {ENOENT, absl::StatusCode::kNotFound, "no such file or directory"},
    {ENXIO, absl::StatusCode::kNotFound, "no such device or address"},
    {ENODEV, absl::StatusCode::kNotFound, "no such device"},
    {EEXIST, absl::StatusCode::kAlreadyExists, "file exists"},
    // The descriptor is not in the right state.
    {EBADF, absl::StatusCode::kFailedPrecondition, "bad file descriptor"},
    {ENOTCONN, absl::StatusCode::kFailedPrecondition,
     "transport endpoint is not connected"},
    {EISCONN, absl::StatusCode::kFailedPrecondition,
     "transport endpoint is already connected"},
    {ESHUTDOWN, absl::StatusCode::kFailedPrecondition,
     "cannot send after transport endpoint shutdown"},
    {ENOTDIR, absl::StatusCode::kFailedPrecondition, "not a directory"},
    {EISDIR, absl::StatusCode::kFailedPrecondition, "is a directory"},
    // Wrong arguments.
    {EINVAL, absl::StatusCode::kInvalidArgument, "invalid argument"},
    {EFAULT, absl::StatusCode::kInvalidArgument, "bad address"},
    {EMSGSIZE, absl::StatusCode::kInvalidArgument, "message too long"},
    {ENOTSOCK, absl::StatusCode::kInvalidArgument,
     "socket operation on non-socket"},
    {EPROTOTYPE, absl::StatusCode::kInvalidArgument,
     "protocol wrong type for socket"},
    {ENOPROTOOPT, absl::StatusCode::kInvalidArgument, "protocol not available"},
    {ESPIPE, absl::StatusCode::kInvalidArgument, "illegal seek"},
    {EFBIG, absl::StatusCode::kOutOfRange, "file too large"},
    // The kernel cannot do it.
    {ENOSYS, absl::StatusCode::kUnimplemented, "function not implemented"},
    {EOPNOTSUPP, absl::StatusCode::kUnimplemented, "operation not supported"},
    {EPROTONOSUPPORT, absl::StatusCode::kUnimplemented,
     "protocol not supported"},
    {ESOCKTNOSUPPORT, absl::StatusCode::kUnimplemented,
     "socket type not supported"},
    {EPFNOSUPPORT, absl::StatusCode::kUnimplemented,
     "protocol family not supported"},
    {EAFNOSUPPORT, absl::StatusCode::kUnimplemented,
     "address family not supported by protocol"},
    // The kernel failed.
    {EIO, absl::StatusCode::kInternal, "input/output error"},
};

const ErrnoEntry* FindErrno(int err) {
  for (const ErrnoEntry& entry : kErrnos) {
    if (entry.err == err) return &entry;
  }
  return nullptr;
}

bool IsLower(char c) { return 'a' <= c && c <= 'z'; }
bool IsUpper(char c) { return 'A' <= c && c <= 'Z'; }

// The libc's untranslated text in Go's spelling: a capital at the start becomes
// small, unless it begins an abbreviation ("RFS specific error").
std::string OtherErrnoText(int err) {
  const char* description = strerrordesc_np(err);
  if (description == nullptr) return "errno " + std::to_string(err);
  std::string text = description;
  if (text.size() > 1 && IsUpper(text[0]) && IsLower(text[1])) {
    text[0] += 'a' - 'A';
  }
  return text;
}

// Go: syscall_unix.go:Errno.Timeout, Errno.Temporary.
bool IsTimeoutErrno(int err) {
  return err == EAGAIN || err == EWOULDBLOCK || err == ETIMEDOUT;
}

bool IsTemporaryErrno(int err) {
  return err == EINTR || err == EMFILE || err == ENFILE || IsTimeoutErrno(err);
}

absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }

std::string_view ToStd(absl::string_view s) { return {s.data(), s.size()}; }

absl::Status MakeStatus(absl::StatusCode code, std::string_view text) {
  return absl::Status(code, ToAbsl(text));
}

void PutKey(std::string_view key, std::string* out) {
  if (!out->empty()) *out += ';';
  *out += key;
}

void PutString(std::string_view key, std::string_view value, std::string* out) {
  if (value.empty()) return;
  PutKey(key, out);
  *out += '=';
  for (const char c : value) {
    if (c == '%') {
      *out += "%25";
    } else if (c == ';') {
      *out += "%3B";
    } else {
      *out += c;
    }
  }
}

void PutFlag(std::string_view key, bool value, std::string* out) {
  if (value) PutKey(key, out);
}

std::string Unescape(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (size_t i = 0; i < value.size(); ++i) {
    if (value.substr(i, 3) == "%25") {
      out += '%';
      i += 2;
    } else if (value.substr(i, 3) == "%3B") {
      out += ';';
      i += 2;
    } else {
      out += value[i];
    }
  }
  return out;
}

std::string Encode(const OpError& error) {
  std::string out;
  PutString("op", error.op, &out);
  PutString("net", error.net, &out);
  PutString("source", error.source, &out);
  PutString("addr", error.addr, &out);
  PutString("syscall", error.syscall, &out);
  if (error.err != 0) PutString("errno", std::to_string(error.err), &out);
  PutFlag("timeout", error.timeout, &out);
  PutFlag("temporary", error.temporary, &out);
  PutFlag("closed", error.closed, &out);
  return out;
}

void DecodeField(std::string_view key, std::string_view value, OpError* error) {
  if (key == "op") error->op = Unescape(value);
  if (key == "net") error->net = Unescape(value);
  if (key == "source") error->source = Unescape(value);
  if (key == "addr") error->addr = Unescape(value);
  if (key == "syscall") error->syscall = Unescape(value);
  if (key == "errno") {
    std::from_chars(value.data(), value.data() + value.size(), error->err);
  }
  if (key == "timeout") error->timeout = true;
  if (key == "temporary") error->temporary = true;
  if (key == "closed") error->closed = true;
}

// All fields but `text`. Anyone can set a payload under our URL, so nothing in
// it is an error: what is not understood is skipped.
std::optional<OpError> Decode(const absl::Status& status) {
  const auto payload = status.GetPayload(kTypeUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string encoded(*payload);
  OpError error;
  std::string_view rest = encoded;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view field = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const size_t key_end = std::min(field.find('='), field.size());
    DecodeField(field.substr(0, key_end),
                field.substr(std::min(key_end + 1, field.size())), &error);
  }
  return error;
}

// The same for any status: one without payload is judged by its code.
OpError Describe(const absl::Status& status) {
  if (std::optional<OpError> error = Decode(status)) return *std::move(error);
  const bool timeout = absl::IsDeadlineExceeded(status);
  return {.timeout = timeout, .temporary = timeout};
}

// "op net source->addr: ". Go: net.go:OpError.Error.
std::string Prefix(std::string_view op, std::string_view net,
                   std::string_view source, std::string_view addr) {
  std::string out(op);
  const auto append_word = [&out](std::string_view word) {
    if (word.empty()) return;
    if (!out.empty()) out += ' ';
    out += word;
  };
  append_word(net);
  append_word(source);
  if (!source.empty() && !addr.empty()) {
    out += "->";
    out += addr;
  } else {
    append_word(addr);
  }
  if (!out.empty()) out += ": ";
  return out;
}

void SetError(const OpError& error, absl::Status* status) {
  status->SetPayload(kTypeUrl, absl::Cord(Encode(error)));
}

absl::Status MakeFlagged(absl::StatusCode code, std::string_view text,
                         const OpError& error) {
  absl::Status status = MakeStatus(code, text);
  SetError(error, &status);
  return status;
}

}  // namespace

absl::Status ErrnoStatus(int err, std::string_view syscall) {
  if (err == 0) return absl::OkStatus();
  const ErrnoEntry* entry = FindErrno(err);
  std::string text(syscall);
  if (!text.empty()) text += ": ";
  if (entry != nullptr) {
    text += entry->text;
  } else {
    text += OtherErrnoText(err);
  }
  OpError error;
  error.syscall = syscall;
  error.err = err;
  error.timeout = IsTimeoutErrno(err);
  error.temporary = IsTemporaryErrno(err);
  return MakeFlagged(
      entry != nullptr ? entry->code : absl::ErrnoToStatusCode(err), text,
      error);
}

absl::Status MakeOpError(std::string_view op, std::string_view net,
                         std::string_view source, std::string_view addr,
                         const absl::Status& inner) {
  if (inner.ok()) return inner;
  OpError error = Describe(inner);
  // Go: net.go:OpError.Temporary. A connection that died in the queue is
  // no fault of the listener's.
  if (op == "accept" &&
      (error.err == ECONNRESET || error.err == ECONNABORTED)) {
    error.temporary = true;
  }
  error.op = op;
  error.net = net;
  error.source = source;
  error.addr = addr;

  std::string text = Prefix(op, net, source, addr);
  text += ToStd(inner.message());
  absl::Status status = MakeStatus(inner.code(), text);
  inner.ForEachPayload(
      [&status](absl::string_view url, const absl::Cord& payload) {
        status.SetPayload(url, payload);
      });
  SetError(error, &status);
  return status;
}

std::optional<OpError> OpErrorOf(const absl::Status& status) {
  std::optional<OpError> error = Decode(status);
  if (!error.has_value()) return std::nullopt;
  error->text = ToStd(status.message());
  // A caller may have put its own words in front of the message.
  const std::string prefix =
      Prefix(error->op, error->net, error->source, error->addr);
  const size_t at = error->text.find(prefix);
  if (at != std::string::npos) error->text.erase(0, at + prefix.size());
  return error;
}

int ErrnoOf(const absl::Status& status) { return Describe(status).err; }

bool IsTimeout(const absl::Status& status) { return Describe(status).timeout; }

bool IsTemporary(const absl::Status& status) {
  return Describe(status).temporary;
}

bool IsClosed(const absl::Status& status) { return Describe(status).closed; }

// The constants are made once and never destroyed: goroutines may still fail
// while the process exits.

absl::Status ErrNetClosing() {
  static const absl::Status& status = *new absl::Status(
      MakeFlagged(absl::StatusCode::kFailedPrecondition,
                  "use of closed network connection", OpError{.closed = true}));
  return status;
}

absl::Status ErrFileClosing() {
  static const absl::Status& status = *new absl::Status(
      MakeFlagged(absl::StatusCode::kFailedPrecondition, "use of closed file",
                  OpError{.closed = true}));
  return status;
}

absl::Status ErrDeadlineExceeded() {
  static const absl::Status& status = *new absl::Status(
      MakeFlagged(absl::StatusCode::kDeadlineExceeded, "i/o timeout",
                  OpError{.timeout = true, .temporary = true}));
  return status;
}

absl::Status ErrCanceled() {
  return MakeStatus(absl::StatusCode::kCancelled, "operation was canceled");
}

absl::Status ErrWriteToConnected() {
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "use of WriteTo with pre-connected connection");
}

absl::Status ErrMissingAddress() {
  return MakeStatus(absl::StatusCode::kInvalidArgument, "missing address");
}

absl::Status ErrNotPollable() {
  static const absl::Status& status = *new absl::Status(
      MakeStatus(absl::StatusCode::kFailedPrecondition, "not pollable"));
  return status;
}

absl::Status ErrUnknownNetwork(std::string_view net) {
  std::string text = "unknown network ";
  text += net;
  return MakeStatus(absl::StatusCode::kInvalidArgument, text);
}

absl::Status ErrFlagged(absl::StatusCode code, std::string_view text,
                        bool timeout, bool temporary) {
  return MakeFlagged(code, text,
                     OpError{.timeout = timeout, .temporary = temporary});
}

absl::Status ErrAddr(std::string_view addr, std::string_view why) {
  std::string text;
  if (!addr.empty()) {
    text += "address ";
    text += addr;
    text += ": ";
  }
  text += why;
  return MakeStatus(absl::StatusCode::kInvalidArgument, text);
}

}  // namespace parkour::base
