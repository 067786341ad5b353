#include "simulator/simulator.h"

#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/status_macros.h"
#include "common/tenant.h"
#include "simulator/faults/fault_file.h"
#include "simulator/records_file.h"
#include "simulator/server/http_server.h"

namespace picket::simulator {
namespace {

// Returns the bytes of one source, and then those of another.
class ChainedSource final : public BodySource {
 public:
  ChainedSource(std::unique_ptr<BodySource> first, std::unique_ptr<BodySource> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  std::string_view Next() override {
    const std::string_view piece = first_->Next();
    return piece.empty() ? second_->Next() : piece;
  }

 private:
  const std::unique_ptr<BodySource> first_;
  const std::unique_ptr<BodySource> second_;
};

bool IsLoopback(std::string_view address) {
  constexpr std::string_view kMapped = "::ffff:";
  if (address.starts_with(kMapped)) address.remove_prefix(kMapped.size());
  return address.starts_with("127.") || address == "::1";
}

HttpResponse Message(int status, std::string_view text) {
  std::string body;
  JsonWriter(&body).BeginObject().Key("Message").Value(text).EndObject();
  return JsonAnswer(status, std::move(body));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Simulator>> Simulator::Start(SimulatorOptions options,
                                                            Clock& clock) {
  auto simulator = std::unique_ptr<Simulator>(new Simulator(clock));
  ASSIGN_OR_RETURN(simulator->log_, PublishLog::Open(options.publish_log));
  simulator->log_has_name_ = !options.publish_log.empty();
  {
    MutexLock lock(simulator->mu_);
    simulator->logged_to_ =
        std::max(clock.Now() - options.cloud.retention, clock.Now() - options.cloud.steady.backlog);
  }
  simulator->cloud_ = std::make_unique<Cloud>(options.cloud, std::move(options.tenants), clock);
  simulator->cloud_->SetPublishLog(simulator->log_.get());
  RETURN_IF_ERROR(simulator->AddFaults(options.faults).status());
  if (options.feed.has_value()) {
    ASSIGN_OR_RETURN(simulator->feed_,
                     Feed::Make(*simulator->cloud_, *std::move(options.feed), clock));
  }

  std::unique_ptr<ServerIdentity> identity;
  if (options.https) {
    if (options.ca_file.empty()) {
      return absl::InvalidArgumentError("HTTPS needs a file for the authority's certificate");
    }
    ASSIGN_OR_RETURN(ServerIdentity made,
                     MakeServerIdentity({options.host, "localhost", "127.0.0.1", "::1"}));
    identity = std::make_unique<ServerIdentity>(std::move(made));
    RETURN_IF_ERROR(WriteFile(options.ca_file, identity->ca_pem));
  }
  Simulator* const self = simulator.get();
  Cloud* const cloud = simulator->cloud_.get();
  ASSIGN_OR_RETURN(
      simulator->server_,
      HttpServer::Start(options.host, options.port, std::move(identity), options.response_delay,
                        [self, cloud](const HttpRequest& request) {
                          return absl::StartsWith(request.target, "/simulator/")
                                     ? self->HandleOwnPage(request)
                                     : cloud->Handle(request);
                        }));
  simulator->url_ = absl::StrCat(options.https ? "https://" : "http://", options.host, ":",
                                 simulator->server_->port());
  return simulator;
}

Simulator::Simulator(Clock& clock) : clock_(clock) {}
Simulator::~Simulator() = default;

int Simulator::port() const { return server_->port(); }

HttpResponse Simulator::HandleOwnPage(const HttpRequest& request) {
  if (absl::StartsWith(request.target, "/simulator/faults")) return HandleFaults(request);
  if (request.target == "/simulator/status") return JsonAnswer(200, StatusJson());
  if (request.target == "/simulator/expectations") {
    return JsonAnswer(
        200, ExpectationsJson(feed_ == nullptr ? std::vector<ExpectedAlert>() : feed_->Expected()));
  }
  if (request.target == "/simulator/published-ids") return JsonAnswer(200, PublishedIdsJson());
  if (request.target == "/simulator/published") {
    if (const absl::Status status = log_->status(); !status.ok()) {
      return Message(500, ToStd(status.message()));
    }
    HttpResponse response;
    response.content_type = "application/x-ndjson";
    response.source = [this] { return PublishedRows(); };
    return response;
  }
  return Message(404,
                 "The simulator serves status, expectations, published-ids, published and faults.");
}

absl::StatusOr<std::vector<uint64_t>> Simulator::AddFaults(const std::vector<Fault>& faults) {
  std::vector<uint64_t> ids;
  for (const Fault& fault : faults) {
    const absl::StatusOr<uint64_t> id = cloud_->AddFault(fault);
    if (!id.ok()) {
      // Removes the faults added so far, so that no fault is in force after an error.
      for (const uint64_t added : ids) cloud_->RemoveFault(added);
      return id.status();
    }
    ids.push_back(*id);
  }
  return ids;
}

HttpResponse Simulator::HandleFaults(const HttpRequest& request) {
  constexpr std::string_view kPath = "/simulator/faults";
  if (!IsLoopback(request.remote_address)) {
    return Message(403, "Faults can be changed only from the machine of the simulator.");
  }
  const std::string_view rest = std::string_view(request.target).substr(kPath.size());
  if (request.method == "DELETE") {
    uint64_t id = 0;
    if (rest.empty()) {
      cloud_->ClearFaults();
      return JsonAnswer(200, "{}");
    }
    if (absl::SimpleAtoi(ToAbsl(rest.substr(1)), &id) && cloud_->RemoveFault(id)) {
      return JsonAnswer(200, "{}");
    }
    return Message(404, absl::StrCat("There is no fault ", ToAbsl(rest.substr(1)), "."));
  }
  if (!rest.empty()) return Message(404, "The faults are at /simulator/faults.");
  std::string body;
  JsonWriter json(&body);
  if (request.method == "POST") {
    const absl::StatusOr<std::vector<Fault>> faults = ReadFaults(request.body, "body");
    if (!faults.ok()) return Message(400, ToStd(faults.status().message()));
    const absl::StatusOr<std::vector<uint64_t>> ids = AddFaults(*faults);
    if (!ids.ok()) return Message(400, ToStd(ids.status().message()));
    json.BeginObject().Key("ids").BeginArray();
    for (const uint64_t id : *ids) json.Value(id);
    json.EndArray().EndObject();
    return JsonAnswer(200, std::move(body));
  }
  json.BeginArray();
  for (const FaultScript::Entry& entry : cloud_->ListFaults()) {
    json.BeginObject().Key("id").Value(entry.id).Key("fault").Value(FaultText(entry.fault));
    json.Key("active").Value(entry.active).Key("hits").Value(entry.hits).EndObject();
  }
  json.EndArray();
  return JsonAnswer(200, std::move(body));
}

void Simulator::LogSteadyContent() {
  if (!log_has_name_ || !cloud_->has_steady_content()) return;
  MutexLock lock(mu_);
  const absl::Time now = clock_.Now();
  const std::unique_ptr<BodySource> rows = cloud_->SteadyRows(logged_to_, now);
  for (std::string_view row = rows->Next(); !row.empty(); row = rows->Next()) log_->Append(row);
  logged_to_ = now;
}

std::unique_ptr<BodySource> Simulator::PublishedRows() {
  LogSteadyContent();
  if (log_has_name_ || !cloud_->has_steady_content()) return log_->Read();
  MutexLock lock(mu_);
  return std::make_unique<ChainedSource>(log_->Read(),
                                         cloud_->SteadyRows(logged_to_, clock_.Now()));
}

std::string Simulator::StatusJson() const {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject().Key("all_published").Value(feed_ == nullptr || feed_->AllPublished());
  json.Key("records_planned").Value(feed_ == nullptr ? 0 : feed_->records_planned());
  json.Key("records_published").Value(feed_ == nullptr ? 0 : feed_->records_published());
  json.Key("blobs_published").Value(cloud_->blobs_published());
  json.Key("blobs_served").Value(cloud_->blobs_served()).Key("requests").BeginObject();
  const RequestCounts counts = cloud_->Counts();
  for (auto entry = counts.begin(); entry != counts.end();) {
    const RequestKind kind = entry->first.first;
    json.Key(RequestKindName(kind)).BeginObject();
    for (; entry != counts.end() && entry->first.first == kind; ++entry) {
      json.Key(entry->first.second).Value(entry->second);
    }
    json.EndObject();
  }
  json.EndObject().EndObject();
  return text;
}

std::string Simulator::PublishedIdsJson() const {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject();
  if (feed_ != nullptr) {
    for (const auto& [tenant, ids] : feed_->PublishedIds()) {
      json.Key(tenant).BeginArray();
      for (const std::string& id : ids) json.Value(id);
      json.EndArray();
    }
  }
  json.EndObject();
  return text;
}

absl::Status WriteTenantFiles(const std::string& dir, const std::vector<Tenant>& tenants,
                              const std::string& url,
                              const std::function<std::string(const Tenant&)>& settings) {
  const std::filesystem::path tenants_dir = std::filesystem::path(dir) / "tenants.d";
  const std::filesystem::path secrets_dir = std::filesystem::path(dir) / "secrets";
  std::error_code error;
  std::filesystem::create_directories(tenants_dir, error);
  if (!error) std::filesystem::create_directories(secrets_dir, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot create folders in ", dir, ": ", error.message()));
  }
  for (const Tenant& tenant : tenants) {
    const std::string name = tenant.domain.substr(0, tenant.domain.find('.'));
    const std::filesystem::path secret = secrets_dir / name;
    RETURN_IF_ERROR(WriteFile(secret.string(), tenant.client_secret + "\n"));
    std::filesystem::permissions(
        secret, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);

    // This function writes the values as JSON strings, because every JSON string is also a YAML
    // string.
    const auto quoted = [](std::string_view text) {
      std::string out = "\"";
      AppendJsonEscaped(out, text);
      return out + "\"";
    };
    std::string yaml = absl::StrCat(
        "tenant_id: ", tenant.id, "\nname: ", quoted(tenant.name),
        "\ncloud: custom\nlogin_url: ", url, "\napi_url: ", url, "\nclient_id: ", tenant.client_id,
        "\nclient_secret_file: ", quoted("../secrets/" + name), "\ncontent_types:\n");
    for (const std::string& type : tenant.content_types) {
      absl::StrAppend(&yaml, "  - ", type, "\n");
    }
    if (settings) yaml += settings(tenant);
    RETURN_IF_ERROR(WriteFile((tenants_dir / (name + ".yaml")).string(), yaml));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Tenant>> TenantsOfFile(const std::string& records_file, uint64_t seed) {
  ASSIGN_OR_RETURN(const std::vector<FileRecord> records, ReadRecordsFile(records_file));
  std::vector<std::string> ids;
  std::set<std::string> known;
  for (const FileRecord& record : records) {
    const std::optional<std::string> tenant = CanonicalTenant(record.tenant);
    if (tenant.has_value() && known.insert(*tenant).second) ids.push_back(*tenant);
  }
  std::vector<Tenant> tenants = InventTenants(std::max<int>(1, static_cast<int>(ids.size())), seed);
  for (size_t i = 0; i < ids.size(); ++i) tenants[i].id = ids[i];
  return tenants;
}

}  // namespace picket::simulator
