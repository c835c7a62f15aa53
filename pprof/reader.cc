// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/pprof/reader.h"

#include <zlib.h>

#include <protozero/pbf_reader.hpp>

#include "parkour/pprof/tags.h"

namespace parkour::runtime::pprof {
namespace {

using protozero::pbf_reader;

std::string Decompress(const std::string& data, std::string* error) {
  constexpr int kGzip = 16;
  z_stream z = {};
  if (inflateInit2(&z, MAX_WBITS + kGzip) != Z_OK) return *error = "zlib", "";
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  z.avail_in = static_cast<uInt>(data.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK) {
    char piece[4096];
    z.next_out = reinterpret_cast<Bytef*>(piece);
    z.avail_out = sizeof(piece);
    status = inflate(&z, Z_NO_FLUSH);
    out.append(piece, sizeof(piece) - z.avail_out);
  }
  inflateEnd(&z);
  if (status != Z_STREAM_END || z.avail_in != 0) *error = "no gzip";
  return out;
}

// The messages as they stand: strings and ids are looked up at the end.
struct Raw {
  struct Sample {
    std::vector<uint64_t> locations;
    std::vector<int64_t> values;
    std::vector<std::pair<int64_t, int64_t>> labels;
  };
  struct Line {
    uint64_t function = 0;
    int64_t line = 0;
  };
  struct Location {
    uint64_t mapping = 0;
    uint64_t address = 0;
    std::vector<Line> lines;
  };
  struct Function {
    int64_t name = 0;
    int64_t file = 0;
  };
  struct Mapping {
    uint64_t start = 0;
    uint64_t limit = 0;
    int64_t file = 0;
  };
  std::vector<std::string> strings;
  std::vector<std::pair<int64_t, int64_t>> types;
  std::pair<int64_t, int64_t> period_type;
  std::vector<Sample> samples;
  std::map<uint64_t, Location> locations;
  std::map<uint64_t, Function> functions;
  std::map<uint64_t, Mapping> mappings;
};

std::pair<int64_t, int64_t> TypeOf(pbf_reader m) {
  std::pair<int64_t, int64_t> type;
  while (m.next()) {
    (m.tag() == value_type_tag::kType ? type.first : type.second) =
        m.get_int64();
  }
  return type;
}

Raw::Sample SampleOf(pbf_reader m) {
  Raw::Sample s;
  while (m.next()) {
    if (m.tag() == sample_tag::kLocationId) {
      for (const uint64_t id : m.get_packed_uint64()) s.locations.push_back(id);
    } else if (m.tag() == sample_tag::kValue) {
      for (const int64_t v : m.get_packed_int64()) s.values.push_back(v);
    } else {
      s.labels.push_back(TypeOf(m.get_message()));  // the same two fields
    }
  }
  return s;
}

std::pair<uint64_t, Raw::Location> LocationOf(pbf_reader m) {
  uint64_t id = 0;
  Raw::Location l;
  while (m.next()) {
    if (m.tag() == location_tag::kId) {
      id = m.get_uint64();
    } else if (m.tag() == location_tag::kMappingId) {
      l.mapping = m.get_uint64();
    } else if (m.tag() == location_tag::kAddress) {
      l.address = m.get_uint64();
    } else {
      pbf_reader line = m.get_message();
      Raw::Line& to = l.lines.emplace_back();
      while (line.next()) {
        if (line.tag() == line_tag::kFunctionId) {
          to.function = line.get_uint64();
        } else {
          to.line = line.get_int64();
        }
      }
    }
  }
  return {id, l};
}

std::pair<uint64_t, Raw::Function> FunctionOf(pbf_reader m) {
  uint64_t id = 0;
  Raw::Function f;
  while (m.next()) {
    if (m.tag() == function_tag::kId) {
      id = m.get_uint64();
    } else if (m.tag() == function_tag::kName) {
      f.name = m.get_int64();
    } else if (m.tag() == function_tag::kFilename) {
      f.file = m.get_int64();
    } else {
      m.skip();
    }
  }
  return {id, f};
}

std::pair<uint64_t, Raw::Mapping> MappingOf(pbf_reader m) {
  uint64_t id = 0;
  Raw::Mapping r;
  while (m.next()) {
    if (m.tag() == mapping_tag::kId) {
      id = m.get_uint64();
    } else if (m.tag() == mapping_tag::kStart) {
      r.start = m.get_uint64();
    } else if (m.tag() == mapping_tag::kLimit) {
      r.limit = m.get_uint64();
    } else if (m.tag() == mapping_tag::kFilename) {
      r.file = m.get_int64();
    } else {
      m.skip();
    }
  }
  return {id, r};
}

// Names in the place of numbers; the first thing that does not fit is the
// error.
class Resolver {
 public:
  Resolver(const Raw& raw, ReadProfile* out) : raw_(raw), out_(out) {}

