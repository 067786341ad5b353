#pragma once

// What a tenant's file says to the parser and the detector. The file is the one that the fetcher
// reads (m365/tenant_config.h); here its sections `parser:` and `detector:` alone are read, without
// secrets.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"

namespace picket {

// A field that leaves the parser only masked.
struct MaskedField {
  std::string field;          // "UserId", "Item.Subject", "Parameters.ForwardTo"
  std::string how = "hash";   // "hash": keyed, so that equal values stay equal; "drop"
  bool undocumented = false;  // a name that is in no document of Microsoft's, on purpose
};

struct TenantParserSettings {
  bool ecs = false;  // also the ECS projection, on `events-ecs`
  std::vector<MaskedField> mask;
};

// Matches of a rule that raise no alert until a day.
struct Suppression {
  std::string rule;   // id, `tag:…` or `level:…`
  std::string owner;  // who answers for it
  std::string reason;
  std::string expires;  // "2026-12-31": the last day, UTC
  // Narrows it, read as a Sigma selection: a field's name may carry modifiers (`UserId|endswith`),
  // values wildcards.
  std::map<std::string, std::string> where;
};

struct TenantDetectorSettings {
  // Rule ids, `tag:attack.t1114.003`, `level:low`. What names a rule most closely decides (id, then
  // tag, then level), among equals `enable`; the tenant's own word comes before the defaults for
  // all.
  std::vector<std::string> disable;
  std::vector<std::string> enable;
  std::map<std::string, std::vector<std::string>> lists;  // values of placeholders (`expand`)
  std::string filters_dir;  // Sigma filters for this tenant alone; empty: none
  std::vector<Suppression> suppressions;
};

struct TenantSettings {
  std::string file;       // as messages name it
  std::string tenant_id;  // lower case
  TenantParserSettings parser;
  TenantDetectorSettings detector;
};
void Describe(ConfigVisitor& visitor, TenantParserSettings& settings);
void Describe(ConfigVisitor& visitor, TenantDetectorSettings& settings);

struct TenantSettingsFiles {
  std::vector<TenantSettings> tenants;  // those whose file has no fault
  std::vector<std::string> faults;      // "tenants.d/contoso.yaml:12: parser.mask[0].how: …"
};

// One file's text, `settings.file` being its path. Empty when all is well, else each fault with its
// line.
std::vector<std::string> ReadTenantSettings(std::string_view text, TenantSettings& settings);

// What holds for every tenant that does not say otherwise: a file with the section `detector:`
// alone.
std::vector<std::string> ReadTenantDefaults(std::string_view text, TenantSettings& settings);

// Every *.yaml and *.yml of the folder, in the order of their names; none is no fault. A fault of
// one file takes nothing from the others.
TenantSettingsFiles LoadTenantSettings(const std::string& dir);

// The tenant files of a folder, sorted by name; a fault where it cannot be read.
std::vector<std::string> TenantFilePaths(const std::string& dir, std::vector<std::string>& faults);

}  // namespace picket
