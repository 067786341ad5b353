#include "detector/config.h"

namespace picket::detector {

void Describe(ConfigVisitor& visitor, DetectorConfig& config) {
  visitor.Choice(
      "rules_from",
      "Where the rules are: in `rules_dir`, or on the topic `rules`, which `picket rules "
      "publish` fills.",
      &config.rules_from, {"folder", "topic"});
  visitor.DirectoryPath(
      "rules_dir",
      "Folder of Sigma rules, read with its subfolders. Without it the rules that "
      "the binary carries are used.",
      &config.rules_dir);
  visitor.FilePath("defaults_file",
                   "YAML file with a section `detector:` as tenants' files have it, for every "
                   "tenant that does not say otherwise.",
                   &config.defaults_file);
  visitor.Duration(
      "reload_interval_secs",
      "How often the detector looks whether rules or tenants' settings have changed; a "
      "change that is found the same twice comes into force.",
      &config.reload_interval, absl::Milliseconds(50), absl::Hours(1));
  visitor.Duration(
      "allowed_lateness_secs",
      "How far behind the newest record of its tenant a record may be and still complete "
      "a correlation. Windows are kept as long.",
      &config.allowed_lateness, absl::Minutes(1), absl::Hours(24 * 30));
}

}  // namespace picket::detector