  void Run() {
    Expect(!raw_.strings.empty() && raw_.strings[0].empty(), "string 0");
    for (const auto& [type, unit] : raw_.types) {
      out_->sample_types.push_back(String(type) + "/" + String(unit));
    }
    out_->period_type =
        String(raw_.period_type.first) + "/" + String(raw_.period_type.second);
    for (const auto& [id, m] : raw_.mappings) {
      Expect(id != 0 && m.start < m.limit, "a mapping's bounds");
      Expect(!String(m.file).empty(), "a mapping's file");
    }
    out_->mappings = raw_.mappings.size();
    for (const Raw::Sample& s : raw_.samples) Add(s);
  }

 private:
  void Expect(bool ok, const char* what) {
    if (!ok && out_->error.empty()) out_->error = what;
  }

  const std::string& String(int64_t i) {
    static const std::string none;
    const bool ok = i >= 0 && static_cast<size_t>(i) < raw_.strings.size();
    Expect(ok, "a string's index");
    return ok ? raw_.strings[static_cast<size_t>(i)] : none;
  }

  void Add(const Raw::Sample& s) {
    ReadSample& sample = out_->samples.emplace_back();
    Expect(s.values.size() == raw_.types.size(), "the number of values");
    sample.values = s.values;
    for (const auto& [key, value] : s.labels) {
      Expect(!String(key).empty(), "a label's key");
      sample.labels[String(key)] = String(value);
    }
    for (const uint64_t id : s.locations) AddLocation(id, &sample);
  }

  void AddLocation(uint64_t id, ReadSample* sample) {
    const auto at = raw_.locations.find(id);
    Expect(id != 0 && at != raw_.locations.end(), "a location's id");
    if (at == raw_.locations.end()) return;
    const Raw::Location& l = at->second;
    if (l.mapping != 0) {
      const auto m = raw_.mappings.find(l.mapping);
      Expect(m != raw_.mappings.end(), "a mapping's id");
      Expect(m != raw_.mappings.end() && l.address >= m->second.start &&
                 l.address < m->second.limit,
             "an address outside its mapping");
    }
    Expect(!l.lines.empty(), "a location without lines");
    for (const Raw::Line& line : l.lines) {
      const auto f = raw_.functions.find(line.function);
      Expect(line.function != 0 && f != raw_.functions.end(),
             "a function's id");
      if (f == raw_.functions.end()) continue;
      Expect(!String(f->second.name).empty(), "a function's name");
      sample->stack.push_back(
          {String(f->second.name), String(f->second.file), line.line});
    }
  }

  const Raw& raw_;
  ReadProfile* const out_;
};

void ReadField(pbf_reader* m, Raw* raw, ReadProfile* out) {
  const auto add = [out](auto* map, const auto& entry) {
    if (!map->insert(entry).second) out->error = "an id that is used twice";
  };
  switch (m->tag()) {
    case profile_tag::kSampleType:
      raw->types.push_back(TypeOf(m->get_message()));
      break;
    case profile_tag::kSample:
      raw->samples.push_back(SampleOf(m->get_message()));
      break;
    case profile_tag::kMapping:
      add(&raw->mappings, MappingOf(m->get_message()));
      break;
    case profile_tag::kLocation:
      add(&raw->locations, LocationOf(m->get_message()));
      break;
    case profile_tag::kFunction:
      add(&raw->functions, FunctionOf(m->get_message()));
      break;
    case profile_tag::kStringTable:
      raw->strings.push_back(m->get_string());
      break;
    case profile_tag::kTimeNanos:
      out->time_nanos = m->get_int64();
      break;
    case profile_tag::kPeriodType:
      raw->period_type = TypeOf(m->get_message());
      break;
    case profile_tag::kPeriod:
      out->period = m->get_int64();
      break;
    default:
      out->error = "an unknown field";
      m->skip();
  }
}

}  // namespace

bool ReadSample::Mentions(std::string_view text) const {
  for (const ReadFrame& f : stack) {
    if (f.function.find(text) != f.function.npos) return true;
  }
  return false;
}

ReadProfile Read(const std::string& compressed) {
  ReadProfile profile;
  const std::string data = Decompress(compressed, &profile.error);
  if (!profile.error.empty()) return profile;
  Raw raw;
  try {
    pbf_reader m(data);
    while (m.next()) ReadField(&m, &raw, &profile);
  } catch (const protozero::exception& e) {
    profile.error = e.what();
    return profile;
  }
  Resolver(raw, &profile).Run();
  return profile;
}

}  // namespace parkour::runtime::pprof
