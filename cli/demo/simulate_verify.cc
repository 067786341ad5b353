#include "cli/demo/simulate_verify.h"

#include <httplib.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/command_line.h"
#include "cli/config_file.h"
#include "cli/demo/publish_audit.h"
#include "cli/exit_status.h"
#include "cli/plural.h"
#include "common/clock.h"
#include "common/json_writer.h"
#include "common/status_macros.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"
#include "simulator/faults/fault.h"

namespace picket {
namespace {

constexpr size_t kMostFindings = 100;
constexpr size_t kMostRecordLines = 20;
constexpr absl::Duration kReadLimit = absl::Minutes(10);

struct VerifyOptions {
  std::string config_file;
  std::string simulator_url;
  std::string ca_file;
  std::string publish_log;
  std::string wait = "0s";
  std::string ignore_newer = "0s";
  std::string format = "text";
};

using OnRow = std::function<void(const simulator::PublishedBlob&)>;

// Splits the bytes of a publish log into lines and parses them. Ignores a last line without a line
// break, because the simulator may still be writing it.
class RowSplitter {
 public:
  explicit RowSplitter(const OnRow& on_row) : on_row_(on_row) {}

  // Returns false if a line is not a row.
  bool Add(std::string_view bytes) {
    pending_.append(bytes);
    size_t begin = 0;
    for (size_t end = pending_.find('\n'); end != std::string::npos;
         end = pending_.find('\n', begin)) {
      ++line_;
      const absl::StatusOr<simulator::PublishedBlob> row =
          simulator::ParsePublishedRow(std::string_view(pending_).substr(begin, end - begin));
      if (!row.ok()) {
        status_ =
            absl::InvalidArgumentError(absl::StrCat("line ", line_, ": ", row.status().message()));
        return false;
      }
      on_row_(*row);
      begin = end + 1;
    }
    pending_.erase(0, begin);
    return true;
  }
  const absl::Status& status() const { return status_; }
  size_t lines() const { return line_; }

 private:
  const OnRow& on_row_;
  std::string pending_;
  size_t line_ = 0;
  absl::Status status_;
};

absl::Status ReadRowsFromFile(const std::string& path, const OnRow& on_row) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  RowSplitter splitter(on_row);
  std::string buffer(1 << 20, '\0');
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
         file.gcount() > 0) {
    if (!splitter.Add(std::string_view(buffer.data(), static_cast<size_t>(file.gcount())))) break;
  }
  if (!splitter.status().ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", splitter.status().message()));
  }
  return absl::OkStatus();
}

absl::Status ReadRowsFromSimulator(const VerifyOptions& options, const OnRow& on_row) {
  httplib::Client client(options.simulator_url);
  if (!client.is_valid()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--simulator ", options.simulator_url, ": not a URL"));
  }
  client.set_read_timeout(300, 0);
  if (!options.ca_file.empty()) client.set_ca_cert_path(options.ca_file);
  RowSplitter splitter(on_row);
  std::string refusal;
  int status = 0;
  const httplib::Result answer = client.Get(
      "/simulator/published",
      [&](const httplib::Response& response) {
        status = response.status;
        return true;
      },
      [&](const char* bytes, size_t length) {
        if (status == 200) return splitter.Add(std::string_view(bytes, length));
        if (refusal.size() < 500) refusal.append(bytes, length);
        return true;
      });
  if (!splitter.status().ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.simulator_url, ": ", splitter.status().message()));
  }
  if (!answer) {
    return absl::UnavailableError(absl::StrCat("no answer from the simulator at ",
                                               options.simulator_url, ": ",
                                               httplib::to_string(answer.error())));
  }
  if (status != 200) {
    return absl::UnavailableError(absl::StrCat("the simulator at ", options.simulator_url,
                                               " answered ", status, ": ", refusal));
  }
  return absl::OkStatus();
}

absl::Status ReadRows(const VerifyOptions& options, const OnRow& on_row) {
  return options.publish_log.empty() ? ReadRowsFromSimulator(options, on_row)
                                     : ReadRowsFromFile(options.publish_log, on_row);
}

// Reads the topics raw, dead-letters and coverage.
class Topics {
 public:
  static absl::StatusOr<std::unique_ptr<Topics>> Open(const PicketConfig& config) {
    auto topics = std::make_unique<Topics>();
    for (const kafka::Topic topic :
         {kafka::Topic::kRaw, kafka::Topic::kDeadLetters, kafka::Topic::kCoverage}) {
      ASSIGN_OR_RETURN(auto reader, kafka::TopicReader::Open(
                                        config.kafka, kafka::TopicName(config.topics.prefix, topic),
                                        kafka::TopicReader::Isolation::kReadCommitted));
      topics->readers_.emplace_back(topic, std::move(reader));
    }
    return topics;
  }

