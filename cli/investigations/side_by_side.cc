#include "cli/investigations/side_by_side.h"

#include <algorithm>
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

// What a value says: a text's own characters, anything else as JSON.
std::string Plain(std::string_view value) {
  if (!IsJsonString(value)) return std::string(value);
  std::string text;
  AppendJsonUnescaped(JsonStringContent(value), text);
  return text;
}

struct Leaf {
  std::string path;  // dotted, without the places in lists
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

struct FieldPlaces {
  std::string_view name;
  std::string_view value;
  std::vector<std::string> to;  // places in the event
  bool mapped = false;          // one of them has an OCSF name
};

struct Beside {
  std::vector<FieldPlaces> fields;
  std::vector<Leaf> added;
  std::vector<Leaf> leaves;
};

Beside Compare(std::string_view record, std::string_view event) {
  Beside beside;
  Flatten(event, "", beside.leaves);
  for (JsonMembers members(record); members.Next();) {
    beside.fields.push_back({members.name(), members.value(), {}, false});
  }
  const auto find = [&](std::string_view name) -> FieldPlaces* {
    for (FieldPlaces& field : beside.fields) {
      if (EqualsIgnoreCase(field.name, name)) return &field;
    }
    return nullptr;
  };
  std::vector<std::string> claimed;
  for (const FieldPath& row : FieldPaths()) {
    if (row.ocsf.empty()) continue;
    for (const absl::string_view one : absl::StrSplit(ToAbsl(row.sources), '|')) {
      const std::string_view source = ToStd(one);
      FieldPlaces* const field = find(source.substr(0, source.find('.')));
      if (field == nullptr || field->value == "\"\"" || field->value == "null") continue;
      const std::string place(row.ocsf);
      if (!Has(beside.leaves, place)) break;
      // Of several sources one won: where a text is carried over, the one that says the same.
      const bool scalar = field->value.front() != '{' && field->value.front() != '[';
      const auto leaf = std::find_if(beside.leaves.begin(), beside.leaves.end(),
                                     [&](const Leaf& l) { return l.path == place; });
      const bool text = row.kept == Kept::kText || row.kept == Kept::kTextOrUnmapped;
      if (scalar && text && leaf != beside.leaves.end() &&
          Plain(leaf->value) != Plain(field->value)) {
        continue;
      }
      if (std::find(field->to.begin(), field->to.end(), place) == field->to.end()) {
        field->to.push_back(place);
        field->mapped = true;
        claimed.push_back(place);
      }
      break;
    }
  }
  for (FieldPlaces& field : beside.fields) {
    for (const std::string_view suffix : {"", "_text"}) {
      // The field's name as the documents write it, in whatever case the record has it.
      for (const Leaf& leaf : beside.leaves) {
        if (leaf.path.size() < 9 + field.name.size()) continue;
        const std::string_view path = leaf.path;
        const size_t size = 9 + field.name.size() + suffix.size();
        if (path.substr(0, 9) != "unmapped." || size > path.size() ||
            !EqualsIgnoreCase(path.substr(9, field.name.size()), field.name) ||
            path.substr(9 + field.name.size(), suffix.size()) != suffix ||
            !(path.size() == size || path[size] == '.')) {
          continue;
        }
        const std::string place(path.substr(0, size));
        if (std::find(field.to.begin(), field.to.end(), place) == field.to.end()) {
          field.to.push_back(place);
        }
        break;
      }
    }
    // Empty containers have no leaf of their own.
    if (field.to.empty() &&
        event.find(absl::StrCat("\"", ToAbsl(field.name), "\":")) != std::string_view::npos) {
      field.to.push_back(absl::StrCat("unmapped.", ToAbsl(field.name)));
    }
  }
  for (const Leaf& leaf : beside.leaves) {
    const bool is_claimed =
        std::any_of(claimed.begin(), claimed.end(),
                    [&](const std::string& place) { return IsAtOrBelow(leaf.path, place); });
    if (!is_claimed && leaf.path.substr(0, 9) != "unmapped.") beside.added.push_back(leaf);
  }
  return beside;
}

// `text` in a column of the width; longer ones are cut, at the beginning of a UTF-8 character.
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

void AppendBesideText(std::string_view record, std::string_view event, bool colours,
                      std::string& out) {
  const Beside beside = Compare(record, event);
  const auto leaf = [&](std::string_view path) {
    for (const Leaf& one : beside.leaves) {
      if (one.path == path) return Printable(Plain(one.value));
    }
    return std::string();
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
  for (const FieldPlaces& field : beside.fields) {
    const std::string_view mark = field.to.empty() ? "!" : field.mapped ? "->" : ".";
    const std::string_view colour = field.to.empty() ? "31" : field.mapped ? "32" : "2";
    std::string to;
    for (const std::string& place : field.to) {
      absl::StrAppend(&to, to.empty() ? "" : ", ", Printable(place));
    }
    const std::string value = field.value == "\"\"" ? "\"\"" : Plain(field.value);
    std::string line = absl::StrCat(
        coloured(colour, Column(std::string(mark), 3)),
        Column(Printable(Plain(absl::StrCat("\"", ToAbsl(field.name), "\""))), kNameWidth), "  ",
        Column(Printable(value), kValueWidth), "  ", coloured(colour, to));
    absl::StrAppend(&out, "  ", line, "\n");
  }
  for (const Leaf& added : beside.added) {
    absl::StrAppend(&out, "  ", coloured("36", "+  "), Column(Printable(added.path), kNameWidth),
                    "  ", Printable(Plain(added.value)), "\n");
  }
  out.push_back('\n');
}

void AppendBesideJson(std::string_view record, std::string_view event, std::string& out) {
  const Beside beside = Compare(record, event);
  JsonWriter json(&out);
  json.BeginObject().Key("record").Raw(record).Key("event").Raw(event).Key("fields").BeginArray();
  for (const FieldPlaces& field : beside.fields) {
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
