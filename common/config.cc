#include "common/config.h"

#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/error.h"
#include "common/strings.h"

namespace picket {
namespace {

// ---- Strings shared by the reader and the documenter ----

std::string Seconds(double seconds) {
  char digits[400];
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof(digits), seconds, std::chars_format::fixed);
  return std::string(digits, end);
}

std::string Seconds(absl::Duration duration) { return Seconds(absl::ToDoubleSeconds(duration)); }

// Returns a string such as "1 to 3600" or "at least 1".
std::string Bounds(const std::string& least, const std::string& most, bool has_most) {
  return has_most ? absl::StrCat(least, " to ", most) : absl::StrCat("at least ", least);
}
std::string Bounds(int64_t least, int64_t most) {
  return Bounds(absl::StrCat(least), absl::StrCat(most),
                most != std::numeric_limits<int64_t>::max());
}
std::string Bounds(absl::Duration least, absl::Duration most) {
  return Bounds(Seconds(least), Seconds(most), most != absl::InfiniteDuration());
}

std::string Join(std::string_view section, std::string_view key) {
  return section.empty() ? std::string(key) : absl::StrCat(ToAbsl(section), ".", ToAbsl(key));
}

// ---- Reading ----

std::string UnknownKey(const std::string& key, const std::vector<std::string>& known) {
  const std::string_view nearest =
      NearestWord(key, std::vector<std::string_view>(known.begin(), known.end()));
  if (!nearest.empty()) return absl::StrCat("unknown key; did you mean '", ToAbsl(nearest), "'?");
  if (known.empty()) return "unknown key; this section has no keys";
  std::vector<std::string> sorted = known;
  std::sort(sorted.begin(), sorted.end());
  return absl::StrCat("unknown key; known keys: ", absl::StrJoin(sorted, ", "));
}

std::string_view TextOfLine(std::string_view text, int line) {
  for (; line > 0 && !text.empty(); --line) {
    const size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Returns the line on which an unclosed quoted string begins, or nullopt if all quoted strings are
// closed. yaml-cpp does not report such a string, but extends it to the end of the file.
std::optional<int> UnclosedQuote(std::string_view text, const YAML::Node& node) {
  if (node.IsScalar() && node.Tag() == "!") {  // the tag of quoted scalars
    const std::string_view first = TextOfLine(text, node.Mark().line);
    const size_t column = std::min<size_t>(node.Mark().column, first.size());
    const std::string_view rest = text.substr(first.data() - text.data() + column);
    const char quote = rest.empty() ? ' ' : rest.front();
    for (size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == quote) return std::nullopt;
      if (quote == '"' && rest[i] == '\\') ++i;
    }
    if (quote == '"' || quote == '\'') return node.Mark().line;
  }
  if (node.IsSequence()) {
    for (const YAML::Node& element : node) {
      if (const auto line = UnclosedQuote(text, element)) return line;
    }
  }
  if (node.IsMap()) {
    for (const auto& entry : node) {
      if (const auto line = UnclosedQuote(text, entry.first)) return line;
      if (const auto line = UnclosedQuote(text, entry.second)) return line;
    }
  }
  return std::nullopt;
}

// Translates an error message of yaml-cpp into a message that describes the expected input.
std::string SyntaxError(const std::string& message, std::string_view line) {
  if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos) {
    return "expected blanks as indentation, found a tab";
  }
  static constexpr std::pair<std::string_view, std::string_view> kExpected[] = {
      {"end of map not found",
       "expected a 'key: value' line with the indentation of the keys above"},
      {"end of sequence not found",
       "expected a '- value' line with the indentation of the lines above"},
      {"end of map flow not found", "expected ',' or '}'"},
      {"end of sequence flow not found", "expected ',' or ']'"},
      {"illegal map value", "expected a value without ': ' in it; quote such a string"},
      {"illegal document indicator in scalar", "expected a closing quote before '---' or '...'"},
      {"the referenced anchor is not defined",
       "expected an anchor (&name) before this alias (*name)"},
      {"unknown escape character: ",
       "expected a known escape such as \\n or \\\" in double quotes"},
      {"unknown token", "expected a key or a value; quote a string that starts with @, ` or %"},
  };
  for (const auto& [found, expected] : kExpected) {
    if (std::string_view(message).substr(0, found.size()) == found) return std::string(expected);
  }
  return absl::StrCat("expected YAML: ", message);
}

const char* KindOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a section";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a single value";
    default:
      return "nothing";
  }
}

