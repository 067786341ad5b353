#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "simulator/content/content_store.h"
#include "simulator/content/publish_log.h"
#include "simulator/content/record_digest.h"
#include "simulator/content/steady_content.h"
#include "simulator/faults/error_answers.h"
#include "simulator/faults/fault_script.h"
#include "simulator/random.h"
#include "simulator/server/http.h"
#include "simulator/tenant.h"
#include "simulator/token_endpoint.h"

namespace picket::simulator {

struct ApiRoute;

// Settings for the behaviour of the cloud. Some of this behaviour is not documented by Microsoft.
// simulator/README.md lists what the simulator assumes instead.
struct CloudOptions {
  uint64_t seed = 1;
  int page_size = 100;
  absl::Duration token_lifetime = absl::Seconds(3599);
  // The time for which a blob can be retrieved. Published blobs are in memory for this time, so a
  // value below Microsoft's seven days limits the memory. Steady content takes no memory.
  absl::Duration retention = absl::Hours(7 * 24);
  // Requests per minute and tenant; 0 disables the quota. All calls without PublisherIdentifier
  // share one quota.
  int quota_per_minute = 2000;
  // The HTTP status of responses with the code AF429, either 403 or 429.
  int throttle_status = 403;
  // Rejects requests that the real API accepts but a good collector never sends: a call without
  // PublisherIdentifier, or a page link whose parameter names have changed case.
  bool strict = false;
  // Content that exists for all tenants without a call of Publish.
  SteadyOptions steady;
};

// A shorter way to write the most common faults. SetFaults turns them into the faults af, html,
// cut, stall, bad-uri and duplicate-entries. A member of type int is the number of requests that
// the fault affects. A member `…_share` is the fraction of the requests that the fault affects. The
// seed determines the affected requests.
struct Faults {
  int server_errors = 0;     // number of API calls answered with 500 AF50000
  int edge_errors = 0;       // number of calls answered with 503 and an HTML body, as by a proxy
  int truncated_bodies = 0;  // number of responses to blob requests that end halfway
  int stalled_bodies = 0;    // number of responses to blob requests that pause halfway for `stall`
  double server_error_share = 0;
  double truncated_share = 0;
  double stalled_share = 0;
  absl::Duration stall = absl::Seconds(30);
  bool bad_content_uri = false;    // whether contentUri has an unusable host, scheme and path
  bool duplicate_entries = false;  // whether every blob is listed twice
};

// The number of requests, by kind and result. The result is "ok", an AF or AADSTS code, an HTTP
// status if there is no code, or the name of a fault.
using RequestCounts = std::map<std::pair<RequestKind, std::string>, uint64_t>;

// Simulates the parts of Microsoft 365 that a collector uses: the token endpoint and the Management
// Activity API of several tenants.
// Threads: Any thread may use it. One lock guards all state. Lifetime: `clock` must outlive the
// cloud. Failure: the cloud cannot fail. If a request is invalid, its response reports the error.
class Cloud {
 public:
  Cloud(CloudOptions options, std::vector<Tenant> tenants, const Clock& clock);

  HttpResponse Handle(const HttpRequest& request);

  // Makes a blob available from now on. Returns the content id of the blob, or an empty string if
  // the tenant or the content type is unknown. The blob's contentCreated is the current time minus
  // `listed_late`. The real API lists some blobs after newer blobs. A positive `listed_late`
  // simulates such a blob.
  std::string Publish(std::string_view tenant, std::string_view content_type, std::string body,
                      absl::Duration listed_late = absl::ZeroDuration());
  // Publishes content of any size, which is generated when it is sent. `content.tenant` is the
  // tenant's id.
  std::string PublishLarge(std::string_view content_type, const LargeContent& content);
  // Makes the API answer requests for this blob with AF20051 (content expired). The API still lists
  // the blob.
  void Expire(std::string_view tenant, std::string_view content_id);
  // Disables the subscription, as an administrator of the tenant can do. Until the subscription is
  // started again, listing is answered with AF20023 (subscription disabled).
  void DisableSubscription(std::string_view tenant, std::string_view content_type);

