// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/trace_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parkour/tools/parktrace/bytes.h"

namespace parkour {
namespace parktrace {
namespace {

// Far enough from the end of the type that events can still be counted up.
constexpr int64_t kMaxTime = int64_t{1} << 62;

// In doubles, as Go's reader does it; what does not fit stays at the end.
int64_t Nanoseconds(uint64_t ticks, double ns_per_tick) {
  double ns = static_cast<double>(ticks) * ns_per_tick;
  return ns < static_cast<double>(kMaxTime) ? static_cast<int64_t>(ns)
                                            : kMaxTime;
}

EventType FirstType(const Batch& batch) {
  return batch.data.empty()
             ? EventType::kEventBatch
             : static_cast<EventType>(static_cast<uint8_t>(batch.data[0]));
}

// Reads one generation's batches; Finish makes a Generation of them.
class GenerationReader {
 public:
  GenerationReader(uint64_t number, size_t offset) {
    generation_.number = number;
    generation_.offset = offset;
  }

  uint64_t number() const { return generation_.number; }

  absl::Status Add(const Batch& batch);
  absl::StatusOr<Generation> Finish(Symbols* symbols, size_t end);

 private:
  struct RawFrame {
    uint64_t function;
    uint64_t file;
    uint64_t line;
  };
  struct RawStack {
    std::vector<uint64_t> pcs;
    size_t offset;
  };

  absl::Status AddStrings(Bytes in);
  absl::Status AddStacks(Bytes in);
  absl::Status AddFrames(Bytes* in, uint64_t id, RawStack* stack);
  absl::Status AddSamples(Bytes in);
  absl::Status SetFrequency(Bytes in);
  absl::Status ResolveStacks(Symbols* symbols);

