// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/ref.h"

#include "parkour/base/check.h"

namespace parkour::io {

namespace internal {

void NilDereference() {
  base::Panic(
      "runtime error: invalid memory address or nil pointer dereference");
}

}  // namespace internal

Result ReaderRef::WriteTo(WriterRef w) const {
  Result result;
  if (!table().write_to(object_, &w, &result)) internal::NilDereference();
  return result;
}

Result WriterRef::ReadFrom(ReaderRef r) const {
  Result result;
  if (!table().read_from(object_, &r, &result)) internal::NilDereference();
  return result;
}

Result WriterRef::WriteString(std::string_view s) const {
  Result result;
  if (table().write_string(object_, &s, &result)) return result;
  return Write(s);
}

}  // namespace parkour::io