// Fills in the fields of one section from its YAML node and collects the errors.
// Threads: an instance is used by one thread only. Lifetime: a reader exists while its file is
// read. The readers of nested sections share the list of errors.
class ConfigReader final : public ConfigVisitor {
 public:
  struct Fault {
    int line;
    std::string text;
  };

  // `node` is a map, or null if the section has no keys. A missing key is reported at `line`.
  ConfigReader(std::string section, const YAML::Node& node, int line, std::filesystem::path folder,
               std::vector<Fault>& faults)
      : section_(std::move(section)), line_(line), folder_(std::move(folder)), faults_(faults) {
    if (!node.IsMap()) return;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        faults_.push_back({LineOf(entry.first), Text(section_, "a key must be a single word")});
        continue;
      }
      AddEntry(entry.first.Scalar(), LineOf(entry.first), entry.second, entries_);
    }
  }

  void String(std::string_view key, std::string_view, std::string* value, Presence presence,
              std::function<std::string(const std::string&)> check) override {
    const Entry* const entry = FindScalar(key, "a single value", presence);
    if (entry == nullptr) return;
    const std::string& text = entry->value.Scalar();
    if (presence == kRequired && text.empty()) return Fail(*entry, key, "must not be empty");
    if (Accepts(*entry, key, text, check)) *value = text;
  }

  void Choice(std::string_view key, std::string_view, std::string* value,
              const std::vector<std::string>& allowed) override {
    const Entry* const entry = FindScalar(key, "a single value");
    if (entry == nullptr) return;
    const std::string& text = entry->value.Scalar();
    if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
      return Fail(*entry, key,
                  absl::StrCat("'", text, "' is not one of ", absl::StrJoin(allowed, ", ")));
    }
    *value = text;
  }

  void Bool(std::string_view key, std::string_view, bool* value) override {
    const Entry* const entry = FindScalar(key, "true or false");
    if (entry == nullptr) return;
    const std::string& text = entry->value.Scalar();
    if (text != "true" && text != "false") {
      return Fail(*entry, key, absl::StrCat("'", text, "' is neither true nor false"));
    }
    *value = text == "true";
  }

  void Int(std::string_view key, std::string_view, int64_t* value, int64_t least,
           int64_t most) override {
    const Entry* const entry = FindScalar(key, "a whole number");
    if (entry == nullptr) return;
    const std::string& text = entry->value.Scalar();
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
      return Fail(*entry, key, absl::StrCat("'", text, "' is not a whole number"));
    }
    if (error != std::errc() || number < least || number > most) {
      return Fail(*entry, key, absl::StrCat("'", text, "' is not ", Bounds(least, most)));
    }
    *value = number;
  }

  void Duration(std::string_view key, std::string_view, absl::Duration* value, absl::Duration least,
                absl::Duration most) override {
    const Entry* const entry = FindScalar(key, "a number of seconds");
    if (entry == nullptr) return;
    const std::string& text = entry->value.Scalar();
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc::invalid_argument || end != text.data() + text.size() ||
        std::isnan(seconds)) {
      return Fail(*entry, key, absl::StrCat("'", text, "' is not a number of seconds"));
    }
    const absl::Duration duration = absl::Seconds(seconds);
    if (error != std::errc() || !std::isfinite(seconds) || duration < least || duration > most) {
      return Fail(*entry, key,
                  absl::StrCat("'", text, "' is not ", Bounds(least, most), " seconds"));
    }
    *value = duration;
  }

  void StringList(std::string_view key, std::string_view, std::vector<std::string>* value,
                  std::function<std::string(const std::string&)> check) override {
    const Entry* const entry = Find(key, kOptional);
    if (entry == nullptr) return;
    std::vector<std::string> list;
    if (ReadList(*entry, key, check, list)) *value = std::move(list);
  }

  void StringMapping(
      std::string_view key, std::string_view, std::map<std::string, std::string>* value,
      std::function<std::string(const std::string&, const std::string&)> check) override {
    std::map<std::string, std::string> mapping;
    const auto read = [&](ConfigReader& below, const std::string& name, const Entry& member) {
      std::string wrong;
      if (!member.value.IsScalar()) {
        wrong = absl::StrCat("expected a single value, found ", KindOf(member.value));
      } else if (check) {
        wrong = check(name, member.value.Scalar());
      }
      if (wrong.empty()) {
        mapping[name] = member.value.Scalar();
      } else {
        below.Fail(member, name, wrong);
      }
      return wrong.empty();
    };
    if (ReadMapping(key, "expected 'name: value' lines", read)) *value = std::move(mapping);
  }

  void ListMapping(
      std::string_view key, std::string_view,
      std::map<std::string, std::vector<std::string>>* value,
      std::function<std::string(const std::string&, const std::string&)> check) override {
    std::map<std::string, std::vector<std::string>> mapping;
    const auto read = [&](ConfigReader& below, const std::string& name, const Entry& member) {
      return below.ReadList(
          member, name,
          [&](const std::string& text) { return check ? check(name, text) : std::string(); },
          mapping[name]);
    };
    if (ReadMapping(key, "expected 'name: [values]' lines", read)) *value = std::move(mapping);
  }

  void FilePath(std::string_view key, std::string_view, std::string* value,
                Presence presence) override {
    Path(key, value, presence, /*want_directory=*/false);
  }
  void DirectoryPath(std::string_view key, std::string_view, std::string* value,
                     Presence presence) override {
    Path(key, value, presence, /*want_directory=*/true);
  }

  void Section(std::string_view key, std::string_view,
               const std::function<void(ConfigVisitor&)>& describe) override {
    const Entry* const entry = Find(key, kOptional);
    if (entry != nullptr && !entry->value.IsNull() && !entry->value.IsMap()) {
      return Fail(
          *entry, key,
          absl::StrCat("expected a section of 'key: value' lines, found ", KindOf(entry->value)));
    }
    // An omitted section is read like an empty section, so that its missing required keys are
    // reported.
    ConfigReader below(Join(section_, key), entry == nullptr ? YAML::Node() : entry->value,
                       entry == nullptr ? line_ : entry->line, folder_, faults_);
    describe(below);
    below.Finish();
  }

  void SectionList(std::string_view key, std::string_view, const std::function<void()>& begin,
                   const std::function<void(ConfigVisitor&)>& describe) override {
    const Entry* const entry = Find(key, kOptional);
    if (entry == nullptr || entry->value.IsNull()) return;
    if (!entry->value.IsSequence()) {
      return Fail(
          *entry, key,
          absl::StrCat("expected a list of '- key: value' sections, found ", KindOf(entry->value)));
    }
    for (size_t i = 0; i < entry->value.size(); ++i) {
      const YAML::Node element = entry->value[i];
      const std::string name = absl::StrCat(ToAbsl(key), "[", i, "]");
      if (!element.IsMap()) {
        Fail({LineOf(element), element}, name,
             absl::StrCat("expected a section of 'key: value' lines, found ", KindOf(element)));
        continue;
      }
      begin();
      ConfigReader below(Join(section_, name), element, LineOf(element), folder_, faults_);
      describe(below);
      below.Finish();
    }
  }

  void IgnoreKeys(const std::vector<std::string_view>& keys) override {
    known_.insert(known_.end(), keys.begin(), keys.end());
  }

  // Reports keys that are in the file but not in the description. Call this function after all
  // options have been visited.
  void Finish() {
    for (const auto& [key, entry] : entries_) {
      if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
        Fail(entry, key, UnknownKey(key, known_));
      }
    }
  }

 private:
  struct Entry {
    int line;
    YAML::Node value;
  };
  using Entries = std::vector<std::pair<std::string, Entry>>;

  static int LineOf(const YAML::Node& node) { return node.Mark().line + 1; }

  static std::string Text(const std::string& path, std::string_view wrong) {
    return path.empty() ? std::string(wrong) : absl::StrCat(path, ": ", ToAbsl(wrong));
  }

  void AddEntry(const std::string& key, int line, const YAML::Node& value, Entries& entries) {
    for (const auto& [other, entry] : entries) {
      if (other == key) {
        return Fail({line, value}, key,
                    absl::StrCat("repeated; already given on line ", entry.line));
      }
    }
    entries.push_back({key, {line, value}});
  }

  void Fail(const Entry& entry, std::string_view key, std::string_view wrong) {
    faults_.push_back({entry.line, Text(Join(section_, key), wrong)});
  }

  // Returns the entry of `key`, or null if the key is not in the file. Reports an error if a
  // required key is missing.
  const Entry* Find(std::string_view key, Presence presence) {
    known_.emplace_back(key);
    for (const auto& [name, entry] : entries_) {
      if (name == key) return &entry;
    }
    if (presence == kRequired) {
      faults_.push_back({line_, Text(Join(section_, key), "missing; this key is required")});
    }
    return nullptr;
  }

  // Appends the scalars of a YAML list to `list`. Returns false if the YAML list contains an error.
  bool ReadList(const Entry& entry, std::string_view key,
                const std::function<std::string(const std::string&)>& check,
                std::vector<std::string>& list) {
    if (!entry.value.IsSequence()) {
      Fail(
          entry, key,
          absl::StrCat("expected a list ('- value' lines or [a, b]), found ", KindOf(entry.value)));
      return false;
    }
    bool good = true;
    for (const YAML::Node& element : entry.value) {
      const Entry here{LineOf(element), element};
      if (!element.IsScalar()) {
        Fail(here, key,
             absl::StrCat("expected single values in the list, found ", KindOf(element)));
        good = false;
      } else if (Accepts(here, key, element.Scalar(), check)) {
        list.push_back(element.Scalar());
      } else {
        good = false;
      }
    }
    return good;
  }

  // Calls `read(reader, name, entry)` for each name below `key`. Returns true if all calls return
  // true.
  template <typename Read>
  bool ReadMapping(std::string_view key, std::string_view expected, const Read& read) {
    const Entry* const entry = Find(key, kOptional);
    if (entry == nullptr || entry->value.IsNull()) return false;
    if (!entry->value.IsMap()) {
      Fail(*entry, key, absl::StrCat(ToAbsl(expected), ", found ", KindOf(entry->value)));
      return false;
    }
    // A separate reader handles the names below `key`. Because these names are arbitrary, Finish(),
    // which reports unknown keys, is not called for this reader.
    ConfigReader below(Join(section_, key), entry->value, entry->line, folder_, faults_);
    bool good = true;
    for (const auto& [name, member] : below.entries_) good &= read(below, name, member);
    return good;
  }

  const Entry* FindScalar(std::string_view key, std::string_view expected,
                          Presence presence = kOptional) {
    const Entry* const entry = Find(key, presence);
    if (entry == nullptr || entry->value.IsScalar()) return entry;
    Fail(*entry, key,
         absl::StrCat("expected ", ToAbsl(expected), ", found ", KindOf(entry->value)));
    return nullptr;
  }

  bool Accepts(const Entry& entry, std::string_view key, const std::string& text,
               const std::function<std::string(const std::string&)>& check) {
    const std::string wrong = check ? check(text) : "";
    if (wrong.empty()) return true;
    Fail(entry, key, absl::StrCat("'", text, "': ", wrong));
    return false;
  }

  void Path(std::string_view key, std::string* value, Presence presence, bool want_directory) {
    const Entry* const entry = FindScalar(key, "a path", presence);
    if (entry == nullptr) return;
    const std::string& text = entry->value.Scalar();
    if (text.empty()) return Fail(*entry, key, "must not be empty");
    const std::string path = (folder_ / text).lexically_normal().string();
    struct stat about;
    const bool exists = ::stat(path.c_str(), &about) == 0;
    if (exists && S_ISDIR(about.st_mode) != want_directory) {
      return Fail(
          *entry, key,
          absl::StrCat(path, want_directory ? " is not a folder" : " is a folder, not a file"));
    }
    if (!exists || ::access(path.c_str(), want_directory ? R_OK | X_OK : R_OK) != 0) {
      return Fail(*entry, key, absl::StrCat("cannot read ", path, ": ", ErrnoText(errno)));
    }
    *value = path;
  }

  const std::string section_;  // such as "fetcher.api"; empty at the top level
  const int line_;
  const std::filesystem::path folder_;
  std::vector<Fault>& faults_;
  Entries entries_;
  std::vector<std::string> known_;
};