  absl::Status ReadToEnd(PublishAudit& audit) {
    for (auto& [topic, reader] : readers_) {
      RETURN_IF_ERROR(reader->ReadToEnd(kReadLimit, Handler(topic, audit)));
    }
    return absl::OkStatus();
  }

 private:
  static kafka::TopicReader::OnMessage Handler(kafka::Topic topic, PublishAudit& audit) {
    return [topic, &audit](const kafka::Message& message) {
      if (topic == kafka::Topic::kRaw) audit.AddRaw(message);
      if (topic == kafka::Topic::kDeadLetters) audit.AddDeadLetter(message);
      if (topic == kafka::Topic::kCoverage) audit.AddCoverage(message);
    };
  }

  std::vector<std::pair<kafka::Topic, std::unique_ptr<kafka::TopicReader>>> readers_;
};

const char* EndName(BlobEnd end) {
  switch (end) {
    case BlobEnd::kUnaccounted:
      return "unaccounted for";
    case BlobEnd::kIncomplete:
      return "incomplete";
    case BlobEnd::kDoubled:
      return "doubled";
    default:
      return "altered";
  }
}

void PrintText(const AuditCounts& counts, const std::vector<PublishAudit::Finding>& findings,
               const PublishAudit& audit) {
  std::string line = absl::StrCat(Counted(counts.blobs, "blob"), ": ", counts.stored,
                                  " stored once, ", counts.dead, " dead, ", counts.in_gap,
                                  " in gap rows, ", counts.unaccounted, " unaccounted for");
  const auto add = [&line](uint64_t number, const char* what) {
    if (number > 0) absl::StrAppend(&line, ", ", number, " ", what);
  };
  add(counts.incomplete, "incomplete");
  add(counts.doubled, "doubled");
  add(counts.altered, "altered");
  add(counts.unknown, "never published");
  std::puts(line.c_str());
  std::puts(absl::StrCat(Counted(counts.records, "record"), ": ", counts.records_stored,
                         " stored once on raw, ", counts.records_dead,
                         " too long for a message and on dead-letters")
                .c_str());
  for (const PublishAudit::Finding& finding : findings) {
    std::puts(absl::StrCat(EndName(finding.end), ": ", finding.tenant, " ", finding.content_type,
                           " ", finding.content_id, ": ", finding.detail)
                  .c_str());
    for (const std::string& record : audit.RecordLines(finding, kMostRecordLines)) {
      std::puts(absl::StrCat("  ", record).c_str());
    }
  }
  if (counts.wrong() > findings.size()) {
    std::puts(absl::StrCat("and ", counts.wrong() - findings.size(), " more").c_str());
  }
}

void PrintJson(const AuditCounts& counts, const std::vector<PublishAudit::Finding>& findings,
               const PublishAudit& audit) {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject().Key("blobs").Value(counts.blobs).Key("stored_once").Value(counts.stored);
  json.Key("dead").Value(counts.dead).Key("in_gap_rows").Value(counts.in_gap);
  json.Key("unaccounted_for").Value(counts.unaccounted);
  json.Key("incomplete").Value(counts.incomplete).Key("doubled").Value(counts.doubled);
  json.Key("altered").Value(counts.altered).Key("never_published").Value(counts.unknown);
  json.Key("records").Value(counts.records);
  json.Key("records_stored_once").Value(counts.records_stored);
  json.Key("records_dead").Value(counts.records_dead).Key("findings").BeginArray();
  for (const PublishAudit::Finding& finding : findings) {
    json.BeginObject().Key("what").Value(EndName(finding.end)).Key("tenant").Value(finding.tenant);
    json.Key("content_type").Value(finding.content_type);
    json.Key("content_id").Value(finding.content_id).Key("detail").Value(finding.detail);
    json.Key("records").BeginArray();
    for (const std::string& record : audit.RecordLines(finding, kMostRecordLines)) {
      json.Value(record);
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  std::puts(text.c_str());
}

absl::StatusOr<absl::Duration> SpanOf(const char* name, const std::string& text) {
  const std::optional<absl::Duration> span = simulator::ParseSpan(text);
  if (!span.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " ", text, ": not a time such as 30s, 5m or 2h"));
  }
  return *span;
}

