#include "cli/investigations/side_by_side.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "cli/terminal_text.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "json/json_members.h"
#include "json/json_tokens.h"
#include "model/field_paths.h"

namespace picket {
namespace {

constexpr size_t kNameWidth = 24;
constexpr size_t kValueWidth = 48;
constexpr std::string_view kUnmapped = "unmapped.";

// Returns a JSON string without its quotes, and any other JSON value unchanged.
std::string PlainText(std::string_view value) {
  if (!IsJsonString(value)) return std::string(value);
  std::string text;
  AppendJsonUnescaped(JsonStringContent(value), text);
  return text;
}

// A JSON value that is neither an object nor a list, and its place in the event.
struct Leaf {
  std::string path;  // the keys that lead to the value, separated by dots; without list indexes
  std::string_view value;
};

void Flatten(std::string_view value, const std::string& path, std::vector<Leaf>& leaves) {
  if (value.front() != '{' && value.front() != '[') {
    leaves.push_back({path, value});
    return;
  }
  for (JsonMembers members(value); members.Next();) {
    const bool in_list = value.front() == '[';
    Flatten(members.value(),
            in_list ? path : absl::StrCat(path, path.empty() ? "" : ".", ToAbsl(members.name())),
            leaves);
  }
}

bool IsAtOrBelow(std::string_view path, std::string_view place) {
  return path.substr(0, place.size()) == place &&
         (path.size() == place.size() || path[place.size()] == '.');
}

bool Has(const std::vector<Leaf>& leaves, std::string_view place) {
  return std::any_of(leaves.begin(), leaves.end(),
                     [&](const Leaf& leaf) { return IsAtOrBelow(leaf.path, place); });
}

// A field of the record and its places in the event.
struct FieldPlaces {
  std::string_view name;
  std::string_view value;
  std::vector<std::string> to;  // paths in the event
  bool mapped = false;          // whether the mapping table names one of the paths

  void Add(std::string place) {
    if (std::find(to.begin(), to.end(), place) == to.end()) to.push_back(std::move(place));
  }
  bool IsEmpty() const { return value == "\"\"" || value == "null"; }
  bool IsScalar() const { return value.front() != '{' && value.front() != '['; }
};

struct Comparison {
  std::vector<FieldPlaces> fields;
  std::vector<Leaf> added;   // leaves of the event that come from no field of the record
  std::vector<Leaf> leaves;  // all leaves of the event

  FieldPlaces* FindField(std::string_view name) {
    for (FieldPlaces& field : fields) {
      if (EqualsIgnoreCase(field.name, name)) return &field;
    }
    return nullptr;
  }
  const Leaf* FindLeaf(std::string_view path) const {
    for (const Leaf& leaf : leaves) {
      if (leaf.path == path) return &leaf;
    }
    return nullptr;
  }
};

// `row` is the row of an event field in the mapping table. A row may name several record fields as
// possible sources of the event field, and `field` is one of these. Returns false if the mapping
// copies the text of the source unchanged, but the value of `field` differs from the value of the
// event field. In this case, another field is the source.
bool IsSource(const FieldPlaces& field, const FieldPath& row, const Comparison& comparison) {
  const bool is_copied = row.kept == Kept::kText || row.kept == Kept::kTextOrUnmapped;
  const Leaf* const leaf = comparison.FindLeaf(row.ocsf);
  return !is_copied || !field.IsScalar() || leaf == nullptr ||
         PlainText(leaf->value) == PlainText(field.value);
}

void FindMappedFields(Comparison& comparison) {
  for (const FieldPath& row : FieldPaths()) {
    if (row.ocsf.empty() || !Has(comparison.leaves, row.ocsf)) continue;
    for (const absl::string_view one : absl::StrSplit(ToAbsl(row.sources), '|')) {
      const std::string_view source = ToStd(one);
      FieldPlaces* const field = comparison.FindField(source.substr(0, source.find('.')));
      if (field == nullptr || field->IsEmpty() || !IsSource(*field, row, comparison)) continue;
      field->Add(std::string(row.ocsf));
      field->mapped = true;
      break;
    }
  }
}

// If `leaf` belongs to the event field "unmapped.<name><suffix>", returns the path of this field.
// Otherwise returns an empty path. `suffix` is empty or "_text". The suffix "_text" marks a value
// that does not have its documented type (docs/normalising.md). The case of `name` is ignored: the
// event contains the documented name, and the record may spell this name in another case.
std::string_view UnmappedPlace(const Leaf& leaf, std::string_view name, std::string_view suffix) {
  const std::string_view path = leaf.path;
  const size_t size = kUnmapped.size() + name.size() + suffix.size();
  if (path.size() < size || path.substr(0, kUnmapped.size()) != kUnmapped) return {};
  const bool is_field = EqualsIgnoreCase(path.substr(kUnmapped.size(), name.size()), name) &&
                        path.substr(kUnmapped.size() + name.size(), suffix.size()) == suffix &&
                        (path.size() == size || path[size] == '.');
  return is_field ? path.substr(0, size) : std::string_view();
}

void FindUnmappedFields(std::string_view event, Comparison& comparison) {
  for (FieldPlaces& field : comparison.fields) {
    for (const std::string_view suffix : {"", "_text"}) {
      for (const Leaf& leaf : comparison.leaves) {
        const std::string_view place = UnmappedPlace(leaf, field.name, suffix);
        if (place.empty()) continue;
        field.Add(std::string(place));
        break;
      }
    }
    // The loop above does not find an empty list or object, because it has no leaf. Therefore, this
    // code searches for the name of the field in the text of the event.
    if (field.to.empty() &&
        event.find(absl::StrCat("\"", ToAbsl(field.name), "\":")) != std::string_view::npos) {
      field.Add(absl::StrCat(ToAbsl(kUnmapped), ToAbsl(field.name)));
    }
  }
}

Comparison Compare(std::string_view record, std::string_view event) {
  Comparison comparison;
  Flatten(event, "", comparison.leaves);
  for (JsonMembers members(record); members.Next();) {
    comparison.fields.push_back({members.name(), members.value(), {}, false});
  }
  FindMappedFields(comparison);
  FindUnmappedFields(event, comparison);
  for (const Leaf& leaf : comparison.leaves) {
    const bool is_from_record = std::any_of(
        comparison.fields.begin(), comparison.fields.end(), [&](const FieldPlaces& field) {
          return std::any_of(field.to.begin(), field.to.end(), [&](const std::string& place) {
            return IsAtOrBelow(leaf.path, place);
          });
        });
    if (!is_from_record && leaf.path.substr(0, kUnmapped.size()) != kUnmapped) {
      comparison.added.push_back(leaf);
    }
  }
  return comparison;
}

// Pads `text` to the width of a column. Truncates longer text, but never inside a UTF-8 character.
std::string Column(std::string text, size_t width) {
  if (text.size() > width) {
    size_t end = width - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end) + "...";
  }
  size_t shown = 0;
  for (const char c : text) shown += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  if (shown < width) text.append(width - shown, ' ');
  return text;
}

}  // namespace

