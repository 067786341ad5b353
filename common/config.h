#pragma once

// Describes the options of the configuration file. One call declares the key, the help text, the
// default and the check of an option. The same description is used to read the file and to
// generate the documentation.
//
//   struct FetcherConfig {
//     absl::Duration poll_interval = absl::Seconds(60);
//     std::string client_secret_file;
//   };
//   void Describe(ConfigVisitor& v, FetcherConfig& c) {
//     v.Duration("poll_interval_secs", "How often content is listed.", &c.poll_interval,
//                absl::Seconds(1), absl::Hours(1));
//     v.FilePath("client_secret_file", "File that contains the client secret.",
//                &c.client_secret_file, kRequired);
//     v.Section("kafka", "The cluster.", [&](ConfigVisitor& s) { Describe(s, c.kafka); });
//   }
//   std::vector<std::string> errors =
//       ReadConfig("picket.yaml", text, [&](ConfigVisitor& v) { Describe(v, config); });
//
// All errors of a file are reported together, each in the form
// `picket.yaml:14: fetcher.poll_interval_secs: …`.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace picket {

enum class Presence { kOptional, kRequired };
inline constexpr Presence kOptional = Presence::kOptional;
inline constexpr Presence kRequired = Presence::kRequired;

// Visits the options of a description. The reader fills in the fields, and the documenter prints
// the options. The value of a field before the visit is the default of the option. `sentence` is
// the help text.
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;

  virtual void String(std::string_view key, std::string_view sentence, std::string* value,
                      Presence presence = kOptional,
                      // `check` returns a description of the error, or "" if the value is valid.
                      std::function<std::string(const std::string&)> check = nullptr) = 0;
  virtual void Choice(std::string_view key, std::string_view sentence, std::string* value,
                      const std::vector<std::string>& allowed) = 0;
  virtual void Bool(std::string_view key, std::string_view sentence, bool* value) = 0;
  virtual void Int(std::string_view key, std::string_view sentence, int64_t* value, int64_t least,
                   int64_t most) = 0;
  // Visits a duration in seconds. Fractions are allowed. The key must end in _secs.
  virtual void Duration(std::string_view key, std::string_view sentence, absl::Duration* value,
                        absl::Duration least, absl::Duration most) = 0;
  virtual void StringList(std::string_view key, std::string_view sentence,
                          std::vector<std::string>* value,
                          std::function<std::string(const std::string&)> check = nullptr) = 0;
  // Visits a section with arbitrary keys and scalar values, such as librdkafka properties. `check`
  // receives the key and the value.
  virtual void StringMapping(
      std::string_view key, std::string_view sentence, std::map<std::string, std::string>* value,
      std::function<std::string(const std::string&, const std::string&)> check = nullptr) = 0;
  // Visits a section in which each key is arbitrary and its value is a list of scalars. `check`
  // receives the key and one element of its list.
  virtual void ListMapping(
      std::string_view key, std::string_view sentence,
      std::map<std::string, std::vector<std::string>>* value,
      std::function<std::string(const std::string&, const std::string&)> check = nullptr) = 0;
  // Visits a list of sections. For each section, `begin` appends an element to the caller's list,
  // and `describe` then describes this element. The documenter calls both functions once, for a
  // sample element.
  virtual void SectionList(std::string_view key, std::string_view sentence,
                           const std::function<void()>& begin,
                           const std::function<void(ConfigVisitor&)>& describe) = 0;
  // Ignores these keys of this section, because another reader of the same file handles the keys.
  virtual void IgnoreKeys(const std::vector<std::string_view>& keys) = 0;
  // Visits a path relative to the folder of the configuration file. The field receives the joined
  // path. The path must exist and be readable. With kRequired, the key must not be omitted.
  virtual void FilePath(std::string_view key, std::string_view sentence, std::string* value,
                        Presence presence = kOptional) = 0;
  virtual void DirectoryPath(std::string_view key, std::string_view sentence, std::string* value,
                             Presence presence = kOptional) = 0;
  virtual void Section(std::string_view key, std::string_view sentence,
                       const std::function<void(ConfigVisitor&)>& describe) = 0;
};

using ConfigDescription = std::function<void(ConfigVisitor&)>;

// Reads `text`, which is the YAML contents of the file `path`. Returns all errors: unknown and
// repeated keys, wrong types, missing required keys, values out of bounds, and missing files.
// Returns an empty vector if the file contains no errors.
std::vector<std::string> ReadConfig(const std::string& path, std::string_view text,
                                    const ConfigDescription& describe);

// Sets the option `key`, such as "admin.listen", as if the file contained this value. All other
// options keep their values. Returns a description of the error, or "" if the value is valid.
std::string OverrideConfig(std::string_view key, const std::string& value,
                           const ConfigDescription& describe);

// Returns the value of every option as a string, indexed by key, such as "admin.listen". The result
// is used to compare two configurations. The sections in a list of sections are left out.
std::map<std::string, std::string> FlattenConfig(const ConfigDescription& describe);

// Returns when a change of the option `key` comes into force, such as "restart".
using ConfigChange = std::function<std::string(std::string_view key)>;

// Returns a Markdown reference of the options. Each section has one table with the key, the
// meaning, the default and the allowed values of each option, and with the result of `change`.
std::string DocumentConfig(std::string_view title, const ConfigDescription& describe,
                           const ConfigChange& change);

}  // namespace picket
