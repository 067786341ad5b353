#include "cli/picket_config.h"

#include "common/file.h"
#include "common/log.h"
#include "common/strings.h"

namespace picket {
namespace {

void Describe(ConfigVisitor& visitor, AdminConfig& config) {
  visitor.String("listen", "Address of /metrics, /healthz and /readyz; port 0 chooses a free port.",
                 &config.listen);
  visitor.Choice("log_level", "Lowest level that is logged.", &config.log_level,
                 {"debug", "info", "warning", "error"});
  visitor.Choice("log_format", "Write log entries as lines of text or as JSON objects.",
                 &config.log_format, {"text", "json"});
}

LogLevel LevelOf(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

}  // namespace

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

std::vector<std::string> LoadPicketConfig(const std::string& path, PicketConfig& config) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return {std::string(ToStd(text.status().message()))};
  std::vector<std::string> faults =
      ReadConfig(path, *text, [&](ConfigVisitor& visitor) { Describe(visitor, config); });
  if (faults.empty()) {
    ConfigureLog(LevelOf(config.admin.log_level),
                 config.admin.log_format == "json" ? LogFormat::kJson : LogFormat::kText);
  }
  return faults;
}

}  // namespace picket