// ---- Documenting ----

std::string Code(std::string_view text) {
  return text.empty() ? "–" : absl::StrCat("`", ToAbsl(text), "`");
}

// Prints the keys of one section as a table, followed by its nested sections.
class ConfigDocumenter final : public ConfigVisitor {
 public:
  ConfigDocumenter(std::string section, const ConfigChange& change)
      : section_(std::move(section)), change_(change) {}

  void String(std::string_view key, std::string_view sentence, std::string* value,
              Presence presence, std::function<std::string(const std::string&)>) override {
    Row(key, sentence, Default(*value, presence), "text");
  }
  void Choice(std::string_view key, std::string_view sentence, std::string* value,
              const std::vector<std::string>& allowed) override {
    Row(key, sentence, Code(*value),
        absl::StrJoin(allowed, ", ", [](std::string* out, const std::string& choice) {
          absl::StrAppend(out, Code(choice));
        }));
  }
  void Bool(std::string_view key, std::string_view sentence, bool* value) override {
    Row(key, sentence, Code(*value ? "true" : "false"), "`true`, `false`");
  }
  void Int(std::string_view key, std::string_view sentence, int64_t* value, int64_t least,
           int64_t most) override {
    Row(key, sentence, Code(absl::StrCat(*value)), Bounds(least, most));
  }
  void Duration(std::string_view key, std::string_view sentence, absl::Duration* value,
                absl::Duration least, absl::Duration most) override {
    Row(key, sentence, Code(Seconds(*value)), Bounds(least, most) + " seconds");
  }
  void StringList(std::string_view key, std::string_view sentence, std::vector<std::string>* value,
                  std::function<std::string(const std::string&)>) override {
    Row(key, sentence, Code(value->empty() ? "" : "[" + absl::StrJoin(*value, ", ") + "]"), "list");
  }
  void StringMapping(std::string_view key, std::string_view sentence,
                     std::map<std::string, std::string>* value,
                     std::function<std::string(const std::string&, const std::string&)>) override {
    Row(key, sentence,
        Code(value->empty() ? ""
                            : "{" + absl::StrJoin(*value, ", ", absl::PairFormatter(": ")) + "}"),
        "`name: value` lines");
  }
  void ListMapping(std::string_view key, std::string_view sentence,
                   std::map<std::string, std::vector<std::string>>*,
                   std::function<std::string(const std::string&, const std::string&)>) override {
    Row(key, sentence, Code(""), "`name: [values]` lines");
  }
  void SectionList(std::string_view key, std::string_view sentence,
                   const std::function<void()>& begin,
                   const std::function<void(ConfigVisitor&)>& describe) override {
    begin();
    Section(absl::StrCat(ToAbsl(key), "[]"), absl::StrCat(ToAbsl(sentence), " A list."), describe);
  }
  void IgnoreKeys(const std::vector<std::string_view>&) override {}
  void FilePath(std::string_view key, std::string_view sentence, std::string* value,
                Presence presence) override {
    Row(key, sentence, Default(*value, presence), "a file that can be read");
  }
  void DirectoryPath(std::string_view key, std::string_view sentence, std::string* value,
                     Presence presence) override {
    Row(key, sentence, Default(*value, presence), "a folder that can be read");
  }
  void Section(std::string_view key, std::string_view sentence,
               const std::function<void(ConfigVisitor&)>& describe) override {
    ConfigDocumenter below(Join(section_, key), change_);
    describe(below);
    absl::StrAppend(&sections_, "\n## `", below.section_, "`\n\n", ToAbsl(sentence), "\n",
                    below.Text());
  }

