// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/pprof/proto.h"

#include <errno.h>
#include <link.h>
#include <zlib.h>

#include <map>
#include <protozero/pbf_writer.hpp>
#include <utility>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "parkour/base/check.h"
#include "parkour/pprof/tags.h"

namespace parkour::runtime::pprof {
namespace {

using protozero::pbf_writer;

// The executable part of the program or of a shared library.
struct Module {
  uintptr_t start;
  uintptr_t limit;
  uint64_t offset;
  std::string name;
  bool used;  // the first one, the program, always
};

std::vector<Module> Modules() {
  std::vector<Module> modules;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* arg) {
        const bool program = info->dlpi_name[0] == '\0';
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& ph = info->dlpi_phdr[i];
          if (ph.p_type != PT_LOAD || (ph.p_flags & PF_X) == 0) continue;
          const uintptr_t start = info->dlpi_addr + ph.p_vaddr;
          static_cast<std::vector<Module>*>(arg)->push_back(
              {start, start + ph.p_memsz, ph.p_offset,
               program ? program_invocation_name : info->dlpi_name, program});
        }
        return 0;
      },
      &modules);
  return modules;
}

// Puts the tables together while the samples go by.
class Builder {
 public:
  explicit Builder(Symbols* symbols) : symbols_(symbols) { String(""); }

  void AddType(uint32_t tag, const char* type, const char* unit) {
    std::string message;
    pbf_writer w(message);
    w.add_int64(value_type_tag::kType, String(type));
    w.add_int64(value_type_tag::kUnit, String(unit));
    profile_.add_message(tag, message);
  }

  void AddSample(const Sample& s, bool waits) {
    std::vector<uint64_t> locations;
    for (const uintptr_t pc : s.pcs) locations.push_back(Location(pc));
    if (!s.note.empty()) locations.push_back(NoteLocation(s.note));
    std::string message;
    pbf_writer w(message);
    w.add_packed_uint64(sample_tag::kLocationId, locations.begin(),
                        locations.end());
    const int64_t values[] = {s.count, s.ns};
    w.add_packed_int64(sample_tag::kValue, values, values + (waits ? 2 : 1));
    for (const auto& [key, value] : s.labels) {
      std::string label;
      pbf_writer l(label);
      l.add_int64(label_tag::kKey, String(key));
      l.add_int64(label_tag::kStr, String(value));
      w.add_message(sample_tag::kLabel, label);
    }
    profile_.add_message(profile_tag::kSample, message);
  }

  std::string Finish(const Measure& measure) {
    for (size_t i = 0; i < modules_.size(); ++i) {
      if (modules_[i].used) AddMapping(i);
    }
    profile_.add_int64(profile_tag::kTimeNanos, absl::ToUnixNanos(absl::Now()));
    AddType(profile_tag::kPeriodType, measure.type, measure.unit);
    profile_.add_int64(profile_tag::kPeriod, 1);
    std::vector<const std::string*> table(strings_.size());
    for (const auto& [s, id] : strings_) table[static_cast<size_t>(id)] = &s;
    for (const std::string* s : table) {
      profile_.add_string(profile_tag::kStringTable, *s);
    }
    return std::move(data_);
  }

 private:
  int64_t String(const std::string& s) {
    return strings_.try_emplace(s, strings_.size()).first->second;
  }

  uint64_t Function(const std::string& name, const std::string& file) {
    const auto [it, added] =
        functions_.try_emplace({name, file}, functions_.size() + 1);
    if (!added) return it->second;
    std::string message;
    pbf_writer w(message);
    w.add_uint64(function_tag::kId, it->second);
    w.add_int64(function_tag::kName, String(name));
    w.add_int64(function_tag::kSystemName, String(name));
    w.add_int64(function_tag::kFilename, String(file));
    profile_.add_message(profile_tag::kFunction, message);
    return it->second;
  }

