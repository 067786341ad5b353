#pragma once

// A tenant's settings for the parser and the detector. They are in the tenant file that the fetcher
// reads (m365/tenant_config.h). Only its sections `parser:` and `detector:` are read here; no
// secrets.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"

namespace picket {

// A field that is masked in every output of the parser.
struct MaskedField {
  std::string field;          // "UserId", "Item.Subject", "Parameters.ForwardTo"
  std::string how = "hash";   // "hash": a keyed hash, so equal values stay equal; "drop"
  bool undocumented = false;  // the name is intended although Microsoft does not document it
};

struct TenantParserSettings {
  bool ecs = false;  // also the ECS projection, on `events-ecs`
  std::vector<MaskedField> mask;
};

// Matches of a rule that raise no alert until a given day.
struct Suppression {
  std::string rule;   // id, `tag:…` or `level:…`
  std::string owner;  // who is responsible for it
  std::string reason;
  std::string expires;  // "2026-12-31": the last day, UTC
  // Restricts it to some events. It is read as a Sigma selection: names can have modifiers
  // (`UserId|endswith`), and values wildcards.
  std::map<std::string, std::string> where;
};

struct TenantDetectorSettings {
  // Rule ids, `tag:attack.t1114.003`, `level:low`. The most specific entry decides (id, then tag,
  // then level); of equally specific ones `enable` does. The tenant's entries override the defaults
  // for all tenants.
  std::vector<std::string> disable;
  std::vector<std::string> enable;
  std::map<std::string, std::vector<std::string>> lists;  // values of placeholders (`expand`)
  std::string filters_dir;  // Sigma filters for this tenant only; empty for none
  std::vector<Suppression> suppressions;
};

struct TenantSettings {
  std::string file;       // its path, as in messages
  std::string tenant_id;  // lower case
  TenantParserSettings parser;
  TenantDetectorSettings detector;
};
void Describe(ConfigVisitor& visitor, TenantParserSettings& settings);
void Describe(ConfigVisitor& visitor, TenantDetectorSettings& settings);

struct TenantSettingsFiles {
  std::vector<TenantSettings> tenants;  // from the files without a fault
  std::vector<std::string> faults;      // "tenants.d/contoso.yaml:12: parser.mask[0].how: …"
};

// Reads the text of one file; `settings.file` is its path. Returns each fault with its line.
std::vector<std::string> ReadTenantSettings(std::string_view text, TenantSettings& settings);

// Reads the defaults of all tenants: a file that has only the section `detector:`.
std::vector<std::string> ReadTenantDefaults(std::string_view text, TenantSettings& settings);

// Reads every *.yaml and *.yml of the folder, in the order of their names. A folder without such
// files is not a fault. A fault in one file does not affect the others.
TenantSettingsFiles LoadTenantSettings(const std::string& dir);

// The tenant files of a folder, sorted by name. Adds a fault if the folder cannot be read.
std::vector<std::string> TenantFilePaths(const std::string& dir, std::vector<std::string>& faults);

}  // namespace picket
