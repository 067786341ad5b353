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

// `admin:` of picket.yaml.
struct AdminConfig {
  std::string listen = "127.0.0.1:0";
  std::string log_level = "info";
  std::string log_format = "text";
};

// One picket.yaml for all services: each reads its part, all of it is checked.
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

// Reads the file; every fault of it is one line. Applies the log settings when there is none.
std::vector<std::string> LoadPicketConfig(const std::string& path, PicketConfig& config);

}  // namespace picket
