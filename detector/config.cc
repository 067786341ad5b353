#include "detector/config.h"

namespace picket::detector {

void Describe(ConfigVisitor& visitor, DetectorConfig& config) {
  visitor.DirectoryPath(
      "rules_dir",
      "Folder of Sigma rules, read with its subfolders. Without it the rules that "
      "the binary carries are used.",
      &config.rules_dir);
  visitor.Duration(
      "allowed_lateness_secs",
      "How far behind the newest record of its tenant a record may be and still complete "
      "a correlation. Windows are kept as long.",
      &config.allowed_lateness, absl::Minutes(1), absl::Hours(24 * 30));
}

}  // namespace picket::detector
