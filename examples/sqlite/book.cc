// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "book.h"

#include "parkour/runtime/syscall.h"
#include "parkour/sync/scoped_lock.h"

using namespace parkour;

absl::Status Book::Open(const std::string& file) {
  sync::MutexLock lock(&mu_);
  const int opened =
      runtime::Blocking([&] { return sqlite3_open(file.c_str(), &db_); });
  if (opened != SQLITE_OK) return absl::InternalError(sqlite3_errmsg(db_));
  return Run("CREATE TABLE IF NOT EXISTS book (line TEXT)", "").status();
}

absl::StatusOr<int64_t> Book::Add(const std::string& line) {
  sync::MutexLock lock(&mu_);
  if (auto added = Run("INSERT INTO book VALUES (?)", line); !added.ok()) {
    return added;
  }
  return Run("SELECT COUNT(*) FROM book", "");
}

// The first column of the first row, if there is one.
absl::StatusOr<int64_t> Book::Run(const char* sql, const std::string& value) {
  int64_t result = 0;
  // SQLite blocks the thread: its processor may go to the others meanwhile.
  // Until the end of this function nothing of Parkour may be called.
  const int code = runtime::Blocking([&] {
    sqlite3_stmt* stmt = nullptr;
    const int prepared = sqlite3_prepare_v2(db_, sql, -1, &stmt, nullptr);
    if (prepared != SQLITE_OK) return prepared;
    sqlite3_bind_text(stmt, 1, value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
      result = sqlite3_column_int64(stmt, 0);
    }
    return sqlite3_finalize(stmt);
  });
  if (code != SQLITE_OK) return absl::InternalError(sqlite3_errmsg(db_));
  return result;
}