  Generation generation_;
  std::unordered_map<uint64_t, size_t> stream_of_;
  std::unordered_map<uint64_t, std::string_view> strings_;
  std::unordered_map<uint64_t, RawStack> stacks_;
  // By pc, in which the first definition wins: inlined functions that share a
  // pc are one frame to Go's tools, and so to us.
  std::unordered_map<uint64_t, RawFrame> frames_;
};

absl::Status GenerationReader::Add(const Batch& batch) {
  Bytes in(batch.data, batch.offset);
  switch (FirstType(batch)) {
    case EventType::kStrings:
      return AddStrings(in);
    case EventType::kStacks:
      return AddStacks(in);
    case EventType::kCPUSamples:
      return AddSamples(in);
    case EventType::kFrequency:
      return SetFrequency(in);
    default:
      break;
  }
  auto [it, is_new] =
      stream_of_.try_emplace(batch.m, generation_.streams.size());
  if (is_new) generation_.streams.push_back({batch.m, {}});
  generation_.streams[it->second].batches.push_back(batch);
  return absl::OkStatus();
}

absl::Status GenerationReader::AddStrings(Bytes in) {
  uint8_t type;
  in.Byte(&type);
  while (!in.empty()) {
    Bytes entry = in;
    uint64_t id = 0, size = 0;
    std::string_view text;
    if (!in.Byte(&type) || type != static_cast<uint8_t>(EventType::kString)) {
      return entry.Error("expected a string, found type ", int{type});
    }
    if (!in.Uvarint(&id)) return in.Error("bad id of a string");
    if (!in.Uvarint(&size)) return in.Error("bad size of string ", id);
    if (size > kMaxStringSize) {
      return entry.Error("string ", id, " has ", size, " bytes; at most ",
                         kMaxStringSize, " are allowed");
    }
    if (!in.String(size, &text)) {
      return in.Error("string ", id, " of ", size,
                      " bytes does not fit into its batch");
    }
    if (id == 0) return entry.Error("string 0 is the empty one, always");
    if (!strings_.emplace(id, text).second) {
      return entry.Error("string ", id, " is defined twice in generation ",
                         number());
    }
  }
  return absl::OkStatus();
}

absl::Status GenerationReader::AddStacks(Bytes in) {
  uint8_t type;
  in.Byte(&type);
  while (!in.empty()) {
    Bytes entry = in;
    uint64_t id = 0;
    RawStack stack{{}, entry.offset()};
    if (!in.Byte(&type) || type != static_cast<uint8_t>(EventType::kStack)) {
      return entry.Error("expected a stack, found type ", int{type});
    }
    if (!in.Uvarint(&id)) return in.Error("bad id of a stack");
    absl::Status status = AddFrames(&in, id, &stack);
    if (!status.ok()) return status;
    if (id == 0) return entry.Error("stack 0 is the empty one, always");
    if (!stacks_.emplace(id, std::move(stack)).second) {
      return entry.Error("stack ", id, " is defined twice in generation ",
                         number());
    }
  }
  return absl::OkStatus();
}

absl::Status GenerationReader::AddFrames(Bytes* in, uint64_t id,
                                         RawStack* stack) {
  uint64_t size = 0;
  if (!in->Uvarint(&size)) return in->Error("bad size of stack ", id);
  if (size > kMaxFrames) {
    return in->Error("stack ", id, " has ", size, " frames; at most ",
                     kMaxFrames, " are allowed");
  }
  for (uint64_t i = 0; i < size; ++i) {
    uint64_t pc;
    RawFrame frame;
    if (!in->Uvarint(&pc) || !in->Uvarint(&frame.function) ||
        !in->Uvarint(&frame.file) || !in->Uvarint(&frame.line)) {
      return in->Error("bad frame ", i + 1, " of stack ", id);
    }
    frames_.emplace(pc, frame);
    stack->pcs.push_back(pc);
  }
  return absl::OkStatus();
}

absl::Status GenerationReader::AddSamples(Bytes in) {
  uint8_t type;
  in.Byte(&type);
  while (!in.empty()) {
    Bytes entry = in;
    uint64_t time;
    CPUSample sample;
    sample.offset = entry.offset();
    if (!in.Byte(&type) ||
        type != static_cast<uint8_t>(EventType::kCPUSample)) {
      return entry.Error("expected a CPU sample, found type ", int{type});
    }
    if (!in.Uvarint(&time) || !in.Uvarint(&sample.m) ||
        !in.Uvarint(&sample.p) || !in.Uvarint(&sample.g) ||
        !in.Uvarint(&sample.stack_id)) {
      return in.Error("bad CPU sample");
    }
    if (sample.g == 0) sample.g = kNone;
    // Ticks, until the frequency is known.
    sample.time = static_cast<int64_t>(time);
    generation_.samples.push_back(sample);
  }
  return absl::OkStatus();
}

absl::Status GenerationReader::SetFrequency(Bytes in) {
  Bytes entry = in;
  uint8_t type;
  uint64_t per_second;
  in.Byte(&type);
  if (!in.Uvarint(&per_second)) return in.Error("bad frequency");
  if (!in.empty()) return in.Error("more than a frequency in its batch");
  if (per_second == 0) return entry.Error("a frequency of 0");
  if (generation_.ns_per_tick != 0) {
    return entry.Error("generation ", number(), " has two frequencies");
  }
  generation_.ns_per_tick = 1.0 / (static_cast<double>(per_second) / 1e9);
  return absl::OkStatus();
}

absl::Status GenerationReader::ResolveStacks(Symbols* symbols) {
  for (const auto& [id, raw] : stacks_) {
    std::vector<Frame> frames;
    for (uint64_t pc : raw.pcs) {
      const RawFrame& from = frames_.at(pc);
      Frame frame{pc, 0, 0, from.line};
      for (auto [name, to] : {std::pair(from.function, &frame.function),
                              std::pair(from.file, &frame.file)}) {
        if (name == 0) continue;
        auto it = generation_.strings.find(name);
        if (it == generation_.strings.end()) {
          return Bytes({}, raw.offset)
              .Error("stack ", id, " names string ", name,
                     ", which does not exist");
        }
        *to = it->second;
      }
      frames.push_back(frame);
    }
    generation_.stacks.emplace(id, symbols->AddStack(frames));
  }
  return absl::OkStatus();
}

absl::StatusOr<Generation> GenerationReader::Finish(Symbols* symbols,
                                                    size_t end) {
  if (generation_.ns_per_tick == 0) {
    return Bytes({}, end).Error("generation ", number(), " has no frequency");
  }
  for (const auto& [id, text] : strings_) {
    generation_.strings.emplace(id, symbols->AddString(text));
  }
  absl::Status status = ResolveStacks(symbols);
  if (!status.ok()) return status;
  for (CPUSample& sample : generation_.samples) {
    sample.time = Nanoseconds(static_cast<uint64_t>(sample.time),
                              generation_.ns_per_tick);
  }
  std::stable_sort(
      generation_.samples.begin(), generation_.samples.end(),
      [](const CPUSample& a, const CPUSample& b) { return a.time < b.time; });
  return std::move(generation_);
}

// One batch; `is_experimental` ones are to be passed over.
absl::Status ReadBatch(Bytes* in, Batch* batch, uint64_t* generation,
                       bool* is_experimental) {
  Bytes begin = *in;
  uint8_t type = 0, experiment;
  in->Byte(&type);
  *is_experimental =
      type == static_cast<uint8_t>(EventType::kExperimentalBatch);
  if (type != static_cast<uint8_t>(EventType::kEventBatch) &&
      !*is_experimental) {
    return begin.Error("expected a batch, found type ", int{type});
  }
  if (*is_experimental && !in->Byte(&experiment)) {
    return in->Error("the file ends in the header of a batch");
  }
  uint64_t size = 0;
  if (!in->Uvarint(generation) || !in->Uvarint(&batch->m) ||
      !in->Uvarint(&batch->time) || !in->Uvarint(&size)) {
    return in->empty() ? in->Error("the file ends in the header of a batch")
                       : in->Error("bad number in the header of a batch");
  }
  if (size > kMaxBatchSize) {
    return begin.Error("a batch of ", size, " bytes; at most ", kMaxBatchSize,
                       " are allowed");
  }
  batch->offset = in->offset();
  if (!in->String(size, &batch->data)) {
    return begin.Error("the file ends in a batch: ", in->left(), " of ", size,
                       " bytes are there");
  }
  if (*generation == 0) return begin.Error("a batch of generation 0");
  return absl::OkStatus();
}

// Goes on until the end of the file or an error, which is returned.
absl::Status ReadGenerations(Bytes in, TraceFile* file) {
  auto finish = [&](GenerationReader* reader, size_t end) {
    absl::StatusOr<Generation> done = reader->Finish(&file->symbols, end);
    if (done.ok()) file->generations.push_back(*std::move(done));
    return done.status();
  };
  if (in.empty()) return in.Error("no events: the file ends with its header");
  std::vector<GenerationReader> current;  // at most one
  while (!in.empty()) {
    Bytes begin = in;
    Batch batch;
    uint64_t number = 0;
    bool is_experimental = false;
    absl::Status status = ReadBatch(&in, &batch, &number, &is_experimental);
    if (!status.ok()) {
      // What came before may be a generation without the lost part.
      if (!current.empty()) finish(&current[0], in.offset()).IgnoreError();
      return status;
    }
    if (!current.empty() && number == current[0].number() + 1) {
      status = finish(&current[0], begin.offset());
      if (!status.ok()) return status;
      current.clear();
    }
    if (current.empty()) current.emplace_back(number, begin.offset());
    if (number != current[0].number()) {
      return begin.Error("a batch of generation ", number, " among those of ",
                         current[0].number());
    }
    if (is_experimental) continue;
    status = current[0].Add(batch);
    if (!status.ok()) return status;
  }
  return finish(&current[0], in.offset());
}

}  // namespace

// ---- Symbols ----

Symbols::Symbols() {
  AddString("");
  AddStack({});
}

uint32_t Symbols::AddString(std::string_view text) {
  auto [it, is_new] = string_numbers_.try_emplace(
      std::string(text), static_cast<uint32_t>(strings_.size()));
  if (is_new) strings_.emplace_back(text);
  return it->second;
}

uint32_t Symbols::AddStack(const std::vector<Frame>& frames) {
  std::string key;
  for (const Frame& frame : frames) {
    key += absl::StrCat(frame.pc, ",", frame.function, ",", frame.file, ",",
                        frame.line, ";");
  }
  auto [it, is_new] = stack_numbers_.try_emplace(
      std::move(key), static_cast<uint32_t>(stacks_.size()));
  if (is_new) stacks_.push_back(frames);
  return it->second;
}

// ---- Files ----

absl::StatusOr<TraceFile> ReadTraceFile(std::string_view bytes) {
  constexpr std::string_view kHeader("go 1.00 trace\0\0\0", 16);
  constexpr size_t kVersionAt = 5;
  std::string header(bytes.substr(0, kHeader.size()));
  std::string version = header.substr(std::min(kVersionAt, header.size()), 2);
  if (version.size() == 2) header.replace(kVersionAt, 2, "00");
  if (header != kHeader) {
    return absl::InvalidArgumentError(
        "byte 0: not an execution trace: no header \"go 1.23 trace\"");
  }
  if (version != "22" && version != "23") {
    return absl::InvalidArgumentError(
        absl::StrCat("byte 0: unknown or unsupported trace version go 1.",
                     version, "; this reads go 1.22 and go 1.23"));
  }
  TraceFile file;
  file.version = version == "22" ? 22 : 23;
  file.rest = ReadGenerations(
      Bytes(bytes.substr(kHeader.size()), kHeader.size()), &file);
  if (file.generations.empty()) return file.rest;
  return file;
}

// ---- Events ----

std::string Describe(const RawEvent& event) {
  const EventSpec* spec = TimedEvent(static_cast<uint8_t>(event.type));
  std::string text = absl::StrCat(NameOf(event.type), "(");
  for (int i = 0; spec != nullptr && i < spec->num_args; ++i) {
    if (i > 0) text += ", ";
    absl::StrAppend(&text, spec->args[i].name, "=");
    if (event.args[i] == kNone) {
      text += "-1";
    } else {
      absl::StrAppend(&text, event.args[i]);
    }
  }
  return text + ")";
}

absl::Status Cursor::Next() {
  while (batch_ < stream_->batches.size() &&
         at_ == stream_->batches[batch_].data.size()) {
    ++batch_;
    at_ = 0;
  }
  if (batch_ == stream_->batches.size()) {
    done_ = true;
    return absl::OkStatus();
  }
  const Batch& batch = stream_->batches[batch_];
  if (at_ == 0) last_ = Nanoseconds(batch.time, ns_per_tick_);
  Bytes in(batch.data.substr(at_), batch.offset + at_);
  Bytes begin = in;
  uint8_t type = 0;
  in.Byte(&type);
  const EventSpec* spec = TimedEvent(type);
  if (spec == nullptr) {
    return begin.Error(
        "type ", int{type}, " is no timed event (in a batch of ",
        stream_->m == kNone ? "no thread" : absl::StrCat("M ", stream_->m),
        ")");
  }
  uint64_t ticks;
  bool ok = in.Uvarint(&ticks);
  event_ = {static_cast<EventType>(type), 0, {}, begin.offset()};
  for (int i = 0; ok && i < spec->num_args; ++i) {
    ok = in.Uvarint(&event_.args[i]);
  }
  if (!ok) return begin.Error("bad argument of ", spec->name);
  int64_t delta = Nanoseconds(ticks, ns_per_tick_);
  last_ = delta > kMaxTime - last_ ? kMaxTime : last_ + delta;
  event_.time = last_;
  at_ += in.at();
  return absl::OkStatus();
}

}  // namespace parktrace
}  // namespace parkour
