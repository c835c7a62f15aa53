// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// file.h: files, as far as connections have to do with them.
//
//   absl::StatusOr<net::File> page = net::OpenFile(path);
//   if (!page.ok()) return page.status();
//   io::Result sent = io::Copy(conn, *page);      // sendfile
//
//   absl::StatusOr<net::File> dup = listener->File();  // to hand to another
//   absl::StatusOr<net::Listener> ln = net::FileListener(*dup);
//
// A File is a handle: copies share one descriptor, methods are const; the last
// to go closes it. A default-constructed one is Go's nil.
//
// FileConn, FileListener and FilePacketConn make a connection of somebody
// else's socket: of a duplicate, so that the File is still to be closed. TCP
// gets TCP_NODELAY and keep-alive, as dialled connections have.
// Errors: "file file+net NAME: ...".
//
// Fd leaves the descriptor non-blocking, unlike Go's: blocking belongs to the
// description, which the connection shares.
//
// Blocking: Read and Write block the thread, for as long as the disk or, of a
//           connection's File, the peer takes, and give its P away meanwhile.
//           Close does not end them.
// Thread-safety: all methods; the number is closed when the last call that uses
//           it has ended.
// See:      Go: src/net/file.go, os.File

#ifndef PARKOUR_NET_FILE_H_
#define PARKOUR_NET_FILE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/io/io.h"
#include "parkour/net/conn.h"

namespace parkour::poll {
class FD;
}  // namespace parkour::poll

namespace parkour::net {

class File {
 public:
  File() = default;
  // Takes over a descriptor. Go: os.NewFile.
  File(int fd, std::string_view name);

  io::Result Read(std::span<char> buf) const;
  io::Result Write(std::string_view data) const;
  // `whence`: io::SeekStart and its kin.
  absl::StatusOr<int64_t> Seek(int64_t offset, int whence) const;
  // Once; then "close NAME: use of closed file".
  absl::Status Close() const;

  // The descriptor, which stays the File's; -1 after Close.
  int Fd() const;
  std::string Name() const;

  explicit operator bool() const { return impl_ != nullptr; }
  friend bool operator==(const File&, const File&) = default;

  // For this room: a duplicate or -errno; sendfile (poll::FD::SendFileFrom).
  int Dup() const;
  int SendTo(poll::FD* socket, int64_t max, int64_t* written,
             bool* handled) const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

// For reading. Go: os.Open.
absl::StatusOr<File> OpenFile(const std::string& path);

// Go: net.FileConn, net.FileListener, net.FilePacketConn.
absl::StatusOr<Conn> FileConn(const File& file);
absl::StatusOr<Listener> FileListener(const File& file);
absl::StatusOr<PacketConn> FilePacketConn(const File& file);

}  // namespace parkour::net

#endif  // PARKOUR_NET_FILE_H_