  std::string Text() const {
    return absl::StrCat(
        rows_.empty()
            ? ""
            : "\n| key | meaning | default | allowed | a change |\n|---|---|---|---|---|\n",
        rows_, sections_);
  }

 private:
  static std::string Default(const std::string& value, Presence presence) {
    return presence == kRequired ? "required" : Code(value);
  }

  void Row(std::string_view key, std::string_view sentence, const std::string& value,
           const std::string& allowed) {
    const auto cell = [](absl::string_view text) {
      return absl::StrReplaceAll(text, {{"|", "\\|"}, {"\n", " "}});
    };
    absl::StrAppend(&rows_, "| `", ToAbsl(key), "` | ", cell(ToAbsl(sentence)), " | ", cell(value),
                    " | ", cell(allowed), " | ", change_(Join(section_, key)), " |\n");
  }

  const std::string section_;
  const ConfigChange& change_;
  std::string rows_;
  std::string sections_;
};

// ---- Comparing ----

// Writes the value of each option into a map.
class ConfigFlattener final : public ConfigVisitor {
 public:
  ConfigFlattener(std::string section, std::map<std::string, std::string>& values)
      : section_(std::move(section)), values_(values) {}

  void String(std::string_view key, std::string_view, std::string* value, Presence,
              std::function<std::string(const std::string&)>) override {
    Put(key, *value);
  }
  void Choice(std::string_view key, std::string_view, std::string* value,
              const std::vector<std::string>&) override {
    Put(key, *value);
  }
  void Bool(std::string_view key, std::string_view, bool* value) override {
    Put(key, *value ? "true" : "false");
  }
  void Int(std::string_view key, std::string_view, int64_t* value, int64_t, int64_t) override {
    Put(key, absl::StrCat(*value));
  }
  void Duration(std::string_view key, std::string_view, absl::Duration* value, absl::Duration,
                absl::Duration) override {
    Put(key, absl::FormatDuration(*value));
  }
  void StringList(std::string_view key, std::string_view, std::vector<std::string>* value,
                  std::function<std::string(const std::string&)>) override {
    Put(key, absl::StrJoin(*value, "\n"));
  }
  // Each name below `key` becomes an option of its own. A comparison of two configurations then
  // shows which names differ.
  void StringMapping(std::string_view key, std::string_view,
                     std::map<std::string, std::string>* value,
                     std::function<std::string(const std::string&, const std::string&)>) override {
    for (const auto& [name, member] : *value) Put(Join(key, name), member);
  }
  void ListMapping(std::string_view key, std::string_view,
                   std::map<std::string, std::vector<std::string>>* value,
                   std::function<std::string(const std::string&, const std::string&)>) override {
    for (const auto& [name, members] : *value) Put(Join(key, name), absl::StrJoin(members, "\n"));
  }
  void SectionList(std::string_view, std::string_view, const std::function<void()>&,
                   const std::function<void(ConfigVisitor&)>&) override {}
  void IgnoreKeys(const std::vector<std::string_view>&) override {}
  void FilePath(std::string_view key, std::string_view, std::string* value, Presence) override {
    Put(key, *value);
  }
  void DirectoryPath(std::string_view key, std::string_view, std::string* value,
                     Presence) override {
    Put(key, *value);
  }
  void Section(std::string_view key, std::string_view,
               const std::function<void(ConfigVisitor&)>& describe) override {
    ConfigFlattener below(Join(section_, key), values_);
    describe(below);
  }

