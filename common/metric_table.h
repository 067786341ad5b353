#pragma once

// The table of all metrics. A metric can only be created by its name in this table: any other name
// does not compile (common/metrics.h). `picket metrics` prints the table as docs/metrics.md.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace picket {

enum class MetricType : uint8_t { kCounter, kGauge, kHistogram };

// The groups of the metrics. Each group has a heading in docs/metrics.md.
enum class MetricGroup : uint8_t { kProcess, kBalance, kWorker, kFetcher, kParser, kDetector };

struct MetricSpec {
  MetricGroup group;
  std::string_view name;
  MetricType type;
  std::string_view labels;   // names separated by commas
  std::string_view meaning;  // one sentence, which is also the HELP text for Prometheus
  std::string_view advice;   // what an operator should do or know; may be empty
  // The maximum number of series of a metric whose label values come from outside. After this
  // number, new label values are replaced by "other". A 0 means no maximum: the label values are
  // constants, or the configuration bounds their number.
  int most_series = 0;
};

inline constexpr MetricSpec kMetrics[] = {
    // Every service.
    {MetricGroup::kProcess, "picket_build_info", MetricType::kGauge,
     "version,librdkafka,simdjson,compiler",
     "Always 1; the labels contain the versions of the program and its libraries.",
     "Join with it to see which versions run."},
    {MetricGroup::kProcess, "process_cpu_seconds_total", MetricType::kCounter, "",
     "CPU time of the process, user and system.", ""},
    {MetricGroup::kProcess, "process_resident_memory_bytes", MetricType::kGauge, "",
     "Memory of the process that is in RAM.",
     "It stays at its peak, because freed memory is kept for the next fetch."},
    {MetricGroup::kProcess, "process_virtual_memory_bytes", MetricType::kGauge, "",
     "Address space of the process.", ""},
    {MetricGroup::kProcess, "process_open_fds", MetricType::kGauge, "", "Open file descriptors.",
     "If it approaches `process_max_fds`, raise the limit (`ulimit -n`, `LimitNOFILE`)."},
    {MetricGroup::kProcess, "process_max_fds", MetricType::kGauge, "",
     "Limit of open file descriptors.", ""},
    {MetricGroup::kProcess, "process_threads", MetricType::kGauge, "", "Threads of the process.",
     ""},
    {MetricGroup::kProcess, "process_start_time_seconds", MetricType::kGauge, "",
     "Time at which the process started, in seconds since 1970.",
     "A value that changes often shows a service that restarts again and again."},

    // The balance of each stage.
    {MetricGroup::kBalance, "picket_records_in_total", MetricType::kCounter, "stage",
     "Units that the stage took on, in committed transactions.", ""},
    {MetricGroup::kBalance, "picket_records_out_total", MetricType::kCounter, "stage",
     "Units that the stage processed, in committed transactions.", ""},
    {MetricGroup::kBalance, "picket_duplicates_total", MetricType::kCounter, "stage",
     "Units that were discarded because they had been processed before.",
     "Normal: Microsoft delivers records more than once."},
    {MetricGroup::kBalance, "picket_dead_letters_total", MetricType::kCounter, "stage,reason",
     "Units that became dead letters. A dead letter in several parts counts once.",
     "Look at the topic `dead-letters`; the headers contain the reason."},
    {MetricGroup::kBalance, "picket_dropped_total", MetricType::kCounter, "stage,reason",
     "Units that the stage gave up without a dead letter, because it never had their bytes.",
     "A `gap` row on `coverage` names each of them."},

    // The workers of every stage.
    {MetricGroup::kWorker, "picket_topic_differences", MetricType::kGauge, "topic,setting",
     "1 while a topic that the service uses differs from the configuration in this setting.",
     "Run `picket topics check`: it prints the command that repairs each difference."},
    {MetricGroup::kWorker, "picket_messages_in_total", MetricType::kCounter, "stage,topic",
     "Input messages in committed transactions.", ""},
    {MetricGroup::kWorker, "picket_messages_out_total", MetricType::kCounter, "stage,topic",
     "Output messages in committed transactions.", ""},
    {MetricGroup::kWorker, "picket_transactions_total", MetricType::kCounter, "stage,outcome",
     "Transactions by outcome: `committed`, `aborted` or `unknown`.",
     "If `aborted` rises steadily, a broker or the network has a problem."},
    {MetricGroup::kWorker, "picket_input_lag_messages", MetricType::kGauge, "stage,partition",
     "Input messages that are not processed yet.",
     "If it grows, there are too few processes of the stage, or they are too slow."},
    {MetricGroup::kWorker, "picket_input_gaps_total", MetricType::kCounter, "stage",
     "Ranges of input that Kafka deleted before the stage read them.",
     "Raise the retention of the topic or add processes; `gap` rows on `coverage` have the "
     "offsets."},
    {MetricGroup::kWorker, "picket_rebalances_total", MetricType::kCounter, "stage",
     "Assignments of partitions to a worker.",
     "If it rises while no process starts or stops, workers lose contact with the broker."},
    {MetricGroup::kWorker, "picket_restored_rows_total", MetricType::kCounter, "stage",
     "Changelog rows that were read to restore assigned partitions.", ""},
    {MetricGroup::kWorker, "picket_foreign_rows_total", MetricType::kCounter, "stage,topic",
     "Changelog rows that were skipped because they are in a partition other than their tenant's. "
     "Each restore counts them again.",
     "Find out who else writes to the topic: only Picket may."},
    {MetricGroup::kWorker, "picket_unreadable_rows_total", MetricType::kCounter, "stage,topic",
     "Changelog rows that were skipped because they cannot be decoded. Each restore counts them "
     "again.",
     "Find out who else writes to the topic: only Picket may."},
    {MetricGroup::kWorker, "picket_commit_duration_seconds", MetricType::kHistogram, "stage",
     "Time from the beginning of a transaction to its commit.", ""},
    {MetricGroup::kWorker, "picket_restore_duration_seconds", MetricType::kHistogram, "stage",
     "Time from the assignment of a partition until its state is restored.", ""},

    // The fetcher.
    {MetricGroup::kFetcher, "picket_tenant_info", MetricType::kGauge, "tenant,name",
     "Always 1; gives the name of a tenant whose log this process collects.",
     "Join with it to show names: `… * on(tenant) group_left(name) picket_tenant_info`."},
    {MetricGroup::kFetcher, "picket_fetcher_tenant_healthy", MetricType::kGauge, "tenant",
     "1 while the tenant's log is collected, 0 while collection is suspended.",
     "If it is 0, the log and a `health` row on `coverage` have the reason."},
    {MetricGroup::kFetcher, "picket_fetcher_requests_per_minute", MetricType::kGauge, "tenant",
     "Request rate that the tenant's quota appears to allow.", ""},
    {MetricGroup::kFetcher, "picket_fetcher_listing_lag_seconds", MetricType::kGauge, "tenant",
     "Age of the oldest watermark of the tenant.",
     "If it grows, content is not listed; check `picket_fetcher_tenant_healthy`."},
    {MetricGroup::kFetcher, "picket_fetcher_oldest_unfetched_seconds", MetricType::kGauge, "tenant",
     "Age of the oldest content blob that is listed but not stored.",
     "Content expires after seven days; act long before."},
    {MetricGroup::kFetcher, "picket_fetcher_unfetched_blobs", MetricType::kGauge, "tenant",
     "Content blobs that are listed but not stored.", ""},
    {MetricGroup::kFetcher, "picket_fetcher_late_blobs_total", MetricType::kCounter, "",
     "Content blobs that appeared in a time window that had been listed before.", ""},
    {MetricGroup::kFetcher, "picket_fetcher_gaps_total", MetricType::kCounter, "cause",
     "Parts of a tenant's log that could not be collected.",
     "A `gap` row on `coverage` has the reason."},
    {MetricGroup::kFetcher, "picket_fetcher_requests_total", MetricType::kCounter, "kind,code",
     "Requests by kind and outcome: an HTTP status, a documented AF code, or `no_answer`.", "",
     /*most_series=*/500},
    {MetricGroup::kFetcher, "picket_fetcher_token_errors_total", MetricType::kCounter, "",
     "Failed token requests.", "The log line `token_request_failed` has the reason."},
    {MetricGroup::kFetcher, "picket_fetcher_received_bytes_total", MetricType::kCounter, "form",
     "Bytes of content received, before (`wire`) and after (`decoded`) decompression.", ""},
    {MetricGroup::kFetcher, "picket_fetcher_spilled_blobs_total", MetricType::kCounter, "",
     "Content blobs written to disk because of their size.", ""},
    {MetricGroup::kFetcher, "picket_fetcher_dropped_results_total", MetricType::kCounter, "",
     "Responses that were discarded because their partition was revoked in the meantime.",
     "Nothing is lost: the new owner sends the request again."},
    {MetricGroup::kFetcher, "picket_fetcher_refused_links_total", MetricType::kCounter, "",
     "Page links that were rejected because they lead away from the tenant's listing.",
     "The log line `page_link_rejected` has the link."},
    {MetricGroup::kFetcher, "picket_fetcher_budget_used_bytes", MetricType::kGauge, "",
     "Memory used by content between retrieval and commit.", ""},

    // The parser.
    {MetricGroup::kParser, "picket_parser_empty_blobs_total", MetricType::kCounter, "",
     "Messages without a record.", ""},
    {MetricGroup::kParser, "picket_parser_moved_messages_total", MetricType::kCounter, "",
     "Messages that were forwarded to their tenant's partition.",
     "Let the sender use Kafka's default partitioner, with the tenant in lower case as key."},
    {MetricGroup::kParser, "picket_parser_future_messages_total", MetricType::kCounter, "",
     "Messages whose timestamp is more than an hour in the future.",
     "Check the clocks of the senders and of the brokers."},
    {MetricGroup::kParser, "picket_parser_cut_events_total", MetricType::kCounter, "",
     "Events without `unmapped`, because they would have been larger than 6 MiB with it.",
     "The record is on `dead-letters` too, with the reason `too_large`. It counts as an event and "
     "not in `picket_dead_letters_total`."},
    {MetricGroup::kParser, "picket_parser_checked_events_total", MetricType::kCounter, "",
     "Events that were checked against the schema of their class.", ""},
    {MetricGroup::kParser, "picket_parser_invalid_events_total", MetricType::kCounter, "class_uid",
     "Checked events that violate the schema of their class.",
     "An error of the mapping: report the path from the log line `event_schema_violation`."},
    {MetricGroup::kParser, "picket_parser_duplicate_window_seconds", MetricType::kGauge,
     "partition", "Length of the duplicate window.",
     "If it is shorter than configured, Ids were forgotten: memory or disk was full."},
    {MetricGroup::kParser, "picket_parser_seen_forgotten_total", MetricType::kCounter, "reason",
     "Record Ids that were forgotten before they left the duplicate window.",
     "Give `parser.duplicate_dir` more room."},
    {MetricGroup::kParser, "picket_parser_seen_ids", MetricType::kGauge, "",
     "Record Ids in the duplicate window.", ""},
    {MetricGroup::kParser, "picket_parser_seen_bytes", MetricType::kGauge, "",
     "Memory used by the duplicate window.", ""},
    {MetricGroup::kParser, "picket_parser_seen_disk_bytes", MetricType::kGauge, "",
     "Disk space used by the duplicate window.", ""},
    {MetricGroup::kParser, "picket_parser_seen_runs", MetricType::kGauge, "",
     "Files of the duplicate window on disk.", ""},
    {MetricGroup::kParser, "picket_parser_seen_disk_reads_total", MetricType::kCounter, "",
     "Lookups that read a file of the duplicate window.", ""},
    {MetricGroup::kParser, "picket_parser_seen_disk_errors_total", MetricType::kCounter, "",
     "Failed disk operations of the duplicate window.", "Check the disk; the log has the error."},
    {MetricGroup::kParser, "picket_normalizer_bytes_total", MetricType::kCounter, "",
     "Bytes of blobs read, in committed transactions.", ""},
    {MetricGroup::kParser, "picket_normalizer_salvaged_blobs_total", MetricType::kCounter, "",
     "Blobs that were read record by record, because something in them is unusual.",
     "Normal for tenants with masked fields and for wrapped records; it costs time."},
    {MetricGroup::kParser, "picket_normalizer_unmapped_operations_total", MetricType::kCounter,
     "workload,operation", "Records whose operation has no row of its own in the mapping.",
     "Report operations that matter to you.", /*most_series=*/500},
    {MetricGroup::kParser, "picket_normalizer_mixed_type_fields_total", MetricType::kCounter,
     "field", "Undocumented fields that occurred with two JSON types.",
     "A search index rejects events with the second type: map the field as a string.",
     /*most_series=*/200},
    {MetricGroup::kParser, "picket_normalizer_geo_reloads_total", MetricType::kCounter, "",
     "Geo databases that were read again because their file changed.", ""},
    {MetricGroup::kParser, "picket_normalizer_geo_refused_total", MetricType::kCounter, "",
     "Changed geo databases that could not be read, so that the old one stays in use.",
     "The log line `geo_database_kept` has the reason."},

    // The detector.
    {MetricGroup::kDetector, "picket_rule_matches_total", MetricType::kCounter, "rule",
     "Events that matched a rule, after the filters of their tenant.", "",
     /*most_series=*/10'000},
    {MetricGroup::kDetector, "picket_alerts_total", MetricType::kCounter, "rule,level",
     "Alerts raised, in committed transactions.", "", /*most_series=*/10'000},
    {MetricGroup::kDetector, "picket_alerts_suppressed_total", MetricType::kCounter, "rule",
     "Alerts that a suppression of the tenant discarded.", "", /*most_series=*/10'000},
    {MetricGroup::kDetector, "picket_rules", MetricType::kGauge, "kind",
     "Rules in force: `event` or `correlation`.", ""},
    {MetricGroup::kDetector, "picket_rule_faults", MetricType::kGauge, "",
     "Faults in the rules of the source. While it is not 0, older rules are in force, or only the "
     "rules without faults.",
     "`/rules` and the log name the faults."},
    {MetricGroup::kDetector, "picket_rule_reloads_total", MetricType::kCounter, "result",
     "Changes of rules or of tenants' settings: `applied` or `refused`.", ""},
    {MetricGroup::kDetector, "picket_rules_applied_timestamp_seconds", MetricType::kGauge, "",
     "Time at which the current rules came into force.", ""},
    {MetricGroup::kDetector, "picket_rules_compile_seconds", MetricType::kHistogram, "",
     "Time to read and compile changed rules or settings.", ""},
    {MetricGroup::kDetector, "picket_rules_swap_seconds", MetricType::kHistogram, "",
     "Time for which a worker pauses to switch to new rules.", ""},
    {MetricGroup::kDetector, "picket_rules_never_matched", MetricType::kGauge, "",
     "Rules that no event has matched since they came into force.", "`/rules` lists them."},
    {MetricGroup::kDetector, "picket_rules_without_list", MetricType::kGauge, "",
     "Rules that are off for a tenant because a placeholder has no list, summed over tenants. All "
     "tenants without settings count as one.",
     "Give the tenant the list (`detector.lists`)."},
    {MetricGroup::kDetector, "picket_tenant_settings", MetricType::kGauge, "",
     "Tenants with settings of their own for the detector.", ""},
    {MetricGroup::kDetector, "picket_tenant_settings_faults", MetricType::kGauge, "",
     "Faults in tenants' settings that are not in force.", "`/rules` and the log name them."},
    {MetricGroup::kDetector, "picket_suppressions", MetricType::kGauge, "state",
     "Suppressions in the settings of tenants: `in_force` or `expired`.",
     "Renew or remove the expired ones."},
    {MetricGroup::kDetector, "picket_correlation_groups", MetricType::kGauge, "",
     "Groups with an open window.", ""},
    {MetricGroup::kDetector, "picket_correlation_late_events_total", MetricType::kCounter, "",
     "Events that were too old for the windows of their correlation.",
     "If events arrive later than `detector.allowed_lateness_secs`, raise it."},
    {MetricGroup::kDetector, "picket_correlation_future_events_total", MetricType::kCounter, "",
     "Events whose time was too far after their arrival to advance event time.", ""},
    {MetricGroup::kDetector, "picket_correlation_skipped_events_total", MetricType::kCounter, "",
     "Events that lack a field that their correlation groups by or counts.", ""},
    {MetricGroup::kDetector, "picket_correlation_evictions_total", MetricType::kCounter, "what",
     "State of correlations that was dropped to bound memory use.",
     "A correlation groups by something that has too many values."},
};

inline constexpr size_t kMetricCount = sizeof(kMetrics) / sizeof(kMetrics[0]);

// Returns the index of a metric in kMetrics, or kMetricCount if there is no such metric.
constexpr size_t FindMetric(std::string_view name) {
  for (size_t i = 0; i < kMetricCount; ++i) {
    if (kMetrics[i].name == name) return i;
  }
  return kMetricCount;
}

}  // namespace picket
