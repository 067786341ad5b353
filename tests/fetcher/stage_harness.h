#pragma once

// Runs the fetcher's stage against a simulated cloud, without a network, a broker or real time.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fetcher/fetcher_stage.h"
#include "fetcher/ledger.h"
#include "kafka/topics.h"
#include "m365/api_time.h"
#include "model/message_headers.h"
#include "simulator/cloud.h"
#include "tests/support/fake_clock.h"

namespace picket::fetcher {

inline constexpr char kCloudOrigin[] = "https://cloud.example";

// Passes requests to a simulated cloud when the test calls Deliver().
class CloudTransport final : public m365::HttpTransport {
 public:
  CloudTransport(simulator::Cloud& cloud, const Clock& cloud_clock)
      : cloud_(cloud), clock_(cloud_clock) {}

  void Send(m365::HttpRequest request, std::function<void(m365::HttpResponse)> done) override {
    urls.push_back(request.url);
    waiting_.push_back({std::move(request), std::move(done)});
  }

  // Answers up to `most` waiting requests. If `reversed` is true, the newest requests are answered
  // first.
  void Deliver(size_t most = SIZE_MAX, bool reversed = false) {
    std::deque<Waiting> now = std::exchange(waiting_, {});
    if (reversed) std::reverse(now.begin(), now.end());
    for (Waiting& waiting : now) {
      if (most == 0) {
        waiting_.push_back(std::move(waiting));
        continue;
      }
      --most;
      waiting.done(Answer(waiting.request));
    }
  }
  size_t waiting() const { return waiting_.size(); }

  // If set, this function is called for each response and may modify the response.
  std::function<void(const std::string& url, m365::HttpResponse& response)> tamper;
  std::vector<std::string> urls;

 private:
  struct Waiting {
    m365::HttpRequest request;
    std::function<void(m365::HttpResponse)> done;
  };

  m365::HttpResponse Answer(m365::HttpRequest& request) {
    simulator::HttpRequest call;
    call.method = request.method == m365::HttpRequest::Method::kGet ? "GET" : "POST";
    call.origin = kCloudOrigin;
    call.target = request.url.substr(call.origin.size());
    if (!request.bearer.empty()) {
      call.authorization = absl::StrCat("Bearer ", std::string(request.bearer.Reveal()));
    }
    call.body = std::string(request.form.Reveal());
    simulator::HttpResponse answer = cloud_.Handle(call);
    m365::HttpResponse response;
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) {
      std::string lower = name;
      for (char& c : lower) c = static_cast<char>(std::tolower(c));
      response.headers.emplace_back(lower, value);
    }
    response.headers.emplace_back(
        "date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", clock_.Now(), absl::UTCTimeZone()));
    std::string body = answer.body == nullptr ? "" : *answer.body;
    if (answer.fault == simulator::BodyFault::kTruncated) body.resize(body.size() / 2);
    if (answer.fault == simulator::BodyFault::kStalled) {
      response.error = absl::DeadlineExceededError("the transfer stalled");
    }
    response.body = std::move(body);
    if (tamper) tamper(request.url, response);
    if (response.error.ok() && response.status == 200 && request.sink != nullptr) {
      response.error = request.sink->Append(response.body);
      response.body.clear();
    }
    return response;
  }

  simulator::Cloud& cloud_;
  const Clock& clock_;
  std::deque<Waiting> waiting_;
};

inline m365::TenantConfig ConfigOf(const simulator::Tenant& tenant,
                                   const std::string& url = kCloudOrigin) {
  m365::TenantConfig config;
  config.tenant_id = tenant.id;
  config.name = tenant.name;
  config.cloud = "custom";
  config.login_url = url;
  config.api_url = url;
  config.client_id = tenant.client_id;
  config.client_secret = m365::Secret(tenant.client_secret);
  config.content_types = tenant.content_types;
  return config;
}

// The committed contents of the topics.
struct Topics {
  struct Message {
    std::string key;
    std::string value;
    bool is_tombstone = false;
    std::map<std::string, std::string> headers;
  };
  std::map<std::pair<kafka::Topic, int32_t>, std::vector<Message>> logs;

  void Append(const kafka::OutputBatch& batch) {
    for (const kafka::OutputBatch::Entry& entry : batch.entries()) {
      Message message{std::string(entry.key), std::string(entry.value), entry.is_tombstone, {}};
      for (const kafka::Header& header : batch.HeadersOf(entry)) {
        message.headers[std::string(header.name)] = std::string(header.value);
      }
      logs[{entry.topic, entry.partition}].push_back(std::move(message));
    }
  }
  std::vector<Message> All(kafka::Topic topic) const {
    std::vector<Message> all;
    for (const auto& [place, log] : logs) {
      if (place.first == topic) all.insert(all.end(), log.begin(), log.end());
    }
    return all;
  }
  // Returns how often the first chunk of each content blob occurs on `raw`, indexed by content id.
  std::map<std::string, int> RawBlobs() const {
    std::map<std::string, int> count;
    for (const Message& message : All(kafka::Topic::kRaw)) {
      if (message.headers.at("chunk").starts_with("1/")) ++count[message.headers.at("content-id")];
    }
    return count;
  }
  std::vector<std::string> Coverage(const std::string& kind) const {
    std::vector<std::string> rows;
    for (const Message& message : All(kafka::Topic::kCoverage)) {
      if (message.key.find("|" + kind + "|") != std::string::npos) rows.push_back(message.value);
    }
    return rows;
  }
};