// Reads the topics until every published blob is accounted for, or until `wait` has passed. Returns
// the last counts.
absl::StatusOr<AuditCounts> Compare(const VerifyOptions& options, const PicketConfig& config,
                                    absl::Duration wait, absl::Duration ignore_newer,
                                    PublishAudit& audit) {
  const absl::Time newest = absl::Now() - ignore_newer;
  RETURN_IF_ERROR(ReadRows(options, [&](const simulator::PublishedBlob& blob) {
    if (ignore_newer == absl::ZeroDuration() || blob.created <= newest) audit.AddPublished(blob);
  }));
  ASSIGN_OR_RETURN(const std::unique_ptr<Topics> topics, Topics::Open(config));
  const MonotonicTime deadline = SystemMonotonicNow() + wait;
  while (true) {
    RETURN_IF_ERROR(topics->ReadToEnd(audit));
    AuditCounts counts = audit.Count();
    if (counts.unknown > 0) {
      // The simulator may have published more blobs since its rows were first read.
      RETURN_IF_ERROR(ReadRows(
          options, [&](const simulator::PublishedBlob& blob) { audit.AcceptLaterBlob(blob); }));
      counts = audit.Count();
    }
    if (counts.wrong() == 0 || SystemMonotonicNow() >= deadline) return counts;
    absl::SleepFor(std::min(absl::Seconds(1), deadline - SystemMonotonicNow()));
  }
}

absl::StatusOr<int> Verify(const VerifyOptions& options) {
  ASSIGN_OR_RETURN(const absl::Duration wait, SpanOf("--wait", options.wait));
  ASSIGN_OR_RETURN(const absl::Duration ignore_newer,
                   SpanOf("--ignore-newer", options.ignore_newer));
  PicketConfig config;
  if (!ReadCommandConfig("picket simulate verify", options.config_file, config)) {
    return kExitWrongUsage;
  }
  PublishAudit audit;
  ASSIGN_OR_RETURN(const AuditCounts counts, Compare(options, config, wait, ignore_newer, audit));
  const std::vector<PublishAudit::Finding> findings = audit.Findings(kMostFindings);
  if (!findings.empty()) {
    // Reads everything a second time and keeps the records of the wrong blobs, so that the output
    // can name these records.
    audit.ForgetMessages();
    audit.TrackRecords(findings);
    RETURN_IF_ERROR(
        ReadRows(options, [&](const simulator::PublishedBlob& blob) { audit.AddPublished(blob); }));
    ASSIGN_OR_RETURN(const std::unique_ptr<Topics> topics, Topics::Open(config));
    RETURN_IF_ERROR(topics->ReadToEnd(audit));
  }
  if (options.format == "json") {
    PrintJson(counts, findings, audit);
  } else {
    PrintText(counts, findings, audit);
  }
  return counts.wrong() == 0 ? kExitOk : kExitFaultInData;
}

}  // namespace

void AddSimulateVerify(CLI::App& simulate, int& exit_status) {
  CLI::App* const command =
      simulate.add_subcommand("verify", "Compare what a simulator published with the topics");
  command->footer(
      "Accounts for each published blob and record: stored once on raw, on dead-letters with a "
      "reason, or in a gap row of coverage. The ledger is not read. Ends with status 1 and names "
      "what is unaccounted for, incomplete, doubled or altered.");
  const auto options = std::make_shared<VerifyOptions>();
  command->add_option("--config", options->config_file, kConfigOptionHelp)->type_name("FILE");
  CLI::Option* const url = command->add_option("--simulator", options->simulator_url,
                                               "URL of the running simulator, http://HOST:PORT");
  url->type_name("URL");
  CLI::Option* const log = command->add_option("--publish-log", options->publish_log,
                                               "File that the simulator wrote with --publish-log");
  log->type_name("FILE")->excludes(url);
  command
      ->add_option("--ca-file", options->ca_file,
                   "Certificate of the authority of a simulator with --https")
      ->type_name("FILE");
  command
      ->add_option("--wait", options->wait,
                   "Read the topics again for at most this time, until all is accounted for")
      ->capture_default_str()
      ->type_name("TIME");
  command
      ->add_option("--ignore-newer", options->ignore_newer,
                   "Leave out blobs that are younger than this")
      ->capture_default_str()
      ->type_name("TIME");
  command->add_option("--format", options->format, "Format of the output")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([options, &exit_status] {
    if (options->simulator_url.empty() && options->publish_log.empty()) {
      std::fputs("picket simulate verify: --simulator or --publish-log is needed\n", stderr);
      exit_status = kExitWrongUsage;
      return;
    }
    const absl::StatusOr<int> status = Verify(*options);
    if (status.ok()) {
      exit_status = *status;
      return;
    }
    std::fprintf(stderr, "picket simulate verify: %s\n",
                 std::string(status.status().message()).c_str());
    exit_status = kExitWrongUsage;
  });
}

}  // namespace picket
