#include "simulator/simulator.h"

#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/status_macros.h"
#include "common/tenant.h"
#include "simulator/http_server.h"
#include "simulator/records_file.h"

namespace picket::simulator {

absl::StatusOr<std::unique_ptr<Simulator>> Simulator::Start(SimulatorOptions options,
                                                            Clock& clock) {
  auto simulator = std::unique_ptr<Simulator>(new Simulator);
  simulator->cloud_ = std::make_unique<Cloud>(options.cloud, std::move(options.tenants), clock);
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
  const Simulator* const self = simulator.get();
  Cloud* const cloud = simulator->cloud_.get();
  ASSIGN_OR_RETURN(
      simulator->server_,
      HttpServer::Start(options.host, options.port, std::move(identity), options.response_delay,
                        [self, cloud](const HttpRequest& request) {
                          return absl::StartsWith(request.target, "/simulator/")
                                     ? self->HandleStatusPage(request)
                                     : cloud->Handle(request);
                        }));
  simulator->url_ = absl::StrCat(options.https ? "https://" : "http://", options.host, ":",
                                 simulator->server_->port());
  return simulator;
}

Simulator::~Simulator() = default;

int Simulator::port() const { return server_->port(); }

HttpResponse Simulator::HandleStatusPage(const HttpRequest& request) const {
  HttpResponse response;
  std::string body;
  if (request.target == "/simulator/status") {
    body = StatusJson();
  } else if (request.target == "/simulator/expectations") {
    body = ExpectationsJson(feed_ == nullptr ? std::vector<ExpectedAlert>() : feed_->Expected());
  } else if (request.target == "/simulator/published-ids") {
    body = PublishedIdsJson();
  } else {
    response.status = 404;
    body = R"({"Message":"The simulator serves status, expectations and published-ids."})";
  }
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
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

    // The values are written as JSON strings, because every JSON string is also a YAML string.
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