void AppendSideBySideText(std::string_view record, std::string_view event, bool colours,
                          std::string& out) {
  const Comparison comparison = Compare(record, event);
  const auto leaf = [&](std::string_view path) {
    const Leaf* const found = comparison.FindLeaf(path);
    return found == nullptr ? std::string() : Printable(PlainText(found->value));
  };
  const auto coloured = [&](std::string_view code, std::string_view text) {
    return colours ? absl::StrCat("\x1b[", ToAbsl(code), "m", ToAbsl(text), "\x1b[0m")
                   : std::string(text);
  };
  absl::StrAppend(
      &out,
      coloured("1", absl::StrCat(leaf("message"), "  ", leaf("metadata.original_time"), "  ->  ",
                                 leaf("class_name"), ": ", leaf("activity_name"))),
      "\n");
  for (const FieldPlaces& field : comparison.fields) {
    const std::string_view mark = field.to.empty() ? "!" : field.mapped ? "->" : ".";
    const std::string_view colour = field.to.empty() ? "31" : field.mapped ? "32" : "2";
    std::string to;
    for (const std::string& place : field.to) {
      absl::StrAppend(&to, to.empty() ? "" : ", ", Printable(place));
    }
    const std::string value = field.value == "\"\"" ? "\"\"" : PlainText(field.value);
    std::string line = absl::StrCat(
        coloured(colour, Column(std::string(mark), 3)),
        Column(Printable(PlainText(absl::StrCat("\"", ToAbsl(field.name), "\""))), kNameWidth),
        "  ", Column(Printable(value), kValueWidth), "  ", coloured(colour, to));
    absl::StrAppend(&out, "  ", line, "\n");
  }
  for (const Leaf& added : comparison.added) {
    absl::StrAppend(&out, "  ", coloured("36", "+  "), Column(Printable(added.path), kNameWidth),
                    "  ", Printable(PlainText(added.value)), "\n");
  }
  out.push_back('\n');
}

void AppendSideBySideJson(std::string_view record, std::string_view event, std::string& out) {
  const Comparison comparison = Compare(record, event);
  JsonWriter json(&out);
  json.BeginObject().Key("record").Raw(record).Key("event").Raw(event).Key("fields").BeginArray();
  for (const FieldPlaces& field : comparison.fields) {
    json.BeginObject().Key("field").Raw(absl::StrCat("\"", ToAbsl(field.name), "\""));
    json.Key("mapped").Value(field.mapped).Key("to").BeginArray();
    for (const std::string& place : field.to) json.Value(place);
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  out.push_back('\n');
}

EventWithoutRaw SplitRawData(std::string_view event) {
  EventWithoutRaw split;
  split.event.push_back('{');
  for (JsonMembers members(event); members.Next();) {
    if (members.name() == "raw_data") {
      AppendJsonUnescaped(JsonStringContent(members.value()), split.record);
    }
    if (members.name() == "raw_data" || members.name() == "raw_data_size") continue;
    if (split.event.size() > 1) split.event.push_back(',');
    absl::StrAppend(&split.event, "\"", ToAbsl(members.name()), "\":", ToAbsl(members.value()));
  }
  split.event.push_back('}');
  return split;
}

}  // namespace picket
