#pragma once

// Options of the configuration file. One expression declares key, sentence, default and check; the
// file is read, and the documentation generated, from the same description.
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
// All faults of a file are reported together, each as
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

// Visits the options of a description. The reader fills in the fields; the documenter prints them.
// The value of a field before the visit is its default.
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;

  virtual void String(std::string_view key, std::string_view sentence, std::string* value,
                      Presence presence = kOptional,
                      // Returns what is wrong with the value; empty if it is valid.
                      std::function<std::string(const std::string&)> check = nullptr) = 0;
  virtual void Choice(std::string_view key, std::string_view sentence, std::string* value,
                      const std::vector<std::string>& allowed) = 0;
  virtual void Bool(std::string_view key, std::string_view sentence, bool* value) = 0;
  virtual void Int(std::string_view key, std::string_view sentence, int64_t* value, int64_t least,
                   int64_t most) = 0;
  // In seconds, fractions allowed. The key must end in _secs.
  virtual void Duration(std::string_view key, std::string_view sentence, absl::Duration* value,
                        absl::Duration least, absl::Duration most) = 0;
  virtual void StringList(std::string_view key, std::string_view sentence,
                          std::vector<std::string>* value,
                          std::function<std::string(const std::string&)> check = nullptr) = 0;
  // Arbitrary keys with scalar values (librdkafka properties). `check` receives key and value.
  virtual void StringMapping(
      std::string_view key, std::string_view sentence, std::map<std::string, std::string>* value,
      std::function<std::string(const std::string&, const std::string&)> check = nullptr) = 0;
  // Arbitrary keys with lists of scalars (named lists of values). `check` receives the key and one
  // value.
  virtual void ListMapping(
      std::string_view key, std::string_view sentence,
      std::map<std::string, std::vector<std::string>>* value,
      std::function<std::string(const std::string&, const std::string&)> check = nullptr) = 0;
  // A list of sections. `begin` appends an element to the caller's list, then `describe` is called
  // for that element. The documenter calls both once, for a sample element.
  virtual void SectionList(std::string_view key, std::string_view sentence,
                           const std::function<void()>& begin,
                           const std::function<void(ConfigVisitor&)>& describe) = 0;
  // Keys of this section that another reader of the same file handles. Their values are ignored.
  virtual void IgnoreKeys(const std::vector<std::string_view>& keys) = 0;
  // A path relative to the folder of the configuration file. The field receives the joined path.
  // The path must exist and be readable; with kRequired it must be given.
  virtual void FilePath(std::string_view key, std::string_view sentence, std::string* value,
                        Presence presence = kOptional) = 0;
  virtual void DirectoryPath(std::string_view key, std::string_view sentence, std::string* value,
                             Presence presence = kOptional) = 0;
  virtual void Section(std::string_view key, std::string_view sentence,
                       const std::function<void(ConfigVisitor&)>& describe) = 0;
};

using ConfigDescription = std::function<void(ConfigVisitor&)>;

// Reads `text`, the YAML contents of the file `path`. Returns all faults: unknown and repeated
// keys, wrong types, missing required keys, values out of bounds, and missing files. Empty if there
// is none.
std::vector<std::string> ReadConfig(const std::string& path, std::string_view text,
                                    const ConfigDescription& describe);

// Returns the options as a Markdown reference: one table per section with key, meaning, default and
// allowed values.
std::string DocumentConfig(std::string_view title, const ConfigDescription& describe);

}  // namespace picket
