#include "parser/config.h"

namespace picket::parser {

void Describe(ConfigVisitor& visitor, ParserConfig& config) {
  visitor.Duration("duplicate_window_secs",
                   "How long a record Id is remembered, by the time of its arrival; no longer than "
                   "the topic `seen` keeps its rows.",
                   &config.duplicate_window, absl::Hours(1), absl::Hours(24 * 30));
  visitor.Int(
      "duplicate_budget_mb",
      "Memory of one worker for remembered Ids, at about 23 bytes each. Over it the oldest go "
      "to duplicate_dir.",
      &config.duplicate_budget_mb, 1, 1 << 20);
  visitor.String(
      "duplicate_dir",
      "Folder on a local disk for remembered Ids that memory has no room for; made where "
      "it is not there. It only holds what the topic `seen` has, and may be deleted while "
      "the service is stopped. Empty: over the budget the oldest are forgotten, which "
      "picket_parser_duplicate_window_seconds and a row on `coverage` show.",
      &config.duplicate_dir);
  visitor.Int(
      "duplicate_disk_mb",
      "Space of one worker in duplicate_dir, at about 18 bytes an Id; while files are merged "
      "a quarter more may be taken. Over it the oldest are forgotten.",
      &config.duplicate_disk_mb, 1, 1 << 24);
  visitor.Bool("raw_data", "Each event also carries the record as it came.", &config.raw_data);
  visitor.Bool("elastic_actions",
               "ECS events name some operations as Elastic's integration does: event.action is "
               "added-user-account for `Add user.`.",
               &config.elastic_actions);
  visitor.FilePath(
      "geo_location_file",
      "MaxMind database (.mmdb) with the country or city of addresses; read again when "
      "it changes.",
      &config.geo_location_file);
  visitor.FilePath("geo_asn_file", "MaxMind database (.mmdb) with whose network an address is of.",
                   &config.geo_asn_file);
  visitor.FilePath(
      "mask_key_file",
      "File with the secret, 16 bytes or more, that fields of tenants are hashed with; "
      "another secret makes other hashes.",
      &config.mask_key_file);
  visitor.Section(
      "validate", "Checks of OCSF events against their schema, while the parser runs.",
      [&](ConfigVisitor& validate) {
        validate.DirectoryPath(
            "schemas_dir",
            "Folder with the JSON Schema of each OCSF 1.8.0 class, a file NAME.json each; Picket "
            "carries none. Empty: no event is checked.",
            &config.schemas_dir);
        validate.Int("one_in",
                     "Of so many events one is checked, on average and at random. A check takes as "
                     "long as some tens of events; an event that fails it goes out all the same.",
                     &config.check_one_in, 1, 1'000'000'000);
      });
}

}  // namespace picket::parser