// Restores a partition of a stage from the ledger in `topics`, as a worker does.
inline void RestoreLedger(kafka::Stage& stage, Topics& topics, int32_t partition) {
  stage.BeginRestore(partition);
  int64_t offset = 0;
  for (const Topics::Message& row : topics.logs[{kafka::Topic::kLedger, partition}]) {
    kafka::Message message;
    message.partition = partition;
    message.offset = offset++;
    message.key = row.key;
    message.value = row.value;
    message.is_tombstone = row.is_tombstone;
    stage.RestoreRow(message);
  }
  stage.EndRestore(partition);
}

// Simulates the loop of a worker that has one stage and owns all partitions.
class StageHarness {
 public:
  static constexpr int32_t kPartitions = 4;

  explicit StageHarness(simulator::CloudOptions options = {}, int tenants = 1)
      : cloud(options, simulator::InventTenants(tenants, 7), clock),
        transport(std::make_shared<CloudTransport>(cloud, clock)) {
    topics_config.partitions = kPartitions;
    config.poll_interval = absl::Seconds(10);
    config.settle = absl::ZeroDuration();
    config.overlap = absl::Seconds(30);
    std::vector<m365::TenantConfig> configs;
    for (const simulator::Tenant& tenant : cloud.tenants()) configs.push_back(ConfigOf(tenant));
    this->tenants = std::make_shared<const std::vector<m365::TenantConfig>>(std::move(configs));
  }

  // Makes a new stage, which knows only the contents of the topics.
  void Start() {
    stage.reset();
    out.Clear();
    open = false;
    transport = std::make_shared<CloudTransport>(cloud, clock);
    transport->tamper = tamper;
    stage = MakeFetcherStage(config, tenants, topics_config, transport, clock, metrics);
    for (int32_t partition = 0; partition < kPartitions; ++partition) Restore(partition);
  }
  void Restore(int32_t partition) { RestoreLedger(*stage, topics, partition); }

  enum class Decision { kCommit, kAbort };

  void Collect() {
    stage->Collect(8 << 20, out);
    open = true;
  }
  void Decide(Decision decision) {
    if (decision == Decision::kCommit) {
      topics.Append(out);
      stage->Commit();
    } else {
      stage->Abort();
    }
    out.Clear();
    open = false;
  }
  // Runs one round of the worker's loop.
  void Step(Decision decision = Decision::kCommit) {
    clock.Advance(absl::Milliseconds(100));
    transport->Deliver();
    Collect();
    if (out.empty()) {
      open = false;
    } else {
      Decide(decision);
    }
    stage->BetweenTransactions();
  }
  void Run(absl::Duration span) {
    for (int i = 0; i < span / absl::Milliseconds(100); ++i) Step();
  }
  // Runs until nothing new has been committed to `raw` for two poll intervals. Returns false if
  // this takes longer than `most`.
  bool RunUntilQuiet(absl::Duration most = absl::Minutes(10)) {
    const absl::Time end = clock.Now() + most;
    absl::Time changed = clock.Now();
    size_t raw = 0;
    while (clock.Now() < end) {
      Step();
      const size_t now = topics.All(kafka::Topic::kRaw).size();
      if (now != raw) changed = clock.Now();
      raw = now;
      if (clock.Now() - changed > 2 * config.poll_interval) return true;
    }
    return false;
  }

  // Runs until all published content is on `raw`. Returns false if this takes longer than `most`.
  bool RunUntilStored(absl::Duration most) {
    const absl::Time end = clock.Now() + most;
    while (clock.Now() < end) {
      Run(absl::Seconds(5));
      if (topics.RawBlobs().size() >= published.size()) return true;
    }
    return false;
  }

  // Publishes the given number of blobs with two records each. Adds the content ids to `published`.
  void Publish(int count, std::string_view type = simulator::kExchange, size_t tenant = 0) {
    for (int i = 0; i < count; ++i) {
      published.push_back(
          cloud.Publish(cloud.tenants()[tenant].id, type,
                        absl::StrCat("[{\"Id\":\"", published.size(), "\"},{\"Id\":\"x\"}]")));
      clock.Advance(absl::Milliseconds(7));
    }
  }
  // Returns the expected result of RawBlobs(), in which each published blob occurs once.
  std::map<std::string, int> Expected() const {
    std::map<std::string, int> expected;
    for (const std::string& id : published) expected[id] = 1;
    return expected;
  }

  FakeClock clock{absl::FromUnixSeconds(1'790'000'000)};
  simulator::Cloud cloud;
  FetcherConfig config;
  kafka::TopicsConfig topics_config;
  Tenants tenants;
  Metrics metrics;
  std::shared_ptr<CloudTransport> transport;
  std::function<void(const std::string& url, m365::HttpResponse& response)> tamper;
  std::unique_ptr<kafka::Stage> stage;
  kafka::OutputBatch out;
  bool open = false;
  Topics topics;
  std::vector<std::string> published;
};

}  // namespace picket::fetcher
