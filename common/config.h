#pragma once

// Options of the configuration file: key, sentence, default and check in one expression, read and documented from the
// same description.
//
//   struct FetcherConfig {
//     absl::Duration poll_interval = absl::Seconds(60);
//     std::string client_secret_file;
//   };
//   void Describe(ConfigVisitor& v, FetcherConfig& c) {
//     v.Duration("poll_interval_secs", "How often content is listed.", &c.poll_interval, absl::Seconds(1), absl::Hours(1));
//     v.FilePath("client_secret_file", "File that holds the client secret.", &c.client_secret_file, kRequired);
//     v.Section("kafka", "The cluster.", [&](ConfigVisitor& section) { Describe(section, c.kafka); });
//   }
//   std::vector<std::string> errors = ReadConfig("picket.yaml", text, [&](ConfigVisitor& v) { Describe(v, config); });
//
// Every fault of a file is reported at once, each as `picket.yaml:14: fetcher.poll_interval_secs: …`.

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

// What a description talks to: the reader fills the fields, the documenter prints them.
// The value that a field has before the visit is its default.
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;

  virtual void String(std::string_view key, std::string_view sentence, std::string* value,
                      Presence presence = kOptional,
                      // Returns what is wrong with the value, or nothing.
                      std::function<std::string(const std::string&)> check = nullptr) = 0;
  virtual void Choice(std::string_view key, std::string_view sentence, std::string* value,
                      const std::vector<std::string>& allowed) = 0;
  virtual void Bool(std::string_view key, std::string_view sentence, bool* value) = 0;
  virtual void Int(std::string_view key, std::string_view sentence, int64_t* value, int64_t least,
                   int64_t most) = 0;
  // In seconds, with fractions; keys end in _secs.
  virtual void Duration(std::string_view key, std::string_view sentence, absl::Duration* value,
                        absl::Duration least, absl::Duration most) = 0;
  virtual void StringList(std::string_view key, std::string_view sentence,
                          std::vector<std::string>* value,
                          std::function<std::string(const std::string&)> check = nullptr) = 0;
  // Free keys with scalar values (librdkafka properties). `check` gets key and value.
  virtual void StringMapping(
      std::string_view key, std::string_view sentence, std::map<std::string, std::string>* value,
      std::function<std::string(const std::string&, const std::string&)> check = nullptr) = 0;
  // Free keys with lists of scalars (named lists of values). `check` gets key and one value.
  virtual void ListMapping(
      std::string_view key, std::string_view sentence,
      std::map<std::string, std::vector<std::string>>* value,
      std::function<std::string(const std::string&, const std::string&)> check = nullptr) = 0;
  // A list of sections. `begin` appends an element to the caller's list and `describe` is then called for it; the
  // documenter does so once, for an element that it makes up.
  virtual void SectionList(std::string_view key, std::string_view sentence,
                           const std::function<void()>& begin,
                           const std::function<void(ConfigVisitor&)>& describe) = 0;
  // Keys of this section that belong to another reader of the same file; their values are not looked at.
  virtual void Elsewhere(const std::vector<std::string_view>& keys) = 0;
  // A path, relative to the configuration file's folder; the field gets it joined. With kRequired it must be given.
  // A path that is given must exist and be readable.
  virtual void FilePath(std::string_view key, std::string_view sentence, std::string* value,
                        Presence presence = kOptional) = 0;
  virtual void DirectoryPath(std::string_view key, std::string_view sentence, std::string* value,
                             Presence presence = kOptional) = 0;
  virtual void Section(std::string_view key, std::string_view sentence,
                       const std::function<void(ConfigVisitor&)>& describe) = 0;
};

using ConfigDescription = std::function<void(ConfigVisitor&)>;

// Reads `text` (YAML) of the file `path`. Unknown and repeated keys, wrong types, missing required keys, values outside
// their bounds and files that are not there are all reported; empty when all is well.
std::vector<std::string> ReadConfig(const std::string& path, std::string_view text,
                                    const ConfigDescription& describe);

// The same options as a Markdown reference: one table a section with key, meaning, default, bounds.
std::string DocumentConfig(std::string_view title, const ConfigDescription& describe);

}  // namespace picket
