#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/config.h"
#include "detector/config.h"
#include "fetcher/config.h"
#include "kafka/config.h"
#include "parser/config.h"

namespace picket {

// The section `admin` of picket.yaml.
struct AdminConfig {
  std::string listen = "127.0.0.1:0";
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

// Reads the file into `config` and returns the errors in the file, each as one line. If there are
// no errors, applies the log settings.
std::vector<std::string> LoadPicketConfig(const std::string& path, PicketConfig& config);

}  // namespace picket
