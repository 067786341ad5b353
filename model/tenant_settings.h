#pragma once

// A tenant's settings for the parser and the detector. The settings are in the tenant file that the
// fetcher also reads (m365/tenant_config.h). This code reads only the tenant's id and the sections
// `parser:` and `detector:`. It reads no secrets.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"

namespace picket {

// A field that is masked in every output of the parser.
struct MaskedField {
  std::string field;          // "UserId", "Item.Subject", "Parameters.ForwardTo"
  std::string how = "hash";   // "hash" (keyed; equal values have equal hashes) or "drop"
  bool undocumented = false;  // accepts a field that Microsoft does not document

  bool operator==(const MaskedField&) const = default;
};

struct TenantParserSettings {
  bool ecs = false;  // also writes ECS events, to the topic `events-ecs`
  std::vector<MaskedField> mask;

  bool operator==(const TenantParserSettings&) const = default;
};

// Suppresses the alerts of one or more rules until a given day.
struct Suppression {
  std::string rule;   // a rule id, `tag:…` or `level:…`
  std::string owner;  // who is responsible for the suppression
  std::string reason;
  std::string expires;  // the last day of the suppression in UTC, "2026-12-31"
  // Restricts the suppression to some events. The map is read as a Sigma selection: names can have
  // modifiers (`UserId|endswith`), and values can have wildcards.
  std::map<std::string, std::string> where;
};

struct TenantDetectorSettings {
  // The entries of `disable` and `enable` are rule ids, tags (`tag:attack.t1114.003`) or levels
  // (`level:low`). The most specific entry decides. An id is more specific than a tag, and a tag is
  // more specific than a level. If two entries are equally specific, `enable` decides. The tenant's
  // entries override the defaults for all tenants.
  std::vector<std::string> disable;
  std::vector<std::string> enable;
  // The values for the placeholders in rules (modifier `expand`), indexed by placeholder.
  std::map<std::string, std::vector<std::string>> lists;
  std::string filters_dir;  // the folder of Sigma filters for this tenant only; may be empty
  std::vector<Suppression> suppressions;
};

struct TenantSettings {
  std::string file;       // the path of the file, for messages
  std::string tenant_id;  // in lower case
  TenantParserSettings parser;
  TenantDetectorSettings detector;
};
void Describe(ConfigVisitor& visitor, TenantParserSettings& settings);
void Describe(ConfigVisitor& visitor, TenantDetectorSettings& settings);

struct TenantSettingsFiles {
  std::vector<TenantSettings> tenants;  // from the files that have no errors
  std::vector<std::string> faults;      // "tenants.d/contoso.yaml:12: parser.mask[0].how: …"
  std::vector<std::string> faulty;      // the paths of the files with errors
  bool is_readable = false;             // false if the folder cannot be read or has no tenant file
};

// Parses the text of one file. The caller must have set `settings.file`, because the errors contain
// the path. Returns the errors, each with its line number.
std::vector<std::string> ReadTenantSettings(std::string_view text, TenantSettings& settings);

// Parses the defaults of all tenants. The file with the defaults has only the section `detector:`.
// Returns the errors, each with its line number.
std::vector<std::string> ReadTenantDefaults(std::string_view text, TenantSettings& settings);

// Reads every *.yaml and *.yml file of the folder, in the order of their names. A folder without
// such files is not an error. An error in one file does not affect the other files.
TenantSettingsFiles LoadTenantSettings(const std::string& dir);

// Returns the settings to use after a new reading of the files. A tenant whose file now has an
// error keeps its old settings. If the folder cannot be read or has no tenant file, for example
// because a volume is not mounted, all tenants keep their old settings.
std::vector<TenantSettings> MergeTenantSettings(const std::vector<TenantSettings>& in_force,
                                                TenantSettingsFiles files);

// Returns the paths of the tenant files in a folder, sorted by name. Adds an error to `faults` if
// the folder cannot be read.
std::vector<std::string> TenantFilePaths(const std::string& dir, std::vector<std::string>& faults);

}  // namespace picket
