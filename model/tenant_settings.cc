#include "model/tenant_settings.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/file.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "model/audit_fields.h"

namespace picket {
namespace {

std::string MustBeDay(const std::string& value) {
  absl::CivilDay day;
  if (absl::ParseCivilTime(value, &day) && absl::FormatCivilTime(day) == value) return "";
  return "must be a day like 2026-12-31";
}

// Returns an error if the field cannot be masked, or if its name is unknown. A misspelt name must
// not be accepted, because it would leave the field unmasked.
std::string MustBeMaskable(const MaskedField& mask, const std::string& path) {
  const std::string name = path.substr(0, path.find('.'));
  for (const std::string_view needed : {"Id", "CreationTime", "Operation", "OrganizationId",
                                        "RecordType", "UserType", "Workload"}) {
    if (EqualsIgnoreCase(name, needed)) {
      return absl::StrCat("'", name,
                          "' cannot be masked: it identifies the record or decides its mapping");
    }
  }
  if (name.empty() || path.back() == '.' || path.find("..") != std::string::npos) {
    return "must be names separated by single dots";
  }
  if (mask.undocumented || FindAuditField(name) != nullptr) return "";
  return absl::StrCat("no field '", name,
                      "' is documented; if records do have it, add 'undocumented: true'");
}

}  // namespace

void Describe(ConfigVisitor& v, TenantParserSettings& settings) {
  v.Bool("ecs", "Also write each event in its ECS form, on the topic `events-ecs`.", &settings.ecs);
  v.SectionList(
      "mask", "Fields that are masked in every output of the parser.",
      [&] { settings.mask.emplace_back(); },
      [&](ConfigVisitor& field) {
        MaskedField& mask = settings.mask.back();
        // `undocumented` must be read before `field`, because the check of `field` depends on it.
        field.Bool("undocumented",
                   "The field is not documented by Microsoft; accept its name as spelled.",
                   &mask.undocumented);
        field.String(
            "field",
            "Name of the field in the audit record; `Item.Subject` and `Parameters.ForwardTo` name "
            "a member of a field.",
            &mask.field, kRequired,
            [&mask](const std::string& path) { return MustBeMaskable(mask, path); });
        field.Choice("how", "`hash`: a keyed hash, so equal values stay equal; `drop`: removed.",
                     &mask.how, {"hash", "drop"});
      });
}

void Describe(ConfigVisitor& v, TenantDetectorSettings& settings) {
  v.StringList("disable",
               "Rules that are off for this tenant: names (id, name, title or file), "
               "`tag:attack.t1114.003`, `level:low`.",
               &settings.disable);
  v.StringList("enable", "Rules that stay on despite `disable`, named in the same way.",
               &settings.enable);
  v.ListMapping("lists", "Values of the placeholders that rules use with `expand`.",
                &settings.lists);
  v.DirectoryPath("filters_dir", "Folder of Sigma filters that apply only to this tenant.",
                  &settings.filters_dir);
  v.SectionList(
      "suppressions", "Matches of a rule that raise no alert until a given day.",
      [&] { settings.suppressions.emplace_back(); },
      [&](ConfigVisitor& s) {
        Suppression& suppression = settings.suppressions.back();
        s.String("rule",
                 "Id, name, title or file of the rule, or `tag:attack.t1114.003`, `level:low`.",
                 &suppression.rule, kRequired);
        s.String("owner", "Who is responsible for it.", &suppression.owner, kRequired);
        s.String("reason", "Why.", &suppression.reason, kRequired);
        s.String("expires", "The last day, UTC; after it the rule raises alerts again.",
                 &suppression.expires, kRequired, MustBeDay);
        s.StringMapping("where",
                        "Only events in which each of these fields has this value. Read as a "
                        "Sigma selection: `UserId|endswith` and wildcards work.",
                        &suppression.where);
      });
}

std::vector<std::string> TenantFilePaths(const std::string& dir, std::vector<std::string>& faults) {
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path& path = entry->path();
    if (path.filename().string().starts_with(".")) continue;
    if (path.extension() == ".yaml" || path.extension() == ".yml") paths.push_back(path.string());
  }
  if (error) {
    faults.push_back(absl::StrCat("cannot read the tenants folder ", dir, ": ", error.message()));
    return {};
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> ReadTenantSettings(std::string_view text, TenantSettings& settings) {
  std::vector<std::string> faults = ReadConfig(settings.file, text, [&](ConfigVisitor& v) {
    v.String("tenant_id", "The tenant's directory id, a GUID.", &settings.tenant_id, kRequired,
             [](const std::string& id) -> std::string {
               return IsGuid(id) ? "" : "must be a GUID like 11111111-2222-3333-4444-555555555555";
             });
    v.Section("parser", "What the parser does for this tenant.",
              [&](ConfigVisitor& section) { Describe(section, settings.parser); });
    v.Section("detector", "What the detector does for this tenant.",
              [&](ConfigVisitor& section) { Describe(section, settings.detector); });
    // The fetcher reads these keys (m365/tenant_config.cc).
    v.IgnoreKeys({"name", "cloud", "client_id", "client_secret_file", "content_types",
                  "publisher_id", "audience", "login_url", "api_url", "weight"});
  });
  settings.tenant_id = LowerAscii(settings.tenant_id);
  return faults;
}

std::vector<std::string> ReadTenantDefaults(std::string_view text, TenantSettings& settings) {
  return ReadConfig(settings.file, text, [&](ConfigVisitor& v) {
    v.Section("detector", "What the detector does for every tenant.",
              [&](ConfigVisitor& section) { Describe(section, settings.detector); });
  });
}

TenantSettingsFiles LoadTenantSettings(const std::string& dir) {
  TenantSettingsFiles result;
  std::map<std::string, std::string> owners;  // the file that defines each tenant
  for (const std::string& path : TenantFilePaths(dir, result.faults)) {
    result.is_readable = true;
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) {
      result.faults.emplace_back(text.status().message());
      result.faulty.push_back(path);
      continue;
    }
    TenantSettings tenant;
    tenant.file = path;
    std::vector<std::string> faults = ReadTenantSettings(*text, tenant);
    if (faults.empty()) {
      const auto [owner, is_new] = owners.emplace(tenant.tenant_id, path);
      if (!is_new) {
        faults.push_back(absl::StrCat(path, ": tenant_id: ", tenant.tenant_id,
                                      " is already described by ", owner->second));
      }
    }
    if (faults.empty()) {
      result.tenants.push_back(std::move(tenant));
    } else {
      result.faults.insert(result.faults.end(), faults.begin(), faults.end());
      result.faulty.push_back(path);
    }
  }
  return result;
}

std::vector<TenantSettings> MergeTenantSettings(const std::vector<TenantSettings>& in_force,
                                                TenantSettingsFiles files) {
  if (!files.is_readable) return in_force;
  std::vector<TenantSettings> merged = std::move(files.tenants);
  std::set<std::string, std::less<>> known;
  for (const TenantSettings& tenant : merged) known.insert(tenant.tenant_id);
  const std::set<std::string_view> faulty(files.faulty.begin(), files.faulty.end());
  for (const TenantSettings& old : in_force) {
    if (faulty.contains(old.file) && !known.contains(old.tenant_id)) merged.push_back(old);
  }
  return merged;
}

}  // namespace picket