 private:
  void Put(std::string_view key, std::string value) {
    values_[Join(section_, key)] = std::move(value);
  }

  const std::string section_;
  std::map<std::string, std::string>& values_;
};

}  // namespace

std::vector<std::string> ReadConfig(const std::string& path, std::string_view text,
                                    const ConfigDescription& describe) {
  std::vector<ConfigReader::Fault> faults;
  try {  // yaml-cpp reports errors as exceptions
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    const YAML::Node root = documents.empty() ? YAML::Node() : documents.front();
    if (documents.size() > 1) {
      faults.push_back({documents[1].Mark().line + 1, "expected one YAML document, found another"});
    }
    if (const std::optional<int> line = UnclosedQuote(text, root)) {
      faults.push_back({*line + 1, "expected a closing quote before the end of the file"});
    } else if (!root.IsNull() && !root.IsMap()) {
      faults.push_back({root.Mark().line + 1,
                        absl::StrCat("expected 'key: value' lines, found ", KindOf(root))});
    } else {
      ConfigReader reader("", root, 1, std::filesystem::path(path).parent_path(), faults);
      describe(reader);
      reader.Finish();
    }
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line;
    faults.push_back({line + 1, SyntaxError(error.msg, TextOfLine(text, line))});
  }
  std::stable_sort(faults.begin(), faults.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  std::vector<std::string> errors;
  errors.reserve(faults.size());
  for (const ConfigReader::Fault& fault : faults) {
    errors.push_back(absl::StrCat(path, ":", fault.line, ": ", fault.text));
  }
  return errors;
}

std::string OverrideConfig(std::string_view key, const std::string& value,
                           const ConfigDescription& describe) {
  YAML::Node node(value);
  std::string_view sections = key;
  for (size_t dot = sections.rfind('.'); !sections.empty(); dot = sections.rfind('.')) {
    YAML::Node parent;
    parent[std::string(dot == std::string_view::npos ? sections : sections.substr(dot + 1))] = node;
    node.reset(parent);  // `node = parent` would also change the node that `parent` contains
    sections = dot == std::string_view::npos ? std::string_view() : sections.substr(0, dot);
  }
  std::vector<ConfigReader::Fault> faults;
  ConfigReader reader("", node, 0, {}, faults);
  describe(reader);
  reader.Finish();
  if (faults.empty()) return "";
  std::string_view text = faults.front().text;
  if (text.starts_with(key)) text.remove_prefix(std::min(text.size(), key.size() + 2));
  return std::string(text);
}

std::map<std::string, std::string> FlattenConfig(const ConfigDescription& describe) {
  std::map<std::string, std::string> values;
  ConfigFlattener flattener("", values);
  describe(flattener);
  return values;
}

std::string DocumentConfig(std::string_view title, const ConfigDescription& describe,
                           const ConfigChange& change) {
  ConfigDocumenter documenter("", change);
  describe(documenter);
  return absl::StrCat("# ", ToAbsl(title), "\n", documenter.Text());
}

}  // namespace picket
