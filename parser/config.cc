#include "parser/config.h"

namespace picket::parser {

void Describe(ConfigVisitor& visitor, ParserConfig& config) {
  visitor.Duration(
      "duplicate_window_secs",
      "How long a record Id is remembered after its arrival; not longer than the topic "
      "`seen` keeps its rows.",
      &config.duplicate_window, absl::Hours(1), absl::Hours(24 * 30));
  visitor.Int("duplicate_budget_mb",
              "Memory of one worker for remembered Ids, at about 23 bytes each. Above it, the "
              "oldest Ids are moved to duplicate_dir.",
              &config.duplicate_budget_mb, 1, 1 << 20);
  visitor.String("duplicate_dir",
                 "Folder on a local disk for remembered Ids that exceed the memory budget; it is "
                 "created if it does not exist. It only contains what the topic `seen` contains, "
                 "and may be deleted while the service is stopped. Empty: above the budget the "
                 "oldest Ids are forgotten, which picket_parser_duplicate_window_seconds and a row "
                 "on `coverage` show.",
                 &config.duplicate_dir);
  visitor.Int("duplicate_disk_mb",
              "Disk space of one worker in duplicate_dir, at about 18 bytes per Id; merging "
              "files may take a quarter more. Above it, the oldest Ids are forgotten.",
              &config.duplicate_disk_mb, 1, 1 << 24);
  visitor.Bool("raw_data", "Each event also contains the original record.", &config.raw_data);
  visitor.Bool("elastic_actions",
               "ECS events name some operations as Elastic's integration does: event.action is "
               "added-user-account for `Add user.`.",
               &config.elastic_actions);
  visitor.FilePath(
      "geo_location_file",
      "MaxMind database (.mmdb) with the country or city of addresses; read again when "
      "it changes.",
      &config.geo_location_file);
  visitor.FilePath("geo_asn_file",
                   "MaxMind database (.mmdb) with the owner (autonomous system) of addresses; read "
                   "again when it changes.",
                   &config.geo_asn_file);
  visitor.FilePath("mask_key_file",
                   "File with the secret for hashes of tenants' fields, 16 bytes or more; another "
                   "secret gives other hashes.",
                   &config.mask_key_file);
  visitor.Section(
      "validate", "Checks of OCSF events against their schema while the parser runs.",
      [&](ConfigVisitor& validate) {
        validate.DirectoryPath(
            "schemas_dir",
            "Folder with the JSON Schema of each OCSF 1.8.0 class, one file NAME.json each; "
            "Picket does not contain them. Empty: no event is checked.",
            &config.schemas_dir);
        validate.Int(
            "one_in",
            "One in this number of events is checked, on average and at random. A check takes "
            "as long as normalising tens of events; an event that fails it is still produced.",
            &config.check_one_in, 1, 1'000'000'000);
      });
}

}  // namespace picket::parser
