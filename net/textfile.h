// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// textfile.h: files of /etc: lines of fields, '#' starts a comment.

#ifndef PARKOUR_NET_TEXTFILE_H_
#define PARKOUR_NET_TEXTFILE_H_

#include <string>
#include <string_view>
#include <vector>

namespace parkour::net {

// Calls fn(fields) for each line of `text` that has any; they are separated by
// blanks and tabs.
template <typename F>
void ForEachLine(std::string_view text, F&& fn) {
  constexpr std::string_view kBlank = " \t\r";
  std::vector<std::string_view> fields;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline < text.size() ? newline + 1 : text.size());
    line = line.substr(0, line.find('#'));
    fields.clear();
    for (;;) {
      const size_t begin = line.find_first_not_of(kBlank);
      if (begin == std::string_view::npos) break;
      line.remove_prefix(begin);
      const std::string_view field = line.substr(0, line.find_first_of(kBlank));
      fields.push_back(field);
      line.remove_prefix(field.size());
    }
    if (!fields.empty()) fn(fields);
  }
}

// A whole file of at most 16 MiB: 0, or -errno. Blocks the thread as a file
// does.
int ReadTextFile(const std::string& path, std::string* text);

}  // namespace parkour::net

#endif  // PARKOUR_NET_TEXTFILE_H_
