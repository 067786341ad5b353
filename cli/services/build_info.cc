#include "cli/services/build_info.h"

#include <librdkafka/rdkafka.h>
#include <simdjson.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/version.h"

namespace picket {

void ExportBuildInfo(Metrics& metrics) {
  const std::string simdjson = absl::StrCat(static_cast<int>(simdjson::SIMDJSON_VERSION_MAJOR), ".",
                                            static_cast<int>(simdjson::SIMDJSON_VERSION_MINOR), ".",
                                            static_cast<int>(simdjson::SIMDJSON_VERSION_REVISION));
  // librdkafka is a shared library, so its version at run time counts.
  metrics
      .GetGauge("picket_build_info", {{"version", kVersion},
                                      {"librdkafka", rd_kafka_version_str()},
                                      {"simdjson", simdjson},
                                      {"compiler", __VERSION__}})
      .Set(1);
}

}  // namespace picket