  // Adds a fault, whose span of time begins to count now. Returns the fault's id. Returns an error
  // if the fault names a tenant that does not exist.
  absl::StatusOr<uint64_t> AddFault(const Fault& fault);
  // Returns false if there is no fault with this id.
  bool RemoveFault(uint64_t id);
  void ClearFaults();
  std::vector<FaultScript::Entry> ListFaults() const;
  // Replaces the faults of the last call of SetFaults.
  void SetFaults(const Faults& faults);

  // Sets the log that contains a row for each published blob. Call this function before the first
  // blob is published. Lifetime: `log` must outlive the cloud.
  void SetPublishLog(PublishLog* log);
  // Returns the rows of the steady content that was created from `from` to before `to`. The rows
  // are generated while they are read.
  std::unique_ptr<BodySource> SteadyRows(absl::Time from, absl::Time to) const;

  RequestCounts Counts() const;
  const std::vector<Tenant>& tenants() const { return tenants_; }
  uint64_t blobs_published() const;
  // Returns the number of blobs that were served completely at least once. Steady content is
  // counted each time it is served.
  uint64_t blobs_served() const;
  bool has_steady_content() const { return steady_.enabled(); }

 private:
  struct Subscription {
    enum class State { kNone, kEnabled, kDisabled, kStopped };
    State state = State::kNone;
    // The periods in which the subscription was stopped. Blobs created in them are never listed.
    std::vector<std::pair<absl::Time, absl::Time>> gaps;
    absl::Time last_start = absl::InfinitePast();
  };
  struct Account {
    const Tenant* tenant;
    ContentStore content;
    std::map<std::string_view, Subscription> subscriptions;
  };
  struct Bucket {
    double tokens;
    absl::Time filled;
  };
  // A copy of a blob that will be published.
  struct Republication {
    std::string tenant;
    std::string_view content_type;
    std::shared_ptr<const std::string> body;
  };
  struct Call;

  HttpResponse HandleToken(const HttpRequest& request, const ApiRoute& route, absl::Time now,
                           const FaultHits& hits) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse HandleOpenId(const HttpRequest& request, const ApiRoute& route, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse HandleApi(const HttpRequest& request, const ApiRoute& route, absl::Time now,
                         const FaultHits& hits) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Start(Account& account, const Call& call, absl::Time now, const FaultHits& hits)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Stop(Account& account, const Call& call, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse ListSubscriptions(Account& account) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse ListContent(Account& account, const Call& call, absl::Time now,
                           const FaultHits& hits) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Retrieve(Account& account, const ApiRoute& route, absl::Time now,
                        const FaultHits& hits) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse CountToken(TokenEndpoint::Answer answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Reject(RequestKind kind, int status, std::string_view code, std::string_view message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool TryAcquireQuota(const std::string& bucket, int per_minute, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Count(RequestKind kind, std::string_view result) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Returns the time of the server that this tenant sees.
  absl::Time ServerTime(const Tenant& tenant) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  ContentBlob* AddBlob(Account& account, std::string_view type, absl::Duration listed_late)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::string PublishBody(Account& account, std::string_view type,
                          std::shared_ptr<const std::string> body, absl::Duration listed_late)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void LogBlob(const Account& account, const ContentBlob& blob, std::vector<RecordDigest> records,
               uint64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void PublishCopies(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Carries out the faults that happen once, and publishes the copies that are due.
  void RunDueFaults();
  void RunBegunFault(const Fault& fault);
  // Returns the accounts that a fault concerns.
  std::vector<Account*> AccountsOf(const Fault& fault) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const CloudOptions options_;
  const std::vector<Tenant> tenants_;
  const Clock& clock_;
  const SteadyContent steady_;

  mutable Mutex mu_;
  StringMap<std::unique_ptr<Account>> accounts_ ABSL_GUARDED_BY(mu_);
  StringMap<Bucket> buckets_ ABSL_GUARDED_BY(mu_);
  FaultScript script_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> short_faults_ ABSL_GUARDED_BY(mu_);  // added by SetFaults
  std::multimap<absl::Time, Republication> copies_ ABSL_GUARDED_BY(mu_);
  PublishLog* log_ ABSL_GUARDED_BY(mu_) = nullptr;
  Random chance_ ABSL_GUARDED_BY(mu_);
  TokenEndpoint tokens_ ABSL_GUARDED_BY(mu_);
  RequestCounts counts_ ABSL_GUARDED_BY(mu_);
  uint64_t next_number_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t blobs_served_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace picket::simulator
