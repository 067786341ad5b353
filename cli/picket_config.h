#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "common/log.h"
#include "detector/config.h"
#include "fetcher/config.h"
#include "kafka/config.h"
#include "parser/config.h"

namespace picket {

// The section `admin` of picket.yaml.
struct AdminConfig {
  std::string listen;      // if empty, the service's default address
  std::string token_file;  // may be empty; protects additional pages (http/admin_server.h)
  std::string log_level = "info";
  std::string log_format = "text";
};

// picket.yaml, the single configuration file of all services. Each service uses its own sections
// but checks all sections.
struct PicketConfig {
  kafka::KafkaConfig kafka;
  kafka::TopicsConfig topics;
  std::string tenants_dir;
  fetcher::FetcherConfig fetcher;
  parser::ParserConfig parser;
  detector::DetectorConfig detector;
  AdminConfig admin;
};
void Describe(ConfigVisitor& visitor, PicketConfig& config);

// An option of the command line that takes precedence over the file, such as
// {"--listen", "admin.listen", "0.0.0.0:9464"}.
struct ConfigOverride {
  std::string flag;
  std::string key;
  std::string value;
};

// Reads the file into `config`, applies `overrides`, and returns the errors, each as one line.
std::vector<std::string> ReadPicketConfig(const std::string& path,
                                          const std::vector<ConfigOverride>& overrides,
                                          PicketConfig& config);

// Does the same as ReadPicketConfig. If there are no errors, also applies the log settings.
std::vector<std::string> LoadPicketConfig(const std::string& path, PicketConfig& config,
                                          const std::vector<ConfigOverride>& overrides = {});

LogLevel LogLevelOf(const AdminConfig& config);

// When a running service uses a changed setting.
enum class ChangeOf {
  kRestart,  // after a restart
  kValue,    // after SIGHUP
  // The setting is the path of a file or folder. After SIGHUP, a service reads the same path again.
  // A service uses another path only after a restart.
  kContent,
};
// Returns when a change of the option comes into force. `key` is an option of picket.yaml, such as
// "admin.log_level".
ChangeOf ChangeOfSetting(std::string_view key);

}  // namespace picket
