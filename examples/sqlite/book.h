// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// book.h: lines of text in an SQLite file.
//
// Blocking: parks while another goroutine uses the database; the thread while
//           SQLite reads and writes.

#ifndef PARKOUR_EXAMPLES_SQLITE_BOOK_H_
#define PARKOUR_EXAMPLES_SQLITE_BOOK_H_

#include <sqlite3.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/sync/mutex.h"

class Book {
 public:
  ~Book() { sqlite3_close(db_); }

  absl::Status Open(const std::string& file);

  // Adds a line and returns how many there are.
  absl::StatusOr<int64_t> Add(const std::string& line);

 private:
  absl::StatusOr<int64_t> Run(const char* sql, const std::string& value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // One connection to the database, one user at a time: who waits parks, where
  // behind a std::mutex a thread would block.
  parkour::sync::Mutex mu_;
  sqlite3* db_ = nullptr;
};

#endif  // PARKOUR_EXAMPLES_SQLITE_BOOK_H_
