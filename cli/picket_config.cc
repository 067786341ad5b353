#include "cli/picket_config.h"

#include <utility>

#include "common/file.h"
#include "common/strings.h"

namespace picket {
namespace {

void Describe(ConfigVisitor& visitor, AdminConfig& config) {
  visitor.String(
      "listen",
      "Address of /metrics, /healthz and /readyz, host:port; port 0 chooses a free port. Default: "
      "127.0.0.1 with port 9464 (fetch), 9465 (parse) or 9466 (detect), or a free port if that one "
      "is in use. The option --listen of a service takes precedence.",
      &config.listen);
  visitor.FilePath(
      "token_file",
      "File with a token of 16 characters or more. Every client must then send it (Authorization: "
      "Bearer TOKEN) to read a page other than /healthz, /readyz, /version and /metrics. Without "
      "it, only clients on this machine may read these pages. Only its owner and its group may be "
      "able to read the file.",
      &config.token_file);
  visitor.Choice("log_level", "Lowest level that is logged.", &config.log_level,
                 {"debug", "info", "warning", "error"});
  visitor.Choice("log_format", "Write log entries as lines of text or as JSON objects.",
                 &config.log_format, {"text", "json"});
}

// The settings whose changes take effect without a restart. ChangeOfSetting adds further ones.
constexpr std::pair<std::string_view, ChangeOf> kChanges[] = {
    {"admin.log_level", ChangeOf::kValue},
    {"admin.token_file", ChangeOf::kValue},
    {"detector.defaults_file", ChangeOf::kContent},
    {"detector.rules_dir", ChangeOf::kContent},
    {"fetcher.ca_file", ChangeOf::kContent},
    {"kafka.sasl_oauthbearer_client_secret_file", ChangeOf::kContent},
    {"kafka.sasl_password_file", ChangeOf::kContent},
    {"kafka.ssl_key_password_file", ChangeOf::kContent},
    {"parser.geo_asn_file", ChangeOf::kContent},
    {"parser.geo_location_file", ChangeOf::kContent},
    {"parser.mask_key_file", ChangeOf::kContent},
    {"tenants_dir", ChangeOf::kContent},
};

}  // namespace

LogLevel LogLevelOf(const AdminConfig& config) {
  if (config.log_level == "debug") return LogLevel::kDebug;
  if (config.log_level == "warning") return LogLevel::kWarning;
  if (config.log_level == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

ChangeOf ChangeOfSetting(std::string_view key) {
  for (const auto& [name, change] : kChanges) {
    if (name == key) return change;
  }
  // These are the paths of certificates, keys and key stores of the Kafka client.
  if (key.starts_with("kafka.properties.ssl.") && key.ends_with(".location")) {
    return ChangeOf::kContent;
  }
  return ChangeOf::kRestart;
}

void Describe(ConfigVisitor& visitor, PicketConfig& config) {
  visitor.Section("kafka", "The cluster and how the services use it.",
                  [&](ConfigVisitor& v) { kafka::Describe(v, config.kafka); });
  visitor.Section("topics",
                  "The topics that `picket topics create` creates and every service checks.",
                  [&](ConfigVisitor& v) { kafka::Describe(v, config.topics); });
  visitor.DirectoryPath("tenants_dir",
                        "Folder with one YAML file for each tenant. The fetcher needs it; parser "
                        "and detector read the "
                        "tenants' settings in it.",
                        &config.tenants_dir);
  visitor.Section("fetcher", "The fetcher.",
                  [&](ConfigVisitor& v) { fetcher::Describe(v, config.fetcher); });
  visitor.Section("parser", "The parser.",
                  [&](ConfigVisitor& v) { parser::Describe(v, config.parser); });
  visitor.Section("detector", "The detector.",
                  [&](ConfigVisitor& v) { detector::Describe(v, config.detector); });
  visitor.Section("admin", "Metrics, health and logs.",
                  [&](ConfigVisitor& v) { Describe(v, config.admin); });
}

std::vector<std::string> ReadPicketConfig(const std::string& path,
                                          const std::vector<ConfigOverride>& overrides,
                                          PicketConfig& config) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return {std::string(ToStd(text.status().message()))};
  const ConfigDescription describe = [&](ConfigVisitor& visitor) { Describe(visitor, config); };
  std::vector<std::string> faults = ReadConfig(path, *text, describe);
  for (const ConfigOverride& given : overrides) {
    const std::string fault = OverrideConfig(given.key, given.value, describe);
    if (!fault.empty()) faults.push_back(absl::StrCat(given.flag, ": ", fault));
  }
  return faults;
}

std::vector<std::string> LoadPicketConfig(const std::string& path, PicketConfig& config,
                                          const std::vector<ConfigOverride>& overrides) {
  std::vector<std::string> faults = ReadPicketConfig(path, overrides, config);
  if (faults.empty()) {
    ConfigureLog(LogLevelOf(config.admin),
                 config.admin.log_format == "json" ? LogFormat::kJson : LogFormat::kText);
  }
  return faults;
}

}  // namespace picket
