// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Buffered reading, in whatever pieces the text comes: against the same text in
// one piece.

#include "parkour/io/io.h"
// The macro EOF is gone from here on.

#include <algorithm>
#include <string>
#include <vector>

#include "parkour/bufio/bufio.h"
#include "parkour/bufio/utf8.h"
#include "parkour/tests/fuzz/fragments.h"
#include "parkour/tests/fuzz/target.h"

namespace parkour::tests {

const char kFuzzCorpus[] = "buffered";
const char kFuzzTokens[] =
    "\n \r\n \r \xef\xbf\xbd \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 "
    "\xed\xa0\x80 "
    "\xc0\x80 \xff aaaaaaaaaaaaaaaaaaaaaaaaa";

namespace {

// ---- Scanner ----

std::vector<std::string> Tokens(std::string_view text, Choices* choices,
                                const bufio::SplitFunc& split) {
  Fragments in(text, choices->Below(256), 1 + choices->Below(64));
  bufio::Scanner scanner(in);
  scanner.Buffer({}, text.size() + 16);
  scanner.Split(split);
  std::vector<std::string> tokens;
  while (scanner.Scan()) tokens.emplace_back(scanner.Text());
  Require(scanner.Err().ok(), "a scan of a text that fits ends well");
  return tokens;
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
  }
  return lines;
}

struct Runes {
  std::vector<std::string> each;   // U+FFFD for what is none
  std::vector<std::string> words;  // between white space, as they are
};

Runes RunesOf(std::string_view text) {
  Runes runes;
  bool in_word = false;
  while (!text.empty()) {
    const auto d = bufio::internal::DecodeRune(text);
    Require(d.size >= 1 && d.size <= 4 && d.size <= text.size(),
            "a rune is one to four bytes");
    char utf8[bufio::internal::kUTFMax];
    const size_t n = bufio::internal::EncodeRune(d.rune, utf8);
    const bool valid = std::string_view(utf8, n) == text.substr(0, d.size);
    Require(valid || (d.rune == bufio::internal::kRuneError && d.size == 1),
            "a rune is encoded as it was, or no rune");
    runes.each.emplace_back(utf8, n);
    if (bufio::internal::IsSpace(d.rune)) {
      in_word = false;
    } else {
      if (!in_word) runes.words.emplace_back();
      in_word = true;
      runes.words.back() += text.substr(0, d.size);
    }
    text.remove_prefix(d.size);
  }
  return runes;
}

void Scan(std::string_view text, Choices* choices) {
  const Runes runes = RunesOf(text);
  Require(Tokens(text, choices, bufio::ScanLines) == LinesOf(text), "lines");
  Require(Tokens(text, choices, bufio::ScanWords) == runes.words, "words");
  Require(Tokens(text, choices, bufio::ScanRunes) == runes.each, "runes");
  std::vector<std::string> bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  Require(Tokens(text, choices, bufio::ScanBytes) == bytes, "bytes");
}

// ---- Reader ----

// Reads a text by chance in all ways, and knows what must come.
class Walk {
 public:
  Walk(std::string_view text, Choices* choices)
      : text_(text),
        choices_(choices),
        in_(text, choices->Below(256), 1 + choices->Below(64)),
        reader_(in_, 16 + choices->Below(48)) {}

  void Run() {
    while (at_ < text_.size()) {
      const size_t before = at_;
      // The numbers run out before the text does: lines then.
      switch (choices_->empty() ? 0 : choices_->Below(8)) {
        case 0:
          Line();
          break;
        case 1:
          Byte();
          break;
        case 2:
          Peek(choices_->Below(40));
          break;
        case 3:
          Discard(choices_->Below(40));
          break;
        case 4:
          Delimited();
          break;
        case 5:
          Slice();
          break;
        case 6:
          Rune();
          break;
        default:
          Some(1 + choices_->Below(40));
      }
      Require(at_ >= before, "reading goes forward");
    }
    Require(io::IsEOF(reader_.ReadByte().status()), "then comes the end");
  }

 private:
  std::string_view Rest() const { return text_.substr(at_); }

  void Line() {
    std::string line;
    for (;;) {
      const auto part = reader_.ReadLine();
      // A last line that fills the buffer is a prefix of nothing more.
      if (!line.empty() && io::IsEOF(part.err)) break;
      Require(part.ok(), "there is a line");
      line += part.line;
      if (!part.is_prefix) break;
    }
    const size_t end = Rest().find('\n');
    std::string_view want = Rest().substr(0, end);
    at_ += end == text_.npos ? want.size() : end + 1;
    // Without an end the '\r' stays.
    if (end != text_.npos && want.ends_with('\r')) want.remove_suffix(1);
    Require(line == want, "ReadLine");
  }

  void Byte() {
    for (int i = 0; i < 2; ++i) {
      const auto c = reader_.ReadByte();
      Require(c.ok() && *c == text_[at_], "ReadByte");
      if (i == 0) Require(reader_.UnreadByte().ok(), "UnreadByte");
    }
    ++at_;
  }

  void Rune() {
    const auto want = bufio::internal::DecodeRune(Rest());
    const auto got = reader_.ReadRune();
    Require(got.ok() && got.rune == want.rune && got.size == want.size,
            "ReadRune");
    at_ += got.size;
  }

  void Peek(size_t n) {
    const auto got = reader_.Peek(static_cast<int64_t>(n));
    Require(Rest().substr(0, got.data.size()) == got.data, "Peek");
    const bool fits = n <= reader_.Size() && n <= Rest().size();
    Require(got.data.size() == std::min({n, Rest().size(), reader_.Size()}),
            "Peek's size");
    Require(got.ok() == fits, "Peek's error");
  }

  void Discard(size_t n) {
    const io::Result got = reader_.Discard(static_cast<int64_t>(n));
    Require(got.n == std::min(n, Rest().size()), "Discard");
    Require(got.ok() == (got.n == n), "Discard's error");
    at_ += got.n;
  }

  void Delimited() {
    const auto got = reader_.ReadString('\n');
    const size_t end = Rest().find('\n');
    const std::string_view want =
        Rest().substr(0, end == text_.npos ? end : end + 1);
    Require(got.data == want, "ReadString");
    Require(got.ok() == (end != text_.npos), "ReadString's error");
    at_ += want.size();
  }

  void Slice() {
    const auto got = reader_.ReadSlice('\n');
    Require(Rest().substr(0, got.data.size()) == got.data, "ReadSlice");
    Require(got.ok() == got.data.ends_with('\n'), "ReadSlice's error");
    Require(got.ok() || got.data.size() == reader_.Size() ||
                got.data.size() == Rest().size(),
            "ReadSlice stops for a reason");
    at_ += got.data.size();
  }

  void Some(size_t n) {
    std::string buf(n, '\0');
    const io::Result got = reader_.Read(buf);
    Require(got.n <= n && Rest().substr(0, got.n) ==
                              std::string_view(buf).substr(0, got.n),
            "Read");
    at_ += got.n;
  }

  const std::string_view text_;
  Choices* const choices_;
  Fragments in_;
  bufio::Reader reader_;
  size_t at_ = 0;
};

}  // namespace

// The first bytes are choices, the rest is the text.
void FuzzOne(std::string_view input) {
  const size_t n = std::min<size_t>(input.size() / 2, 64);
  Choices choices(input.substr(0, n));
  const std::string_view text = input.substr(n);
  Scan(text, &choices);
  Choices again(input.substr(0, n));
  Walk(text, &again).Run();
}

}  // namespace parkour::tests
