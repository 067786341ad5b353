#include "detector/config.h"

namespace picket::detector {

void Describe(ConfigVisitor& visitor, DetectorConfig& config) {
  visitor.Choice(
      "rules_from",
      "Where rules are read from: `rules_dir`, or the topic `rules`, which `picket rules "
      "publish` writes.",
      &config.rules_from, {"folder", "topic"});
  visitor.DirectoryPath(
      "rules_dir",
      "Folder of Sigma rules; subfolders are included. If it is not set, the rules that "
      "are built into the binary are used.",
      &config.rules_dir);
  visitor.FilePath(
      "defaults_file",
      "YAML file with a section `detector:` like that of tenants' files. It applies to "
      "every tenant whose own file does not override it.",
      &config.defaults_file);
  visitor.Duration(
      "reload_interval_secs",
      "How often the detector checks whether rules or tenants' settings have changed. A "
      "change comes into force when two consecutive checks find the same state.",
      &config.reload_interval, absl::Milliseconds(50), absl::Hours(1));
  visitor.Duration(
      "allowed_lateness_secs",
      "How far a record may be behind the newest record of its tenant and still complete "
      "a correlation. Windows are kept for the same time.",
      &config.allowed_lateness, absl::Minutes(1), absl::Hours(24 * 30));
}

}  // namespace picket::detector