  static void AddLine(pbf_writer* location, uint64_t function, int line) {
    std::string message;
    pbf_writer w(message);
    w.add_uint64(line_tag::kFunctionId, function);
    w.add_int64(line_tag::kLine, line);
    location->add_message(location_tag::kLine, message);
  }

  // Without "(anonymous namespace)::", of which pprof, when it shortens C++
  // names to what is left without parameters and templates, leaves "::".
  static std::string NameOf(const Frame& f) {
    return absl::StrReplaceAll(f.function, {{"(anonymous namespace)::", ""}});
  }

  // By the call, not by where it returns to.
  uint64_t Location(uintptr_t pc) {
    const auto [it, added] = locations_.try_emplace(pc, locations_.size() + 1);
    if (!added) return it->second;
    std::string message;
    pbf_writer w(message);
    w.add_uint64(location_tag::kId, it->second);
    for (size_t i = 0; i < modules_.size(); ++i) {
      if (pc - 1 >= modules_[i].start && pc - 1 < modules_[i].limit) {
        w.add_uint64(location_tag::kMappingId, i + 1);
        modules_[i].used = true;
      }
    }
    w.add_uint64(location_tag::kAddress, pc - 1);
    for (const Frame& f : symbols_->At(pc)) {
      AddLine(&w, Function(NameOf(f), f.file), f.line);
    }
    profile_.add_message(profile_tag::kLocation, message);
    return it->second;
  }

  // No code lies so low: the address stands for the note.
  uint64_t NoteLocation(const std::string& note) {
    const uint64_t function = Function("(" + note + ")", "");
    const auto [it, added] =
        locations_.try_emplace(function, locations_.size() + 1);
    if (!added) return it->second;
    std::string message;
    pbf_writer w(message);
    w.add_uint64(location_tag::kId, it->second);
    AddLine(&w, function, 0);
    profile_.add_message(profile_tag::kLocation, message);
    return it->second;
  }

  // Says that all names are there already: no tool looks for the file.
  void AddMapping(size_t i) {
    const Module& m = modules_[i];
    std::string message;
    pbf_writer w(message);
    w.add_uint64(mapping_tag::kId, i + 1);
    w.add_uint64(mapping_tag::kStart, m.start);
    w.add_uint64(mapping_tag::kLimit, m.limit);
    w.add_uint64(mapping_tag::kOffset, m.offset);
    w.add_int64(mapping_tag::kFilename, String(m.name));
    w.add_bool(mapping_tag::kHasFunctions, true);
    w.add_bool(mapping_tag::kHasFilenames, true);
    w.add_bool(mapping_tag::kHasLineNumbers, true);
    w.add_bool(mapping_tag::kHasInlineFrames, true);
    profile_.add_message(profile_tag::kMapping, message);
  }

  Symbols* const symbols_;
  std::vector<Module> modules_ = Modules();
  std::map<std::string, int64_t> strings_;
  std::map<std::pair<std::string, std::string>, uint64_t> functions_;
  std::map<uintptr_t, uint64_t> locations_;
  std::string data_;
  pbf_writer profile_{data_};
};

}  // namespace

std::string Encode(const Measure& measure, const std::vector<Sample>& samples,
                   Symbols* symbols) {
  Builder builder(symbols);
  const bool waits = measure.second[0] != '\0';
  builder.AddType(profile_tag::kSampleType, measure.type, measure.unit);
  if (waits) {
    builder.AddType(profile_tag::kSampleType, measure.second,
                    measure.second_unit);
  }
  for (const Sample& s : samples) builder.AddSample(s, waits);
  return Compress(builder.Finish(measure));
}

std::string Compress(const std::string& data) {
  constexpr int kGzip = 16;
  constexpr int kMemLevel = 8;
  z_stream z = {};
  PARKOUR_CHECK(deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                             MAX_WBITS + kGzip, kMemLevel,
                             Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, data.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  z.avail_in = static_cast<uInt>(data.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  PARKOUR_CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace parkour::runtime::pprof
