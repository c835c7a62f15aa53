// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// bytes.h: reads bytes and uvarints of a file, and knows where it is.

#ifndef PARKOUR_TOOLS_PARKTRACE_BYTES_H_
#define PARKOUR_TOOLS_PARKTRACE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace parkour {
namespace parktrace {

class Bytes {
 public:
  // `offset` is where `data` begins in the file, for messages.
  Bytes(std::string_view data, size_t offset) : data_(data), offset_(offset) {}

  bool empty() const { return at_ == data_.size(); }
  size_t left() const { return data_.size() - at_; }
  size_t at() const { return at_; }
  size_t offset() const { return offset_ + at_; }  // in the file

  bool Byte(uint8_t* value) {
    if (empty()) return false;
    *value = static_cast<uint8_t>(data_[at_++]);
    return true;
  }

  // False at the end of the data, and for what does not fit into 64 bits.
  bool Uvarint(uint64_t* value) {
    uint64_t result = 0;
    for (int i = 0; i < 10; ++i) {
      uint8_t byte;
      if (!Byte(&byte)) return false;
      if (i == 9 && byte > 1) return false;
      result |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        *value = result;
        return true;
      }
    }
    return false;
  }

  bool String(uint64_t size, std::string_view* value) {
    if (size > left()) return false;
    *value = data_.substr(at_, size);
    at_ += size;
    return true;
  }

  // An error at this place.
  template <typename... Text>
  absl::Status Error(const Text&... text) const {
    return absl::InvalidArgumentError(
        absl::StrCat("byte ", offset(), ": ", text...));
  }

 private:
  std::string_view data_;
  size_t offset_;
  size_t at_ = 0;
};

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_BYTES_H_
